"""`agency.recovery`: a forgotten user id, sent to the address on file."""

import json

import attrs
import pytest

from dcss_core import Actor, Ssn
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.errors import BackendError
from dcss_core.users import Registered, RegistrationForm, ResetConfirmed, ResetRefused, SignedIn
from dcss_core.users.account_control import ControlReason
from dcss_core.users.recovery.user_id_reminder import UserIdRequested

SUBJECT = "Your user ID"


def unknown_ssn(number=0):
    return Ssn(f"904-05-{1000 + number}", accept_never_issued=True)


def reasons(agency):
    entries = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "user_id_not_sent"
    ]
    return [json.loads(entry.details)["reason"] for entry in entries]


@pytest.fixture
def remind(mail):
    """Asks for a parent's user id, checks the answer and gives the letters that arrived."""

    def reminded(agency, parent, **changes):
        given = {"full_name": parent.name.full, "ssn": parent.ssn}
        assert agency.recovery.send_user_id(**(given | changes)) == UserIdRequested()
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        return mail.bodies(SUBJECT)

    return reminded


def test_s22_a_forgotten_user_id_is_recovered_without_staff_and_without_waiting(
    agency, janes_account, jane, remind, clock
):
    began = clock.now()
    [body] = remind(agency, jane)
    user_id = next(line.strip() for line in body.splitlines() if line.startswith("    "))
    banner = agency.accounts.banner().version
    assert isinstance(agency.accounts.sign_in(user_id, jane.password, banner=banner), SignedIn)
    assert clock.now() == began


def test_the_user_id_goes_to_the_address_on_file_and_never_to_the_screen_or_the_log(
    agency, janes_account, jane, remind, mail
):
    remind(agency, jane)
    [letter] = [each for each in mail.delivered if each.subject == SUBJECT]
    assert letter.address == jane.email
    assert jane.user_id not in letter.subject + letter.message_id + UserIdRequested().sentence
    assert not any(jane.user_id in str(entry) for _, entry in agency.audit.entries(by=Actor.system("audit")))


def test_enumeration_by_message_whatever_stands_against_it_looks_the_same(
    agency, opened_case, jane, john, register, staff, remind
):
    admin = staff()
    register(agency, jane)
    assert remind(agency, jane, full_name="Jane Row") == []
    assert remind(agency, jane, ssn=unknown_ssn()) == []
    assert remind(agency, john) == []  # on file, without an account
    johns_account = register(agency, john)
    agency.oversight.disable(johns_account, by=admin, reason=ControlReason.OWNER_ASKED)
    assert remind(agency, john) == []

    def without_address(work):
        [kept] = work.find(PEOPLE, ("irn",), (jane.irn,))
        work.replace(PEOPLE, kept, attrs.evolve(kept.record, email=None))

    agency.recovery._resources.write(without_address)
    assert remind(agency, jane) == []
    assert reasons(agency) == [
        "wrong_name",
        "unknown_person",
        "account_not_active",
        "no_address",
    ]  # somebody without an account is owed nothing, and told nothing


def test_enumeration_by_time_no_slow_hash_runs(agency, janes_account, jane, remind, hasher):
    hasher.runs = 0
    remind(agency, jane)
    remind(agency, jane, full_name="Jane Row")
    remind(agency, jane, ssn=unknown_ssn())
    assert hasher.runs == 0


def test_enumeration_by_side_effect_trouble_with_the_outbox_shows_to_nobody(
    fragile, case_application, intake, jane, register
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    storage.fail_on = ("insert", "outbox")
    known = agency.recovery.send_user_id(full_name="Jane Roe", ssn=jane.ssn)
    assert known == agency.recovery.send_user_id(full_name="Jane Roe", ssn=unknown_ssn())
    with pytest.raises(BackendError):
        agency.outbox.dispatch(by=Actor.system("dispatch"))


def test_letters_are_bounded_for_each_account_and_window(agency, janes_account, jane, remind, clock):
    for _ in range(8):
        letters = remind(agency, jane)
    assert len(letters) == 5
    clock.move(hours=1)
    assert len(remind(agency, jane)) == 6


def test_a_flood_of_codes_leaves_the_user_id_its_letters(agency, janes_account, jane, remind):
    for _ in range(8):
        agency.recovery.request_code(jane.user_id)
    assert len(remind(agency, jane)) == 1


@pytest.mark.parametrize("known", [True, False])
def test_five_wrong_requests_close_recovery_for_known_and_unknown_numbers_alike(
    agency, janes_account, jane, remind, reset, known, kinds
):
    ssn = jane.ssn if known else unknown_ssn()
    for _ in range(5):
        remind(agency, jane, ssn=ssn, full_name="Jane Row")
    assert kinds(agency).count("excess_rate_limit_exceeded") == 1
    assert remind(agency, jane, ssn=ssn) == []
    assert reasons(agency)[-1] == "closed"
    assert reset(agency, jane, ssn=ssn) == ResetRefused()


def test_failures_of_both_ways_that_take_an_ssn_count_together(agency, janes_account, jane, remind, reset):
    for _ in range(2):
        remind(agency, jane, full_name="Jane Row")
        reset(agency, jane, full_name="Jane Row")
    remind(agency, jane, full_name="Jane Row")
    assert reset(agency, jane) == ResetRefused()


def test_a_request_from_a_throttled_source_sends_and_counts_nothing(
    agency, janes_account, jane, john, remind, reset
):
    for number in range(20):  # each number once, so that none of them closes
        remind(agency, jane, ssn=unknown_ssn(number), source="203.0.113.7")
    for _ in range(5):
        assert remind(agency, jane, full_name="Jane Row", source="203.0.113.7") == []
    assert reasons(agency)[-5:] == ["source_throttled"] * 5
    assert len(remind(agency, jane, source="198.51.100.9")) == 1
    assert reset(agency, jane) == ResetConfirmed()


def test_a_name_of_a_million_letters_is_wrong_and_costs_nothing(agency, janes_account, jane, remind):
    assert remind(agency, jane, full_name="x" * 1_000_000) == []
    assert reasons(agency) == ["wrong_name"]


def test_a_user_id_can_be_asked_for_where_no_questions_are_asked(
    opener, reform, case_application, intake, jane, remind
):
    codes_only = reform({"accounts.recovery_methods": ["issued_code"]})
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=codes_only)
    agency.cases.open(case_application, by=intake)
    form = RegistrationForm(
        user_id=jane.user_id,
        password=jane.password,
        full_name=jane.name.full,
        birth_date=jane.birth_date.isoformat(),
        ssn=jane.ssn,
        irn=str(jane.irn),
    )
    assert isinstance(agency.accounts.register(form), Registered)
    assert len(remind(agency, jane)) == 1
