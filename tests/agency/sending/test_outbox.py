"""`agency.outbox`: messages are delivered at least once, or stay for staff to see."""

import sqlite3
from contextlib import closing

import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.errors import (
    BackendError,
    ConfigurationError,
    InvalidInputError,
    InvariantError,
    NotPermittedError,
)
from dcss_core.letters import FailedDeliveries, WaitReason
from dcss_core.plugins import Delivered, DeliveryFailed
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

pytestmark = pytest.mark.on_every_storage

DOWN = DeliveryFailed("no connection", retryable=True)
# Minutes to wait after each failure but the last, and up to a quarter more
WAITS = (1, 5, 30, 120, 720, 1440)


@pytest.fixture
def waiting(agency, janes_account, john, register, clock):
    """Two letters wait: Jane's, and John's from a second later."""
    clock.move(seconds=1)
    register(agency, john)
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 2
    return agency


def move(clock, *, minutes):
    """To when a message is due that has to wait for so many minutes, and up to a quarter more."""
    clock.move(minutes=minutes, seconds=15 * minutes)


def report(agency):
    done = agency.outbox.dispatch(by=Actor.system("dispatch"))
    return done.delivered, done.failed, done.dead


def test_what_is_due_is_delivered_once(waiting, mail, jane, john):
    assert report(waiting) == (2, 0, 0)
    assert report(waiting) == (0, 0, 0)
    assert [each.address for each in mail.delivered] == [jane.email, john.email]
    assert waiting.outbox.pending(by=Actor.system("dispatch")) == 0


def test_a_round_takes_no_more_than_its_limit_and_the_oldest_first(waiting, mail, jane):
    assert waiting.outbox.dispatch(limit=1, by=Actor.system("dispatch")).delivered == 1
    assert [each.address for each in mail.delivered] == [jane.email]


def test_a_message_that_fails_waits_longer_each_time_and_is_given_up_in_the_end(
    agency, janes_account, mail, clock
):
    mail.always = DOWN
    for minutes in WAITS:
        assert report(agency) == (0, 1, 0)
        clock.move(minutes=minutes, seconds=-1)
        assert report(agency) == (0, 0, 0)
        clock.move(seconds=1 + 15 * minutes)
    assert report(agency) == (0, 0, 1)
    clock.move(days=30)
    assert report(agency) == (0, 0, 0)
    assert (
        agency.outbox.pending(by=Actor.system("dispatch")),
        agency.outbox.dead(by=Actor.system("dispatch")),
    ) == (0, 1)
    assert len(set(mail.attempts)) == 1  # one id at every attempt
    assert len(mail.attempts) == len(WAITS) + 1


def test_a_message_that_can_never_be_delivered_is_given_up_at_once(agency, janes_account, mail):
    mail.always = DeliveryFailed("no such mailbox", retryable=False)
    assert report(agency) == (0, 0, 1)
    assert agency.outbox.dead(by=Actor.system("dispatch")) == 1


def stored(agency):
    """Every message, as it is kept."""
    return agency.outbox._resources.read(
        lambda work: [kept.record for kept in work.find(OUTBOX, ("recipient", "state", "created_at"))]
    )


@pytest.mark.parametrize(("seconds", "is_sent"), [(-1, True), (0, False)])
def test_a_code_is_sent_while_it_is_good_and_given_up_unsent_with_its_text_after_that(
    agency, janes_account, jane, mail, clock, seconds, is_sent
):
    """A code is good for 10 minutes (accounts.issued_code_minutes)."""
    report(agency)
    agency.recovery.request_code(jane.user_id)
    mail.script = [DOWN]
    assert report(agency) == (0, 1, 0)
    clock.move(minutes=10, seconds=seconds)
    assert report(agency) == ((1, 0, 0) if is_sent else (0, 0, 1))
    assert len(mail.attempts) == (3 if is_sent else 2)  # the letter on the account comes first
    assert [message.body for message in stored(agency)] == [None, None]


def test_an_assigned_password_is_given_up_unsent_once_it_lets_nobody_in(
    agency, janes_account, jane, mail, clock, reset
):
    """It does for 24 hours (accounts.assigned_password_hours)."""
    report(agency)
    reset(agency, jane)
    clock.move(hours=24)
    assert report(agency) == (0, 0, 1)
    assert mail.bodies("Your password was reset") == []


def test_a_letter_that_holds_no_secret_is_sent_however_late(agency, janes_account, clock):
    clock.move(days=400)
    assert report(agency) == (1, 0, 0)


def test_a_message_goes_out_after_the_channel_is_back(agency, janes_account, mail, clock):
    mail.script = [DOWN, DOWN]
    report(agency)
    move(clock, minutes=1)
    report(agency)
    move(clock, minutes=5)
    assert report(agency) == (1, 0, 0)


@pytest.mark.parametrize(
    "broken",
    [
        RuntimeError("smtp://user:password@host"),
        BackendError("no connection", retryable=False),
        InvalidInputError("this is not an address"),
        ConfigurationError("no such host"),
    ],
)
def test_a_channel_that_raises_stops_no_other_message(waiting, mail, broken, clock):
    mail.script = [broken]
    assert report(waiting) == (1, 1, 0)
    move(clock, minutes=1)
    assert report(waiting) == (1, 0, 0)


def test_a_channel_that_answers_nonsense_stops_no_other_message(waiting, mail):
    mail.script = ["delivered, I think"]
    assert report(waiting) == (1, 1, 0)


def test_the_second_channel_delivers_what_the_first_cannot(
    opener, storage_url, case_application, intake, jane, register, outside
):
    agency = opener(storage_url, channels=["letters:mail", "letters:text"])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    outside.channel("mail").always = DOWN
    assert report(agency) == (1, 0, 0)
    assert len(outside.channel("text").delivered) == 1


@pytest.mark.parametrize("names", [("mail", "text"), ("text", "mail")])
def test_a_channel_that_is_only_down_keeps_a_message_alive_that_another_refuses(
    opener, storage_url, case_application, intake, jane, register, outside, clock, names
):
    agency = opener(storage_url, channels=[f"letters:{name}" for name in names])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    outside.channel("mail").script = [DOWN]
    outside.channel("text").always = DeliveryFailed("not a telephone number", retryable=False)
    assert report(agency) == (0, 1, 0)
    move(clock, minutes=1)
    assert report(agency) == (1, 0, 0)


def test_without_a_channel_messages_wait_for_one(
    opener, sqlite_url, case_application, intake, jane, register
):
    agency = opener(sqlite_url, channels=[])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    assert report(agency) == (0, 0, 0)
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1
    agency.close()
    assert report(opener(sqlite_url)) == (1, 0, 0)


def test_several_dispatchers_at_once_lose_nothing_and_lease_each_message_to_one(
    waiting, mail, at_once, jane, john
):
    reports = at_once(4, lambda: waiting.outbox.dispatch(by=Actor.system("dispatch")))
    assert sum(each.delivered for each in reports) == 2
    assert sorted(mail.attempts) == sorted(set(mail.attempts))
    assert waiting.outbox.pending(by=Actor.system("dispatch")) == 0


def test_a_message_of_a_dispatcher_that_died_is_sent_by_another(agency, janes_account, mail, clock):
    mail.script = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert report(agency) == (0, 0, 0)  # still leased
    clock.move(minutes=5)
    assert report(agency) == (1, 0, 0)


class SlowChannel:
    """What a dispatcher sees that takes longer than its lease: another one gets the message meanwhile."""

    def __init__(self, mail, meanwhile, answer):
        self.mail, self.meanwhile, self.answer = mail, meanwhile, answer

    def __call__(self, message):
        self.mail.deliver = type(self.mail).deliver.__get__(self.mail)
        self.meanwhile()
        return self.answer


@pytest.mark.parametrize(
    "late", [DOWN, DeliveryFailed("no such mailbox", retryable=False), Delivered("late")]
)
def test_a_late_answer_does_not_undo_what_another_dispatcher_delivered(
    agency, janes_account, mail, clock, late
):
    def meanwhile():
        clock.move(minutes=5)
        assert report(agency) == (1, 0, 0)

    mail.deliver = SlowChannel(mail, meanwhile, late)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert (
        agency.outbox.pending(by=Actor.system("dispatch")),
        agency.outbox.dead(by=Actor.system("dispatch")),
    ) == (0, 0)
    clock.move(days=3)
    assert report(agency) == (0, 0, 0)


def test_a_late_delivery_counts_though_another_dispatcher_failed(agency, janes_account, mail, clock):
    def meanwhile():
        clock.move(minutes=5)
        mail.script = [DOWN]
        assert report(agency) == (0, 1, 0)

    mail.deliver = SlowChannel(mail, meanwhile, Delivered("late"))
    assert report(agency) == (1, 0, 0)
    clock.move(days=3)
    assert report(agency) == (0, 0, 0)


def test_the_report_reads_as_a_sentence(waiting, mail):
    mail.script = [DOWN]
    assert str(waiting.outbox.dispatch(by=Actor.system("dispatch"))) == (
        "1 delivered, 1 to try again (letters: no connection), 0 given up; "
        "1 waiting for the time of their next attempt"
    )


def test_when_nothing_waits_the_report_says_no_more_than_what_was_done(waiting):
    assert (
        str(waiting.outbox.dispatch(by=Actor.system("dispatch"))) == "2 delivered, 0 to try again, 0 given up"
    )


def test_without_a_channel_the_report_says_how_many_wait_for_one(
    opener, storage_url, case_application, intake, jane, register
):
    agency = opener(storage_url, channels=[])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    done = agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert (done.waiting, done.why_waiting) == (1, WaitReason.NO_CHANNEL)
    assert str(done) == (
        "0 delivered, 0 to try again, 0 given up; 1 waiting for a channel: this agency was opened without one"
    )


def test_after_a_round_that_reached_its_limit_the_report_says_that_another_is_needed(waiting):
    done = waiting.outbox.dispatch(limit=1, by=Actor.system("dispatch"))
    assert (done.delivered, done.waiting, done.why_waiting) == (1, 1, WaitReason.OVER_THE_LIMIT)
    assert "1 waiting for another round" in str(done)


# --- why a letter failed -----------------------------------------------------------------------------------


def why(agency):
    """Why letters failed in a round, and how the report says it."""
    done = agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert sum(each.messages for each in done.failures) == done.failed + done.dead
    return done.failures, str(done)


def test_the_report_says_why_a_channel_could_not_deliver(waiting, mail):
    mail.always = DeliveryFailed("FileNotFoundError", retryable=True)
    assert why(waiting) == (
        (FailedDeliveries("letters", "FileNotFoundError", is_given_up=False, messages=2),),
        "0 delivered, 2 to try again (letters: FileNotFoundError), 0 given up; "
        "2 waiting for the time of their next attempt",
    )


NO_CONNECTION = BackendError("no connection to user:password", retryable=False)
NO_CONNECTION.__cause__ = TimeoutError("user:password")


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (RuntimeError("smtp://user:password@host"), "RuntimeError"),
        (NO_CONNECTION, "BackendError"),
        ("delivered, I think", "PluginError"),
    ],
)
def test_of_a_channel_that_raises_the_report_names_the_type_and_not_what_it_said(
    agency, janes_account, mail, broken, named
):
    mail.script = [broken]
    failures, told = why(agency)
    reason = f"the channel broke its contract: {named}"
    assert failures == (FailedDeliveries("letters", reason, is_given_up=False),)
    assert f"1 to try again (letters: {reason}), 0 given up" in told
    assert [message.last_failure for message in stored(agency)] == [reason]
    assert "password" not in told


def test_the_report_says_that_a_code_had_expired(agency, janes_account, jane, mail, clock):
    report(agency)
    agency.recovery.request_code(jane.user_id)
    mail.script = [DOWN]
    report(agency)
    clock.move(minutes=10)
    assert why(agency) == (
        (FailedDeliveries(None, "useless_by_now", is_given_up=True),),
        "0 delivered, 0 to try again, 1 given up (a code or password that had expired)",
    )


def test_failures_of_several_kinds_in_a_round_are_told_apart_and_counted(waiting, mail, jane, john, clock):
    clock.move(seconds=1)
    waiting.recovery.request_code(jane.user_id)
    mail.script = [DOWN, DOWN, DOWN]
    report(waiting)
    clock.move(minutes=10)
    for user_id in (jane.user_id, john.user_id):
        waiting.recovery.request_code(user_id)
    mail.script = [DOWN, DeliveryFailed("no such mailbox", retryable=False), DOWN, None]
    failures, told = why(waiting)
    assert failures == (
        FailedDeliveries(None, "useless_by_now", is_given_up=True),
        FailedDeliveries("letters", "no connection", is_given_up=False, messages=2),
        FailedDeliveries("letters", "no such mailbox", is_given_up=True),
    )
    assert told == (
        "1 delivered, 2 to try again (letters: no connection), 2 given up "
        "(1 × a code or password that had expired; 1 × letters: no such mailbox); "
        "2 waiting for the time of their next attempt"
    )


def test_a_letter_that_no_channel_delivers_is_one_failure_of_the_channel_that_keeps_it_alive(
    opener, storage_url, case_application, intake, jane, register, outside
):
    agency = opener(storage_url, channels=["letters:text", "letters:mail"])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    outside.channel("text").always = DeliveryFailed("not a telephone number", retryable=False)
    outside.channel("mail").always = DOWN
    failures, _ = why(agency)
    assert failures == (FailedDeliveries("letters 2", "no connection", is_given_up=False),)


def test_no_address_is_in_the_report_or_the_row_though_a_channel_says_it(waiting, mail, jane, john):
    mail.script = [
        RuntimeError(f"550 {jane.email.reveal()} unknown"),
        DeliveryFailed(f"550 <{john.email.reveal().upper()}> unknown", retryable=False),
    ]
    failures, told = why(waiting)
    assert [each.reason for each in failures] == [
        "the channel broke its contract: RuntimeError",
        "reason_withheld",
    ]
    assert "1 given up (letters: a reason that held the address, so that it is not shown)" in told
    rows = [message.last_failure for message in stored(waiting)]
    shown = f"{failures} {told} {rows}".casefold()
    assert not any(each.email.reveal().casefold() in shown for each in (jane, john))


def test_a_dispatcher_that_is_overtaken_says_why_its_own_attempt_failed(agency, janes_account, mail, clock):
    def meanwhile():
        clock.move(minutes=5)
        mail.script = [DeliveryFailed("no such mailbox", retryable=False)]
        assert report(agency) == (0, 0, 1)

    mail.deliver = SlowChannel(mail, meanwhile, DOWN)
    assert why(agency)[0] == (FailedDeliveries("letters", "no connection", is_given_up=True),)
    assert [message.last_failure for message in stored(agency)] == ["no such mailbox"]


# --- nobody is promised a letter that nobody sends ---------------------------------------------------------


def promises(agency, jane, staff):
    """Every verb that is done by a letter; `staff` has every role."""
    yield lambda: agency.recovery.request_code(jane.user_id)
    yield lambda: agency.recovery.send_user_id(full_name=jane.name.full, ssn=jane.ssn)
    yield lambda: agency.recovery.questions(jane.ssn)
    yield lambda: agency.recovery.reset_password(full_name=jane.name.full, ssn=jane.ssn, answers=())
    yield lambda: agency.staff_resets.request("A1", by=staff, reason=ControlReason.OWNER_ASKED)
    yield lambda: agency.staff_resets.approve("R1", by=staff)
    email, roles = Secret("a@dcss.example.gov"), [StaffRole.ACCOUNT_ADMINISTRATOR]
    yield lambda: agency.staff.appoint("admin-1", email=email, roles=roles, by=Actor.system("set-up"))
    yield lambda: agency.staff.appoint_shared("desk-1", email=email, by=staff)


def test_without_a_channel_what_is_done_by_a_letter_is_refused_and_nothing_is_changed(
    opener, storage_url, case_application, intake, jane, register, long_appointed
):
    agency = opener(storage_url, channels=[])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    staff = long_appointed(agency, "worker-17", *StaffRole)
    before = [entry.kind for _, entry in agency.audit.entries(by=Actor.system("audit"))]
    for promise in promises(agency, jane, staff):
        with pytest.raises(ConfigurationError, match="opened without a channel"):
            promise()
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1  # the letter about the registration
    _, *since = [entry.kind for _, entry in agency.audit.entries(by=Actor.system("audit"))][len(before) - 1 :]
    assert set(since) <= {"staff_act_refused"}  # every error that staff meet is an entry


def test_without_a_channel_whoever_may_not_is_told_so_first(opener):
    agency = opener("memory:", channels=[])
    nobody, address = Actor.public(), Secret("a@dcss.example.gov")
    for refused in (
        lambda: agency.staff.appoint("desk", email=address, roles=[StaffRole.HELP_DESK], by=nobody),
        lambda: agency.staff_resets.request("an account", reason=ControlReason.SUSPECTED_MISUSE, by=nobody),
        lambda: agency.staff_resets.approve("a request", by=nobody),
    ):
        with pytest.raises(NotPermittedError):
            refused()


def test_where_another_process_dispatches_the_outbox_letters_are_promised_and_wait(
    opener, sqlite_url, case_application, intake, jane, register, mail
):
    portal = opener(sqlite_url, channels=None)
    portal.cases.open(case_application, by=intake)
    register(portal, jane)
    portal.recovery.request_code(jane.user_id)
    assert portal.outbox.dispatch(by=Actor.system("dispatch")).waiting == 2
    assert report(opener(sqlite_url)) == (2, 0, 0)
    assert len(mail.bodies("Your code for a new password")) == 1


def test_a_verb_that_succeeds_has_its_letter_waiting_before_any_channel_is_asked(agency, janes_account, mail):
    assert mail.attempts == []
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1


def test_no_subject_and_no_text_holds_a_name_or_a_number(waiting, mail, jane, john):
    waiting.outbox.dispatch(by=Actor.system("dispatch"))
    for message in mail.delivered:
        text = message.subject + message.body.reveal()
        for private in (*map(str, (jane.name.last, john.name.last)), "0004567890", jane.ssn.reveal()[-4:]):
            assert private not in text


def test_an_address_is_never_shown(waiting, mail, jane):
    mail.script = [RuntimeError(f"550 {jane.email.reveal()} unknown")]
    waiting.outbox.dispatch(by=Actor.system("dispatch"))
    shown = f"{mail.delivered} {waiting.outbox} {list(waiting.audit.entries(by=Actor.system('audit')))}"
    assert jane.email.reveal() not in shown


# --- what is owed -----------------------------------------------------------------------------------------


def test_lockout_dos_a_flood_of_requests_for_nobody_keeps_nobodys_code_waiting(
    agency, janes_account, jane, mail
):
    for number in range(250):
        agency.recovery.request_code(f"nobody-{number}")
    agency.recovery.request_code(jane.user_id)
    agency.outbox.dispatch(by=Actor.system("dispatch"), limit=5)
    assert len(mail.bodies("Your code for a new password")) == 1
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 0


def test_more_letters_than_a_round_writes_are_left_to_the_next(agency, janes_account, jane, mail):
    report(agency)
    for _ in range(5):
        agency.recovery.request_code(jane.user_id)
    first = agency.outbox.dispatch(by=Actor.system("dispatch"), limit=2)
    assert (first.delivered, first.waiting, first.why_waiting) == (2, 3, WaitReason.OVER_THE_LIMIT)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies("Your code for a new password")) == 5


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
def test_a_letter_that_can_not_be_written_is_told_and_keeps_no_other_waiting(
    agency, janes_account, jane, john, register, mail, storage_url
):
    register(agency, john)
    report(agency)
    for parent in (jane, john):
        agency.recovery.request_code(parent.user_id)
    spoil(storage_url, f"UPDATE accounts SET state = 'nonsense' WHERE account_id = '{janes_account}'")
    with pytest.raises(InvariantError):
        agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies("Your code for a new password")) == 1  # John's
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1


def spoil(url, statement):
    """Do something with a database tool."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as tool:
        tool.execute(statement)
        tool.commit()
