"""Parents who have an ITIN, or neither number. ITINs are made at run time: any could be somebody's."""

import secrets

import attrs
import pytest

from dcss_core import CaseNumber, ClientId, Irn, Itin, Secret
from dcss_core.cases import PersonName
from dcss_core.errors import InvalidInputError, NotFoundError
from dcss_core.testing import case_application as built_application, never_issued_ssn
from dcss_core.users import (
    Registered,
    RegistrationIncomplete,
    RegistrationRefused,
    ResetConfirmed,
    ResetRefused,
)
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

EVERYBODY = {"accounts.registration_identified_by": ["ssn", "itin", "none"]}
ONLY_SSN = {"accounts.registration_identified_by": ["ssn"]}


def made_itin():
    return Itin(
        f"9{secrets.randbelow(100):02d}{50 + secrets.randbelow(16):02d}{secrets.randbelow(9999) + 1:04d}"
    )


@pytest.fixture
def ana(jane):
    """The custodial parent of the case, with an ITIN."""
    return attrs.evolve(jane, name=PersonName("Ana", "Reyes"), ssn=made_itin())


@pytest.fixture
def nobody(jane):
    """The custodial parent of the case, with neither number."""
    return attrs.evolve(jane, name=PersonName("Ana", "Reyes"), ssn=None)


@pytest.fixture
def opening(opener, storage_url, reform, intake):
    """An agency with such a parent in its case, under Georgia's rules with some amended."""

    def opened(parent, changes):
        agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=reform(changes))
        agency.cases.open(built_application(payee=parent), by=intake)
        return agency

    return opened


@pytest.fixture
def staff_of(long_appointed):
    return lambda agency: long_appointed(agency, "worker-9", StaffRole.HELP_DESK)


@pytest.fixture
def fragile_of(fragile_opener, reform, intake):
    def opened(changes, parent):
        agency, storage = fragile_opener(*reform(changes), jurisdiction="US-GA-REFORM")
        agency.cases.open(built_application(payee=parent), by=intake)
        return agency, storage

    return opened


def without_number(agency, form_of, parent, **changes):
    return form_of(agency, attrs.evolve(parent, ssn=Secret("")), **changes)


# --- an ITIN -----------------------------------------------------------------------------------------------


@pytest.mark.on_every_storage
def test_a_parent_with_an_itin_is_put_on_file_registers_and_recovers_with_it(
    agency, intake, ana, form_of, register, reset
):
    agency.cases.open(built_application(payee=ana), by=intake)
    typed = attrs.evolve(ana, ssn=Secret(ana.ssn.reveal()))
    register(agency, typed)
    assert reset(agency, ana) == ResetConfirmed()
    assert reset(agency, ana, ssn=made_itin()) == ResetRefused()


def test_an_itin_is_not_taken_for_anothers_or_for_an_ssn(agency, intake, ana, form_of):
    agency.cases.open(built_application(payee=ana), by=intake)
    for wrong in (made_itin(), never_issued_ssn("904-05-1000")):
        assert agency.accounts.register(form_of(agency, ana, ssn=wrong)) == RegistrationRefused()


def test_two_people_do_not_share_an_itin(agency, intake, ana, john):
    same = attrs.evolve(john, ssn=ana.ssn)
    with pytest.raises(InvalidInputError) as caught:
        agency.cases.open(built_application(payee=ana, payer=same), by=intake)
    assert [fault.found for fault in caught.value.faults] == ["the same ITIN as participant 1"]
    agency.cases.open(built_application(payee=ana), by=intake)
    with pytest.raises(InvalidInputError) as caught:
        agency.cases.open(
            built_application(CaseNumber("0004567891"), payer=attrs.evolve(same, irn=Irn("OTHER1"))),
            by=intake,
        )
    assert "a person on file with this ITIN" in [fault.found for fault in caught.value.faults]


def test_a_number_nobody_has_is_shown_questions_whichever_kind_it_is(agency, opened_case):
    for _ in range(20):
        number = made_itin()
        shown = agency.recovery.questions(number)
        assert len(shown) == 3
        assert agency.recovery.questions(number, source="203.0.113.7") == shown


def test_wrong_particulars_with_an_itin_close_registration_and_staff_open_it_by_the_itin(
    agency, intake, ana, form_of, staff
):
    agency.cases.open(built_application(payee=ana), by=intake)
    for _ in range(5):
        wrong = form_of(agency, ana, birth_date="1950-01-01")
        assert agency.accounts.register(wrong) == RegistrationRefused()
    assert agency.accounts.register(form_of(agency, ana)) == RegistrationRefused()
    desk = staff(StaffRole.HELP_DESK)
    assert agency.staff_resets.progress(ana.ssn, by=desk).is_registration_closed
    assert agency.recovery.reopen(ana.ssn, by=desk)
    assert isinstance(agency.accounts.register(form_of(agency, ana)), Registered)


def test_staff_find_identifiers_by_an_itin(agency, intake, ana, staff):
    agency.cases.open(built_application(payee=ana), by=intake)
    desk = staff(StaffRole.HELP_DESK)
    reason = ControlReason.OWNER_ASKED
    told = agency.oversight.disclose_identifiers(ana.ssn, by=desk, reason=reason)
    assert told.irn == ana.irn
    with pytest.raises(NotFoundError):
        agency.oversight.disclose_identifiers(made_itin(), by=desk, reason=reason)


def test_where_only_an_ssn_is_asked_for_an_itin_is_refused_before_anybody_is_looked_up(opening, ana, form_of):
    agency = opening(ana, ONLY_SSN)
    for number in (ana.ssn, Secret(ana.ssn.reveal()), made_itin()):
        refused = agency.accounts.register(form_of(agency, ana, ssn=number))
        assert isinstance(refused, RegistrationIncomplete)
        assert [(fault.where, fault.found) for fault in refused.faults] == [("ssn", "an ITIN")]


# --- neither number ----------------------------------------------------------------------------------------


def test_without_a_number_nobody_registers_where_the_rules_do_not_say_so(agency, intake, nobody, form_of):
    agency.cases.open(built_application(payee=nobody), by=intake)
    refused = agency.accounts.register(without_number(agency, form_of, nobody))
    assert isinstance(refused, RegistrationIncomplete)
    assert [(fault.where, fault.found) for fault in refused.faults] == [("ssn", "nothing")]


def test_a_parent_with_neither_number_registers_where_the_rules_say_so(opening, nobody, form_of):
    agency = opening(nobody, EVERYBODY)
    assert isinstance(agency.accounts.register(without_number(agency, form_of, nobody)), Registered)


@pytest.mark.parametrize("who", ["jane", "ana"], ids=["an SSN", "an ITIN"])
def test_a_parent_with_a_number_on_file_does_not_register_without_it(opening, form_of, request, who):
    parent = request.getfixturevalue(who)
    agency = opening(parent, EVERYBODY)
    assert agency.accounts.register(without_number(agency, form_of, parent)) == RegistrationRefused()
    assert isinstance(agency.accounts.register(form_of(agency, parent)), Registered)


def test_a_number_that_is_not_on_file_is_wrong_of_somebody_with_none(opening, nobody, form_of):
    agency = opening(nobody, EVERYBODY)
    for number in (made_itin(), never_issued_ssn("904-05-1000")):
        assert (
            agency.accounts.register(without_number(agency, form_of, nobody, ssn=number))
            == RegistrationRefused()
        )


@pytest.mark.parametrize(
    "wrong", [{"birth_date": "1950-01-01"}, {"full_name": "Ana Reis"}, {"irn": "CP999999"}]
)
def test_without_a_number_every_other_particular_has_to_be_right(opening, nobody, form_of, wrong):
    agency = opening(nobody, EVERYBODY)
    assert agency.accounts.register(without_number(agency, form_of, nobody, **wrong)) == RegistrationRefused()


@pytest.mark.parametrize("identifier", [{}, {"irn": "CP999999"}], ids=["known", "unknown"])
def test_guesses_at_registration_without_a_number_close_it_for_the_identifier_until_staff_act(
    opening, nobody, form_of, reasons, identifier, staff_of
):
    agency = opening(nobody, EVERYBODY)
    for number in range(5):
        guess = without_number(agency, form_of, nobody, birth_date=f"1950-01-0{number + 1}", **identifier)
        assert agency.accounts.register(guess, source=f"198.51.100.{number}") == RegistrationRefused()
    right = without_number(agency, form_of, nobody, **identifier)
    assert agency.accounts.register(right) == RegistrationRefused()
    assert reasons(agency, "user_create_fail")[-1] == "closed"
    irn = Irn(identifier.get("irn", str(nobody.irn)))
    desk = staff_of(agency)
    assert agency.recovery.reopen(irn, by=desk)
    assert not agency.recovery.reopen(irn, by=desk)
    assert not agency.recovery.reopen(ClientId("CP999999"), by=desk)
    agency.accounts.register(right)
    assert reasons(agency, "user_create_fail")[-1] != "closed" or not identifier


def test_staff_who_open_registration_by_the_ssn_open_it_for_the_identifiers_too(
    opening, jane, form_of, staff_of
):
    agency = opening(jane, EVERYBODY)
    for number in range(5):
        guess = without_number(agency, form_of, jane)
        agency.accounts.register(guess, source=f"198.51.100.{number}")
    assert agency.accounts.register(form_of(agency, jane)) == RegistrationRefused()
    desk = staff_of(agency)
    assert agency.staff_resets.progress(jane.ssn, by=desk).is_registration_closed
    assert agency.recovery.reopen(jane.ssn, by=desk)
    assert not agency.recovery.reopen(jane.irn, by=desk)
    assert isinstance(agency.accounts.register(form_of(agency, jane)), Registered)


def test_enumeration_by_work_without_a_number_as_much_is_done_for_known_and_unknown(
    fragile_of, nobody, jane, intake, form_of, hasher
):
    """Nor does it say of somebody known whether there is a number on file."""

    def done(parent, **changes):
        agency, storage = fragile_of(EVERYBODY, parent)
        before, hasher.runs = storage.calls, 0
        refused = agency.accounts.register(without_number(agency, form_of, nobody, **changes))
        assert refused == RegistrationRefused()
        return storage.calls - before, hasher.runs

    known = done(nobody, birth_date="1950-01-01")
    assert known == done(nobody, irn="CP999999") == done(attrs.evolve(nobody, ssn=jane.ssn))
    assert known[1] == 2
