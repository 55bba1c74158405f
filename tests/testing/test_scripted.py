"""Stand-ins answer as they are told, in turn, keep what came, and keep the contracts of their ports."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from dcss_core import Actor, KeyRing, MasterKey, Secret, open_agency
from dcss_core.errors import BackendError, NotFoundError
from dcss_core.plugins import (
    BreachCheckUnavailable,
    Delivered,
    DeliveryFailed,
    Message,
    RecordedEvent,
    SeenInBreaches,
)
from dcss_core.testing import (
    JANE_ROE,
    Appointing,
    Arrived,
    BreachCheckConformance,
    ChannelConformance,
    CheckpointSinkConformance,
    FakeHasher,
    FrozenClock,
    Mailbox,
    ScriptedBreachCheck,
    ScriptedChannel,
    ScriptedPlugin,
    ScriptedSink,
    ScriptedSubscriber,
    case_application,
    registration_form,
    synthetic_state,
)
from dcss_core.users import Registered, RegistrationIncomplete, SignedIn, StaffRole

AWAY = DeliveryFailed("away", retryable=True)
FULL = BackendError("the disk is full", retryable=True)


def message(number=1, subject="A notice"):
    return Message(f"m{number}", Secret("a@example.com"), subject, Secret("Read it."))


def event(number=1):
    at = datetime(2026, 1, 7, tzinfo=UTC)
    return RecordedEvent(number, at, "case_opened", "case:1", {}, f"0a-{number}")


class TestAChannel(ChannelConformance):
    impossible_address = None

    @pytest.fixture
    def channel(self):
        return Mailbox()

    @pytest.fixture
    def delivered(self, channel):
        return lambda: [
            Arrived(each.message_id, each.address.reveal(), each.body.reveal()) for each in channel.delivered
        ]


class TestABreachCheck(BreachCheckConformance):
    @pytest.fixture
    def breach_check(self):
        return ScriptedBreachCheck({self.breached_password: 3})

    @pytest.fixture
    def unavailable(self):
        return ScriptedBreachCheck(always=BreachCheckUnavailable("timed_out"))

    @pytest.fixture
    def sent(self):
        return lambda: b""


class TestASink(CheckpointSinkConformance):
    @pytest.fixture
    def reopen(self):
        outside = ScriptedPlugin()
        return outside.sink


def test_a_channel_answers_in_turn_and_keeps_what_it_delivered():
    channel = ScriptedChannel(script=[AWAY, Delivered("first"), RuntimeError("broken"), None])
    assert channel.deliver(message(1)) == AWAY
    assert channel.deliver(message(1)) == Delivered("first")
    with pytest.raises(RuntimeError, match="broken"):
        channel.deliver(message(2))
    assert isinstance(channel.deliver(message(3)), Delivered)
    assert isinstance(channel.deliver(message(4)), Delivered)
    assert channel.attempts == ["m1", "m1", "m2", "m3", "m4"]
    assert [each.message_id for each in channel.delivered] == ["m1", "m3", "m4"]


def test_after_the_script_comes_what_is_always_so():
    channel = ScriptedChannel(script=[None], always=AWAY)
    assert isinstance(channel.deliver(message()), Delivered)
    assert [channel.deliver(message()) for _attempt in range(2)] == [AWAY, AWAY]
    channel.always = None
    assert isinstance(channel.deliver(message()), Delivered)


def test_a_subscriber_fails_on_cue_and_keeps_what_it_took():
    subscriber = ScriptedSubscriber(script=[None, FULL])
    subscriber.receive(event(1))
    with pytest.raises(BackendError):
        subscriber.receive(event(2))
    subscriber.receive(event(2))
    assert subscriber.attempts == [1, 2, 2]
    assert [each.sequence for each in subscriber.taken] == [1, 2]


def test_a_breach_check_answers_by_its_list_or_as_told():
    check = ScriptedBreachCheck({"known": 3}, script=[BreachCheckUnavailable("timed_out"), FULL])
    assert check.look_up(Secret("known")) == BreachCheckUnavailable("timed_out")
    with pytest.raises(BackendError):
        check.look_up(Secret("known"))
    assert [check.look_up(Secret(each)) for each in ("known", "other")] == [
        SeenInBreaches(3),
        SeenInBreaches(0),
    ]
    assert [each.reveal() for each in check.asked] == ["known", "known", "known", "other"]


def test_a_sink_fails_on_cue_and_keeps_what_was_published():
    sink = ScriptedSink(script=[FULL])
    with pytest.raises(BackendError):
        sink.publish("one")
    sink.publish("one")
    assert (sink.attempts, list(sink.published())) == (["one", "one"], ["one"])
    sink.unreadable = FULL
    with pytest.raises(BackendError):
        sink.published()


def test_what_was_closed_counts_it_and_keeps_what_came():
    channel = ScriptedChannel()
    channel.deliver(message())
    for _time in range(2):
        channel.close()
    assert (channel.closed, len(channel.delivered)) == (2, 1)


def test_several_threads_use_up_one_script():
    channel = ScriptedChannel(script=[AWAY] * 50)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: channel.deliver(message(number)), range(200)))
    assert answers.count(AWAY) == 50
    assert len(channel.attempts) == 200
    assert len(channel.delivered) == 150


def test_nothing_a_stand_in_keeps_shows_in_its_repr():
    channel, check = Mailbox(), ScriptedBreachCheck({"walrus": 1})
    channel.deliver(Message("m1", Secret("walrus"), "walrus", Secret("walrus")))
    check.look_up(Secret("walrus"))
    assert "walrus" not in f"{channel!r} {check!r}"


# --- an agency with them -----------------------------------------------------------------------------------


@pytest.fixture
def outside():
    return ScriptedPlugin()


@pytest.fixture
def agency(outside):
    with open_agency(
        "memory:",
        jurisdiction="US-XX",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        channels=["letters:mail"],
        subscribers=["script:books"],
        breach_check="script:list",
        checkpoint_sinks=["script:safe"],
        plugins=[outside, synthetic_state],
        clock=FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)),
        hasher=FakeHasher(),
    ) as opened:
        yield opened


@pytest.fixture
def jane(agency):
    agency.cases.open(case_application(), by=Actor.system("intake"))
    assert isinstance(agency.accounts.register(registration_form(agency)), Registered)
    return JANE_ROE


def dispatch(agency):
    return agency.outbox.dispatch(by=Actor.system("dispatch"))


def test_each_url_opens_the_stand_in_of_its_name(agency, outside, jane):
    dispatch(agency)
    agency.subscriptions.dispatch(by=Actor.system("dispatch"))
    agency.audit.publish(by=Actor.system("audit"))
    assert outside.channel("mail").subjects == ["Your online account"]
    assert "case_opened" in [each.kind for each in outside.subscriber("books").taken]
    assert [each.reveal() for each in outside.breach_check("list").asked] == [jane.password.reveal()]
    assert len(outside.sink("safe").kept) == 1
    assert outside.channel("other").delivered == []


def test_a_stand_in_may_be_told_what_to_answer_before_it_is_opened():
    outside = ScriptedPlugin()
    outside.channel("mail").always = AWAY
    declared, *_others = outside.dcss_notification_channels()
    assert declared.factory("letters:mail") is outside.channel("mail")
    assert declared.factory("letters:mail").deliver(message()) == AWAY


def test_closing_the_agency_closes_every_stand_in(agency, outside):
    agency.close()
    opened = (
        outside.channel("mail"),
        outside.subscriber("books"),
        outside.breach_check("list"),
        outside.sink("safe"),
    )
    assert [each.closed for each in opened] == [1, 1, 1, 1]


def test_a_password_that_a_test_calls_breached_is_refused(agency, outside):
    agency.cases.open(case_application(), by=Actor.system("intake"))
    outside.breach_check("list").breached = {JANE_ROE.password.reveal(): 7}
    assert isinstance(agency.accounts.register(registration_form(agency)), RegistrationIncomplete)


def test_the_mailbox_reads_the_password_and_the_code_that_came_last(agency, outside, jane):
    mail = outside.channel("mail")
    for _time in range(2):
        agency.recovery.request_code(jane.user_id)
        agency.recovery.send_user_id(full_name=jane.name.full, ssn=jane.ssn)
        asked = agency.recovery.questions(jane.ssn)
        agency.recovery.reset_password(full_name=jane.name.full, ssn=jane.ssn, answers=jane.answers(asked))
        dispatch(agency)
    assert mail.reminded_user_id() == jane.user_id
    assert mail.issued_code().reveal() in mail.bodies("Your code for a new password")[1]
    assert mail.assigned_password().reveal() in mail.bodies("Your password was reset")[1]
    assert len(mail.letters_to(jane.email)) == len(mail.delivered) == 7  # 3 sorts twice, and the registration
    banner = agency.accounts.banner().version
    outcome = agency.accounts.sign_in(jane.user_id, mail.assigned_password(), banner=banner)
    assert isinstance(outcome, SignedIn)


def test_the_mailbox_reads_the_password_of_the_member_of_staff_who_is_meant(agency, outside):
    office = Appointing(agency)
    office(user_id="boss")
    office(StaffRole.HELP_DESK, user_id="desk")
    dispatch(agency)
    mail = outside.channel("mail")
    assert mail.appointed_password("boss") != mail.appointed_password("desk")
    (letter,) = mail.letters_to(Secret("desk@dcss.example.com"))
    assert mail.appointed_password("desk").reveal() in letter.body.reveal()


def test_a_letter_that_has_not_come_is_told_with_those_that_have(agency, outside, jane):
    mail = outside.channel("mail")
    with pytest.raises(NotFoundError, match=r"dispatch the outbox first\. Letters that came: none"):
        mail.issued_code()
    dispatch(agency)
    with pytest.raises(NotFoundError, match=r"no letter 'Your code .* came: 'Your online account'"):
        mail.issued_code()
