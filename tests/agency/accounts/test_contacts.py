"""`agency.contacts`: a parent changes how they are reached.

Requirement S-32: the change is dated, confirmed at the old and the new contact point, and leaves what was
before readable. NIST SP 800-63B-4 §4.2.1.2: how long a code lasts by e-mail (24 hours), text message (10
minutes) and post (21 days).
"""

from datetime import timedelta

import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.filing.cases import CONTACT_POINTS, PEOPLE
from dcss_core.cases import (
    ContactChangeBegun,
    ContactChanged,
    ContactChangeRefused,
    ContactCodeRefused,
    ContactKind,
    ContactSource,
    ContactState,
)
from dcss_core.errors import ConfigurationError, InvalidInputError, NotPermittedError, SessionEndedError
from dcss_core.users import (
    ControlReason,
    EnrolmentAccepted,
    ReauthenticationRefused,
    SignedIn,
    StaffRole,
)

from .authenticator_app import App

EMAIL, MOBILE, POSTAL = ContactKind.EMAIL, ContactKind.MOBILE, ContactKind.POSTAL
NEW = Secret("jane.new@example.org")
NUMBER = Secret("(404) 555-0100")
HOME = Secret("1 Elm Street\nAtlanta, GA 30303")
CODE = "Your code to confirm"
RECOVERY = "Your code for a new password"
MICROSECOND = timedelta(microseconds=1)


def sent(agency):
    """Have everything sent that is due."""
    agency.outbox.dispatch(by=Actor.system("dispatch"))


def code_in(mail, address, subject=CODE):
    """The code in the last letter to an address."""
    body = [each for each in mail.letters_to(address) if each.subject == subject][-1].body.reveal()
    lines = [line.strip() for line in body.splitlines() if line.startswith("    ")]
    return Secret(lines[0] if lines else body.split()[0])


@pytest.fixture
def token(agency, janes_account, jane, sign_in):
    return sign_in(agency, jane)


@pytest.fixture
def changed(agency, token, jane, mail):
    """Jane has another e-mail address."""
    agency.contacts.change(token, jane.password, EMAIL, NEW)
    sent(agency)
    outcome = agency.contacts.confirm(token, EMAIL, code_in(mail, NEW))
    assert isinstance(outcome, ContactChanged), outcome
    return outcome


@pytest.mark.on_every_storage
def test_s32_a_new_address_is_confirmed_with_the_code_that_went_there(agency, token, jane, mail, clock):
    begun = agency.contacts.change(token, jane.password, EMAIL, NEW)
    assert begun == ContactChangeBegun(EMAIL, clock.now() + timedelta(hours=24))
    sent(agency)
    assert [each.subject for each in mail.letters_to(NEW)] == [CODE]
    assert "A change of how we reach you was asked for" in [
        each.subject for each in mail.letters_to(jane.email)
    ]
    outcome = agency.contacts.confirm(token, EMAIL, code_in(mail, NEW))
    assert outcome == ContactChanged(EMAIL, clock.now() + timedelta(hours=72))
    sent(agency)
    for address in (jane.email, NEW):
        assert mail.letters_to(address)[-1].subject == "How we reach you was changed"


def test_s32_no_letter_tells_the_new_address_to_whoever_reads_the_old_one(agency, changed, jane, mail):
    sent(agency)
    for letter in mail.letters_to(jane.email):
        assert NEW.reveal() not in letter.body.reveal() + letter.subject


@pytest.mark.on_every_storage
def test_s32_what_was_before_stays_readable_as_of_its_days(agency, changed, token, jane, clock):
    now, before = agency.contacts.own(token)
    assert (now.value, now.source, now.state) == (NEW, ContactSource.OWNER, ContactState.IN_FORCE)
    assert (now.since, now.until, now.codes_from) == (clock.now(), None, changed.codes_from)
    assert (before.value, before.source, before.state) == (
        jane.email,
        ContactSource.CASE,
        ContactState.REPLACED,
    )
    assert before.until == clock.now()


def test_what_came_with_the_case_is_on_file_before_anything_is_changed(agency, token, jane):
    [only] = agency.contacts.own(token)
    assert (only.way, only.value, only.source) == (EMAIL, jane.email, ContactSource.CASE)
    name, _, domain = jane.email.reveal().partition("@")
    assert only.shown == f"{name[0]}•••@{domain}"


@pytest.mark.on_every_storage
def test_codes_for_recovery_go_to_the_old_address_until_the_new_one_has_waited(
    agency, changed, jane, mail, clock
):
    clock.instant = changed.codes_from - MICROSECOND
    agency.recovery.request_code(jane.user_id)
    sent(agency)
    assert mail.letters_to(jane.email)[-1].subject == RECOVERY
    clock.instant = changed.codes_from + timedelta(hours=1)
    agency.recovery.request_code(jane.user_id)
    sent(agency)
    assert mail.letters_to(NEW)[-1].subject == RECOVERY


def test_whoever_got_into_a_session_gets_no_code_and_the_owner_takes_the_account_back(
    agency, changed, jane, mail, janes_account, administrator, token
):
    """The thief has the session and the password, and changed the address; the owner has the old mailbox."""
    agency.recovery.request_code(jane.user_id)
    sent(agency)
    code = code_in(mail, jane.email, RECOVERY)
    agency.recovery.choose_password(jane.user_id, code, Secret("eleven copper kettles on a raft"))
    taken_back = agency.contacts.revert(
        janes_account, EMAIL, by=administrator, reason=ControlReason.SUSPECTED_MISUSE
    )
    assert taken_back.removed == 1
    assert taken_back.restored.endswith(jane.email.reveal().partition("@")[2])
    sent(agency)
    assert mail.letters_to(jane.email)[-1].subject == "How we reach you was changed back"
    assert stored(agency, PEOPLE, janes_person(agency, janes_account)).email == jane.email


def stored(agency, records, key):
    return agency.audit._resources.read(lambda work: work.get(records, key).record)


def janes_person(agency, account_id):
    from dcss_core.agency.filing.accounts import ACCOUNTS

    return stored(agency, ACCOUNTS, account_id).person_id


def test_what_staff_took_back_gets_no_code_any_more(
    agency, changed, jane, mail, janes_account, administrator, clock
):
    agency.contacts.revert(janes_account, EMAIL, by=administrator, reason=ControlReason.OWNER_ASKED)
    clock.move(days=10)
    agency.recovery.request_code(jane.user_id)
    sent(agency)
    assert mail.letters_to(jane.email)[-1].subject == RECOVERY
    again = agency.contacts.revert(janes_account, EMAIL, by=administrator, reason=ControlReason.OWNER_ASKED)
    assert again is None


@pytest.mark.parametrize(
    ("way", "value", "good_for"),
    [
        (EMAIL, NEW, timedelta(hours=24)),
        (MOBILE, NUMBER, timedelta(minutes=10)),
        (POSTAL, HOME, timedelta(days=21)),
    ],
)
def test_n18_a_code_lasts_as_long_as_the_way_it_goes_allows(
    reached, jane, texts, letters, clock, way, value, good_for
):
    agency, token, mail = reached
    begun = agency.contacts.change(token, jane.password, way, value)
    assert begun.code_until == clock.now() + good_for
    sent(agency)
    box = {EMAIL: mail, MOBILE: texts, POSTAL: letters}[way]
    [message] = [each for each in box.delivered if each.subject == CODE]
    code = code_in(box, message.address)
    clock.instant = begun.code_until
    token = agency.accounts.sign_in(
        jane.user_id, jane.password, banner=agency.accounts.banner().version
    ).token
    assert agency.contacts.confirm(token, way, code) == ContactCodeRefused(ask_again=True)


@pytest.fixture
def texts(outside):
    return outside.channel("texts")


@pytest.fixture
def letters(outside):
    return outside.channel("post")


@pytest.fixture
def reached(opener, outside, mail, texts, letters, case_application, intake, register, jane, sign_in):
    """An agency that sends mail, text messages and letters, with Jane signed in."""
    agency = opener("memory:", channels=["letters:mail", "texts:texts", "post:post"])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    return agency, sign_in(agency, jane), mail


def test_each_channel_gets_what_it_takes_and_nothing_else(reached, jane, texts, letters):
    agency, token, mail = reached
    agency.contacts.change(token, jane.password, MOBILE, NUMBER)
    sent(agency)
    assert [each.address for each in texts.delivered] == [Secret("+14045550100")]
    assert all(each.address == jane.email for each in mail.delivered)
    assert letters.delivered == []
    [text] = texts.delivered
    assert len(text.body.reveal()) <= 306  # two parts of 153
    assert agency.contacts.confirm(token, MOBILE, code_in(texts, text.address)).way is MOBILE
    number, _email = agency.contacts.own(token)
    assert (number.shown, number.state) == ("•••00", ContactState.IN_FORCE)


def test_without_a_channel_for_a_kind_nothing_is_begun(agency, token, jane):
    with pytest.raises(
        ConfigurationError, match="no channel of this agency takes addresses of the kind 'mobile'"
    ):
        agency.contacts.change(token, jane.password, MOBILE, NUMBER)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (EMAIL, "nobody"),
        (EMAIL, "jane@localhost"),
        (EMAIL, "a@example.org, b@example.org"),
        (EMAIL, ""),
        (MOBILE, "555-0100"),
        (MOBILE, "+1 404 555 0100 x"),
        (MOBILE, "+0404555010"),
        (POSTAL, "one line"),
        (POSTAL, "\n".join("abcdefg")),
        (POSTAL, "1 Elm Street\n\u202eatlantA"),
        (POSTAL, f"{'x' * 101}\nAtlanta"),
        (POSTAL, "1 Elm Street\n---"),
    ],
)
def test_what_nobody_can_be_reached_by_is_refused_and_not_repeated(reached, jane, way, value):
    agency, token, _ = reached
    with pytest.raises(InvalidInputError) as refused:
        agency.contacts.change(token, jane.password, way, Secret(value))
    assert len(value) < 5 or value not in str(refused.value)
    assert len(agency.contacts.own(token)) == 1


@pytest.mark.on_every_storage
def test_a_wrong_password_begins_nothing_and_counts(agency, token, jane, mail):
    for _ in range(3):
        assert agency.contacts.change(token, Secret("wrong"), EMAIL, NEW) == ReauthenticationRefused()
    assert agency.contacts.change(token, jane.password, EMAIL, NEW) == ReauthenticationRefused()
    sent(agency)
    assert mail.letters_to(NEW) == []


def test_a_wrong_code_confirms_nothing_and_the_fifth_ends_it(agency, token, jane, mail):
    agency.contacts.change(token, jane.password, EMAIL, NEW)
    sent(agency)
    for _ in range(4):
        assert agency.contacts.confirm(token, EMAIL, Secret("abcd-efgh")) == ContactCodeRefused(False)
    assert agency.contacts.confirm(token, EMAIL, Secret("abcd-efgh")) == ContactCodeRefused(True)
    assert agency.contacts.confirm(token, EMAIL, code_in(mail, NEW)) == ContactCodeRefused(True)


def test_a_code_is_good_for_its_own_change_and_once(agency, token, jane, mail):
    agency.contacts.change(token, jane.password, EMAIL, NEW)
    sent(agency)
    first = code_in(mail, NEW)
    other = Secret("jane.other@example.org")
    agency.contacts.change(token, jane.password, EMAIL, other)
    sent(agency)
    assert agency.contacts.confirm(token, EMAIL, first) == ContactCodeRefused(False)
    second = code_in(mail, other)
    assert isinstance(agency.contacts.confirm(token, EMAIL, second), ContactChanged)
    assert agency.contacts.confirm(token, EMAIL, second) == ContactCodeRefused(True)
    states = [(each.value, each.state) for each in agency.contacts.own(token)]
    assert (NEW, ContactState.DROPPED) in states


def test_a_change_can_be_taken_back_while_it_waits(agency, token, jane, mail):
    agency.contacts.change(token, jane.password, EMAIL, NEW)
    sent(agency)
    assert agency.contacts.drop(token, EMAIL) is True
    assert agency.contacts.drop(token, EMAIL) is False
    assert agency.contacts.confirm(token, EMAIL, code_in(mail, NEW)) == ContactCodeRefused(True)


def test_nobody_is_flooded_with_codes(agency, token, jane, mail):
    """Five letters of a sort in an hour, as of every sort."""
    for number in range(5):
        value = Secret(f"somebody{number}@example.org")
        assert isinstance(agency.contacts.change(token, jane.password, EMAIL, value), ContactChangeBegun)
    assert agency.contacts.change(token, jane.password, EMAIL, NEW) == ContactChangeRefused()
    sent(agency)
    assert mail.letters_to(NEW) == []


@pytest.mark.parametrize("change", [str, str.upper, " {} ".format])
def test_an_address_of_the_other_parent_gets_no_code_and_nobody_learns_that(
    agency, token, jane, john, mail, opened_case, change
):
    """Whoever tries addresses one by one is told the same for each."""
    theirs = Secret(change(john.email.reveal()))
    begun = agency.contacts.change(token, jane.password, EMAIL, theirs)
    assert isinstance(begun, ContactChangeBegun)
    sent(agency)
    assert CODE not in [each.subject for each in mail.letters_to(john.email)]
    entries = [each for _, each in agency.audit.entries(by=Actor.system("audit"))]
    [left_out] = [each for each in entries if each.kind == "contact_code_not_sent"]
    assert "of_another_party" in left_out.details
    waiting = agency.contacts.own(token)[0]
    assert waiting.state is ContactState.TO_CONFIRM


def test_a_number_is_taken_off_and_an_e_mail_address_is_not(reached, jane, texts):
    agency, token, _ = reached
    agency.contacts.change(token, jane.password, MOBILE, NUMBER)
    sent(agency)
    agency.contacts.confirm(token, MOBILE, code_in(texts, Secret("+14045550100")))
    assert agency.contacts.remove(token, Secret("wrong"), MOBILE) == ReauthenticationRefused()
    assert agency.contacts.remove(token, jane.password, MOBILE) is True
    assert agency.contacts.remove(token, jane.password, MOBILE) is False
    assert agency.contacts.own(token)[0].state is ContactState.REMOVED
    with pytest.raises(InvalidInputError, match="changed and never taken off"):
        agency.contacts.remove(token, jane.password, EMAIL)


def test_a_session_without_the_second_factor_changes_nothing(agency, token, jane, clock):
    app = App(agency.second_factors.begin(token, jane.password), clock)
    enrolled = agency.second_factors.confirm(token, app.code())
    assert isinstance(enrolled, EnrolmentAccepted)
    due = agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    with pytest.raises(NotPermittedError):
        agency.contacts.change(due.token, jane.password, EMAIL, NEW)
    begun = agency.contacts.change(enrolled.token, jane.password, EMAIL, NEW)
    assert isinstance(begun, ContactChangeBegun)


def test_staff_change_no_contact_point_and_only_an_administrator_takes_one_back(
    agency, desk, clerk, janes_account
):
    for call in (
        lambda by: agency.contacts.own(by),
        lambda by: agency.contacts.revert(janes_account, EMAIL, by=by, reason=ControlReason.OWNER_ASKED),
    ):
        for somebody in (desk, clerk, Actor.system("reminders")):
            with pytest.raises((NotPermittedError, TypeError, InvalidInputError)):
                call(somebody)


def test_of_many_at_once_one_confirms(agency, token, jane, mail, at_once):
    agency.contacts.change(token, jane.password, EMAIL, NEW)
    sent(agency)
    code = code_in(mail, NEW)
    outcomes = at_once(4, lambda: agency.contacts.confirm(token, EMAIL, code))
    assert sum(isinstance(each, ContactChanged) for each in outcomes) == 1
    in_force = [each for each in agency.contacts.own(token) if each.state is ContactState.IN_FORCE]
    assert len(in_force) == 1


def test_of_many_changes_at_once_one_waits(agency, token, jane, at_once):
    values = [Secret(f"jane{number}@example.org") for number in range(4)]
    at_once(4, lambda: agency.contacts.change(token, jane.password, EMAIL, values.pop()))
    states = [each.state for each in agency.contacts.own(token)]
    assert states.count(ContactState.TO_CONFIRM) == 1
    points = agency.audit._resources.read(lambda work: work.count(CONTACT_POINTS, ("contact_id",)))
    assert points == 4


def change_to(agency, token, jane, mail, value):
    """Change the e-mail address, and confirm it."""
    agency.contacts.change(token, jane.password, EMAIL, value)
    sent(agency)
    assert isinstance(agency.contacts.confirm(token, EMAIL, code_in(mail, value)), ContactChanged)
    sent(agency)


def recovery_goes_to(agency, mail, jane):
    """The address that a code for a new password goes to now."""
    agency.recovery.request_code(jane.user_id)
    sent(agency)
    return [each for each in mail.delivered if each.subject == RECOVERY][-1].address


def test_an_address_that_was_replaced_before_it_had_waited_never_gets_a_code(
    agency, token, jane, mail, clock, sign_in
):
    """The thief changes it, and the owner, still signed in, changes it back ten minutes later."""
    change_to(agency, token, jane, mail, NEW)
    clock.move(minutes=10)
    change_to(agency, token, jane, mail, jane.email)
    clock.move(hours=72, minutes=-5)
    assert recovery_goes_to(agency, mail, jane) == jane.email
    clock.move(hours=2)
    assert recovery_goes_to(agency, mail, jane) == jane.email


def test_staff_take_back_everything_since_the_address_that_was_trusted(
    agency, token, jane, mail, janes_account, administrator, clock
):
    """Two changes within the waiting time, and a third that waits for its code."""
    other, third = Secret("thief.two@example.org"), Secret("thief.three@example.org")
    change_to(agency, token, jane, mail, NEW)
    clock.move(minutes=1)
    change_to(agency, token, jane, mail, other)
    agency.contacts.change(token, jane.password, EMAIL, third)
    back = agency.contacts.revert(
        janes_account, EMAIL, by=administrator, reason=ControlReason.SUSPECTED_MISUSE
    )
    assert back.removed == 3
    sent(agency)
    assert third.reveal() not in {each.address.reveal() for each in mail.delivered}
    with pytest.raises(SessionEndedError):
        agency.contacts.own(token)
    clock.move(days=10)
    assert recovery_goes_to(agency, mail, jane) == jane.email


def test_while_a_new_address_waits_the_old_one_hears_of_the_next_change(agency, token, jane, mail, clock):
    change_to(agency, token, jane, mail, NEW)
    before = len(mail.letters_to(jane.email))
    change_to(agency, token, jane, mail, Secret("thief.two@example.org"))
    told = [each.subject for each in mail.letters_to(jane.email)[before:]]
    assert sorted(told) == ["A change of how we reach you was asked for", "How we reach you was changed"]


def test_a_letter_that_waits_for_an_address_that_is_taken_back_does_not_go_there(
    agency, changed, jane, mail, janes_account, administrator, clock, staff
):
    sent(agency)
    gone = len(mail.letters_to(NEW))
    agency.oversight.demand_password_change(
        janes_account, by=staff(StaffRole.HELP_DESK), reason=ControlReason.OWNER_ASKED
    )
    agency.contacts.revert(janes_account, EMAIL, by=administrator, reason=ControlReason.OWNER_ASKED)
    sent(agency)
    assert len(mail.letters_to(NEW)) == gone


def test_a_change_is_taken_back_although_the_account_was_closed_after_it(
    agency, changed, token, jane, mail, janes_account, administrator
):
    agency.accounts.close(token, jane.password)
    sent(agency)
    assert any("was closed" in each.body.reveal() for each in mail.letters_to(jane.email))
    back = agency.contacts.revert(
        janes_account, EMAIL, by=administrator, reason=ControlReason.SUSPECTED_MISUSE
    )
    assert back.removed == 1


def test_a_change_that_waits_ends_with_the_account(agency, token, jane, mail, form_of, attempt):
    agency.contacts.change(token, jane.password, EMAIL, NEW)
    sent(agency)
    agency.accounts.close(token, jane.password)
    agency.accounts.register(form_of(agency, jane, user_id="jane-again"))
    again = attempt(agency, "jane-again", jane.password).token
    assert agency.contacts.confirm(again, EMAIL, code_in(mail, NEW)) == ContactCodeRefused(ask_again=True)


def test_a_change_that_waits_is_taken_back_and_the_owners_own_address_stays(
    agency, changed, token, jane, mail, janes_account, administrator, clock, sign_in
):
    """Jane's own change has long been trusted when somebody asks for another."""
    clock.move(days=20)
    thief = sign_in(agency, jane)
    agency.contacts.change(thief, jane.password, EMAIL, Secret("thief@example.org"))
    back = agency.contacts.revert(
        janes_account, EMAIL, by=administrator, reason=ControlReason.SUSPECTED_MISUSE
    )
    assert (back.removed, back.restored) == (1, "j•••@example.org")
    now, *_ = agency.contacts.own(sign_in(agency, jane))[1:]
    assert (now.value, now.state) == (NEW, ContactState.IN_FORCE)


def test_taking_back_again_goes_one_further_back(
    agency, token, jane, mail, janes_account, administrator, clock, sign_in
):
    """A thief's address that nobody noticed for a week, and another after it."""
    change_to(agency, token, jane, mail, NEW)
    clock.move(days=7)
    change_to(agency, sign_in(agency, jane), jane, mail, Secret("thief.two@example.org"))
    restored = []
    for _ in range(3):
        back = agency.contacts.revert(
            janes_account, EMAIL, by=administrator, reason=ControlReason.OWNER_ASKED
        )
        restored.append(back and back.restored)
    domain = jane.email.reveal().partition("@")[2]
    assert restored == ["j•••@example.org", f"{jane.email.reveal()[0]}•••@{domain}", None]
    clock.move(days=7)
    assert recovery_goes_to(agency, mail, jane) == jane.email


def test_a_password_given_again_rightly_sets_the_count_of_failures_back(agency, token, jane, attempt):
    """As every other verb that asks for it; two failures count here, and three lock."""
    for _ in range(2):
        attempt(agency, jane.user_id, Secret("wrong"))
    assert isinstance(agency.contacts.change(token, jane.password, EMAIL, NEW), ContactChangeBegun)
    for _ in range(2):
        attempt(agency, jane.user_id, Secret("wrong"))
    assert isinstance(attempt(agency, jane.user_id, jane.password), SignedIn)
