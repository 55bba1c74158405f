"""`agency.recovery`: a forgotten password, recovered by a code in a text message.

NIST SP 800-63B-4 §4.2.1.2: two addresses for recovery at least, and how long a code lasts that goes there.
"""

from datetime import timedelta

import attrs
import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.filing.accounts import OUTSTANDING_CODES
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.cases import ContactKind
from dcss_core.errors import ConfigurationError, InvalidInputError
from dcss_core.users import CodeRefused, CodeRequested, PasswordChosen, StaffRole

EMAIL, MOBILE, POSTAL = ContactKind.EMAIL, ContactKind.MOBILE, ContactKind.POSTAL
NUMBER, OTHER_NUMBER = Secret("+14045550100"), Secret("+14045550101")
NEW = Secret("eleven copper kettles on a raft")
SUBJECT = "Your code for a new password"
WAIT = timedelta(hours=72)  # accounts.contact_cooling_hours


def sent(agency):
    agency.outbox.dispatch(by=Actor.system("dispatch"))


@pytest.fixture
def texts(outside):
    return outside.channel("texts")


@pytest.fixture
def agency(opener, storage_url, mail, texts, case_application, intake, register, jane):
    """An agency that sends mail and text messages, where Jane has an account."""
    agency = opener(storage_url, channels=["letters:mail", "texts:texts"])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    return agency


@pytest.fixture
def put_on_file(agency, jane, texts, sign_in):
    """Has a telephone confirmed for Jane."""

    def confirmed(number):
        token = sign_in(agency, jane)
        agency.contacts.change(token, jane.password, MOBILE, number)
        sent(agency)
        code = Secret(texts.letters_to(number)[-1].body.reveal().split()[0])
        agency.contacts.confirm(token, MOBILE, code)
        return token

    return confirmed


@pytest.fixture
def on_file(put_on_file, clock):
    """Jane's telephone is on file, and has waited."""
    put_on_file(NUMBER)
    clock.instant += WAIT


@pytest.fixture
def janes_person(agency, jane):
    """Changes what is stored of Jane."""

    def changed(**changes):
        def verb(work):
            [kept] = work.find(PEOPLE, ("irn",), (jane.irn,))
            work.replace(PEOPLE, kept, attrs.evolve(kept.record, **changes))

        agency.recovery._resources.write(verb)

    return changed


@pytest.fixture
def ask(agency, jane, mail, texts):
    """Asks for a code, and gives it as it arrived."""

    def asked(way=MOBILE):
        assert agency.recovery.request_code(jane.user_id, way=way) == CodeRequested()
        sent(agency)
        if way is MOBILE:
            return Secret(texts.bodies(SUBJECT)[-1].split()[0])
        lines = mail.bodies(SUBJECT)[-1].splitlines()
        return Secret(next(line.strip() for line in lines if line.startswith("    ")))

    return asked


@pytest.mark.on_every_storage
def test_n18_a_password_is_chosen_with_a_code_that_came_by_text_message(agency, on_file, ask, jane, texts):
    code = ask()
    assert [each.address for each in texts.delivered if each.subject == SUBJECT] == [NUMBER]
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == PasswordChosen()


def test_the_text_is_one_line_with_whom_to_call_and_without_a_name_or_a_link(
    agency, on_file, ask, jane, texts
):
    ask()
    text = texts.bodies(SUBJECT)[-1]
    assert "\n" not in text
    assert "Call " in text
    assert not any(each in text for each in (jane.name.full, jane.user_id, "http", "www"))
    assert len(text) <= 306  # two parts of 153


def test_n20_the_owner_is_told_by_mail_how_the_password_was_chosen(agency, on_file, ask, jane, mail):
    agency.recovery.choose_password(jane.user_id, ask(), NEW)
    sent(agency)
    assert "with a code sent to your mobile telephone" in mail.bodies("Your password was changed")[-1]


def test_n18_it_lasts_10_minutes(agency, on_file, ask, jane, clock):
    code = ask()
    clock.instant += timedelta(minutes=10)
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == CodeRefused()


@pytest.mark.parametrize(("first", "then"), [(EMAIL, MOBILE), (MOBILE, EMAIL)])
def test_one_by_the_other_way_replaces_it(agency, on_file, ask, jane, first, then):
    replaced, good = ask(first), ask(then)
    assert agency.recovery.choose_password(jane.user_id, replaced, NEW) == CodeRefused()
    assert agency.recovery.choose_password(jane.user_id, good, NEW) == PasswordChosen()


def test_both_ways_together_are_counted(agency, on_file, jane, mail, texts):
    """Five codes in an hour: accounts.recovery_letter_limit."""
    for way in (EMAIL, MOBILE, MOBILE, EMAIL, MOBILE, EMAIL, MOBILE):
        agency.recovery.request_code(jane.user_id, way=way)
        sent(agency)
    assert len(mail.bodies(SUBJECT)) + len(texts.bodies(SUBJECT)) == 5


def test_a_telephone_that_has_not_waited_gets_none(agency, put_on_file, jane, clock, texts):
    put_on_file(NUMBER)
    clock.instant += WAIT - timedelta(microseconds=1)
    assert agency.recovery.request_code(jane.user_id, way=MOBILE) == CodeRequested()
    sent(agency)
    assert texts.bodies(SUBJECT) == []


def test_whoever_has_no_telephone_on_file_is_told_the_same(agency, jane, texts):
    assert agency.recovery.request_code(jane.user_id, way=MOBILE) == CodeRequested()
    sent(agency)
    assert texts.delivered == []


def test_n20_whom_no_letter_could_tell_of_it_gets_none(agency, on_file, janes_person, jane, texts):
    """NIST SP 800-63B-4 §4.2.3: every recovery notifies the subscriber; notices go by mail."""
    janes_person(email=None)
    assert agency.recovery.request_code(jane.user_id, way=MOBILE) == CodeRequested()
    sent(agency)
    assert texts.bodies(SUBJECT) == []


def test_it_is_worthless_once_its_telephone_was_taken_off(agency, on_file, ask, jane, sign_in):
    code = ask()
    agency.contacts.remove(sign_in(agency, jane), jane.password, MOBILE)
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == CodeRefused()


def test_a_change_of_the_other_address_leaves_it_good(agency, on_file, ask, jane, put_on_file):
    """Its own address counts: another telephone has not waited, and makes no code by mail worthless."""
    code = ask(EMAIL)
    put_on_file(OTHER_NUMBER)
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == PasswordChosen()


def test_staff_see_until_when_it_is_good(agency, on_file, ask, jane, staff, clock):
    ask()
    progress = agency.staff_resets.progress(jane.ssn, by=staff(StaffRole.HELP_DESK))
    assert progress.code_until == clock.now() + timedelta(minutes=10)


def test_none_goes_by_post(agency, jane):
    with pytest.raises(InvalidInputError, match="no code for a new password goes this way"):
        agency.recovery.request_code(jane.user_id, way=POSTAL)


def test_without_a_channel_for_text_messages_everybody_gets_the_same_error(opener, mail):
    agency = opener("memory:", channels=["letters:mail"])
    with pytest.raises(ConfigurationError, match="of the kind 'mobile'"):
        agency.recovery.request_code("anybody-at-all", way=MOBILE)


def test_what_is_kept_of_it_shows_no_number(agency, on_file, ask):
    ask()
    [kept] = agency.recovery._resources.read(lambda work: work.find(OUTSTANDING_CODES, ("account_id",)))
    assert NUMBER.reveal() not in repr(kept)
