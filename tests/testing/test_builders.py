"""What the builders make is sound as it stands, and says what it was told to say."""

from contextlib import ExitStack
from datetime import UTC, date, datetime

import pytest

from dcss_core import Actor, CaseNumber, Irn, KeyRing, MasterKey, Money, Month, Secret, open_agency
from dcss_core.base.dates import DateRange
from dcss_core.cases import NewObligation, OpeningArrears, PersonName, Role
from dcss_core.errors import InvalidInputError
from dcss_core.payments.nacha import StandardEntryClass, TransactionCode, deds_of, read_file
from dcss_core.plugins import JurisdictionRules, RuleBook, hookimpl
from dcss_core.rules.book import Confidence, WrittenValue
from dcss_core.testing import (
    JANE_ROE,
    JOHN_DOE,
    FakeHasher,
    FrozenClock,
    SentPayment,
    case_application,
    never_issued_ssn,
    participant,
    registration_form,
    remittance_file,
    synthetic_parent,
    synthetic_state,
)
from dcss_core.users import Registered


@pytest.fixture
def opened():
    """Opens an agency of a jurisdiction, on the day on which what is built is at home."""
    with ExitStack() as kept:
        yield lambda jurisdiction, *plugins: kept.enter_context(
            open_agency(
                "memory:",
                jurisdiction=jurisdiction,
                keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
                plugins=[synthetic_state, *plugins],
                clock=FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)),
                hasher=FakeHasher(),
            )
        )


@pytest.fixture
def agency(opened):
    return opened("US-XX")


class CodesAlone:
    """An in-process plugin: Test State without security questions."""

    @hookimpl
    def dcss_jurisdictions(self):
        days, key = DateRange(date(2025, 8, 1)), "accounts.recovery_methods"
        value = WrittenValue(key, ("issued_code",), days, "made up for a test", Confidence.CERTAIN)
        book = RuleBook("codes alone", values=(value,))
        return [JurisdictionRules("US-XX-CODES", "Test State, codes alone", lambda: book, extends="US-XX")]


def entries_of(content):
    return [(batch.header, entry) for batch in read_file(content).batches for entry in batch.entries]


def deds_in(content):
    return [
        ded for header, entry in entries_of(content) for ded in deds_of(entry, header.standard_entry_class)
    ]


# --- people -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 9_999, 10_000, 489_951, 489_952, 44_095_590])
def test_every_number_is_a_person_with_an_ssn_that_nobody_issues(number):
    digits = synthetic_parent(number).ssn.reveal()
    # SSA: no area 9xx; IRS: numbers of individuals begin 9xx with groups of 50 and above
    assert digits[0] == "9"
    assert 1 <= int(digits[3:5]) <= 49
    assert int(digits[5:]) >= 1


def test_two_numbers_are_two_people_who_share_nothing_they_are_known_by():
    numbers = [*range(1, 200), *range(9_990, 10_020)]
    people = [synthetic_parent(number) for number in numbers]
    for known_by in ("ssn", "email"):
        assert len({getattr(each, known_by).reveal() for each in people}) == len(numbers)
    assert len({each.irn for each in people}) == len({each.user_id for each in people}) == len(numbers)


@pytest.mark.parametrize("number", [0, -1, 44_095_591])
def test_there_is_nobody_with_a_number_outside(number):
    with pytest.raises(InvalidInputError, match="number: found"):
        synthetic_parent(number)


def test_an_ssn_that_may_be_somebodys_is_refused():
    with pytest.raises(InvalidInputError, match="may have issued"):
        never_issued_ssn("900-70-0001")
    assert never_issued_ssn("900-01-4321") == JANE_ROE.ssn


def test_a_parent_is_changed_field_by_field():
    changed = synthetic_parent(5, "Pat Rivers", irn=Irn("ABCD1234"))
    assert (changed.name, changed.irn) == (PersonName("Pat", "Rivers"), Irn("ABCD1234"))


# --- applications and forms --------------------------------------------------------------------------------


def test_what_is_built_opens_a_case_and_registers_both_parents(agency):
    opened = agency.cases.open(case_application(), by=Actor.system("intake"))
    assert opened.case_number == CaseNumber("0004567890")
    for parent in (JANE_ROE, JOHN_DOE):
        assert isinstance(agency.accounts.register(registration_form(agency, parent)), Registered)


def test_cases_of_other_people_stand_beside_each_other(agency):
    for number in range(3):
        application = case_application(
            f"{4567891 + number:010d}",
            payer=synthetic_parent(2 * number + 1),
            payee=synthetic_parent(2 * number + 2),
        )
        agency.cases.open(application, by=Actor.system("intake"))
    assert isinstance(agency.accounts.register(registration_form(agency, synthetic_parent(4))), Registered)


def test_an_application_says_what_it_was_told_to_say():
    arrears = (OpeningArrears(Month(2025, 11), Money("50.00")),)
    made = case_application(
        CaseNumber("0001"),
        payer=participant(Role.NONCUSTODIAL_PARENT, "Bo Lee", ssn=never_issued_ssn(7)),
        child=PersonName("Jamie", "Lee"),
        monthly=Money("225.00"),
        arrears=arrears,
        opened_on=date(2026, 1, 5),
    )
    payer, payee, child = made.participants
    assert (payer.name.full, payer.ssn, payer.irn) == ("Bo Lee", never_issued_ssn(7), None)
    assert payee == JANE_ROE.participant(Role.CUSTODIAL_PARENT)
    assert child.name.full == "Jamie Lee"
    assert made.obligations == (NewObligation(Money("225.00"), begins=date(2024, 4, 1)),)
    assert (made.case_number, made.arrears, made.opened_on) == (
        CaseNumber("0001"),
        arrears,
        date(2026, 1, 5),
    )


def test_a_participant_without_a_name_is_the_one_of_the_application():
    assert participant(Role.NONCUSTODIAL_PARENT) == JOHN_DOE.participant(Role.NONCUSTODIAL_PARENT)
    assert participant(Role.CHILD).name.full == "Casey Doe"
    assert participant(Role.CUSTODIAL_PARENT, email=None).email is None


def test_a_form_is_changed_field_by_field(agency):
    form = registration_form(agency, JANE_ROE, user_id="somebody", irn="", client_id="ABCD1234")
    assert (form.user_id, form.irn, form.client_id) == ("somebody", "", "ABCD1234")
    assert form.full_name == "Jane Roe"


def test_where_no_questions_are_used_none_is_answered(opened):
    agency = opened("US-XX-CODES", CodesAlone())
    agency.cases.open(case_application(), by=Actor.system("intake"))
    form = registration_form(agency)
    assert form.answers == ()
    assert isinstance(agency.accounts.register(form), Registered)


# --- remittance files --------------------------------------------------------------------------------------


def test_a_payment_says_by_default_that_it_is_johns_for_the_case():
    ((header, entry),) = entries_of(remittance_file(SentPayment()))
    (ded,) = deds_of(entry, header.standard_entry_class)
    assert (entry.amount, ded.amount) == (Money("200.00"), Money("200.00"))
    assert (ded.case_identifier, ded.ssn) == ("0004567890", Secret(JOHN_DOE.ssn.reveal()))
    assert (ded.pay_date, ded.is_employment_terminated, ded.fips) == (date(2026, 1, 5), False, None)
    assert header.effective_entry_date == date(2026, 1, 7)


def test_a_payment_says_what_it_was_told_to_say():
    sent = SentPayment(
        "10.00",
        case=CaseNumber("0001"),
        ssn=never_issued_ssn(3),
        pay_date=date(2026, 1, 2),
        stated="12.00",
        ended=True,
        locator="1300000",
        trace="121042880000099",
    )
    ((_, entry),) = entries_of(remittance_file(sent))
    (ded,) = deds_in(remittance_file(sent))
    assert (entry.amount, ded.amount) == (Money("10.00"), Money("12.00"))
    assert (ded.case_identifier, ded.ssn.reveal()) == ("0001", never_issued_ssn(3).reveal())
    assert (ded.pay_date, ded.is_employment_terminated, str(ded.fips)) == (date(2026, 1, 2), True, "1300000")
    assert entry.trace_number == "121042880000099"


def test_no_ssn_of_a_payment_shows_in_a_repr():
    assert "901028765" not in repr(SentPayment())


def test_a_payment_may_say_nothing_of_what_it_is_for():
    ((_, entry),) = entries_of(remittance_file(SentPayment(case=None)))
    assert entry.addenda == ()


@pytest.mark.parametrize(
    ("payment", "code"),
    [
        (SentPayment(), TransactionCode.CHECKING_CREDIT),
        (SentPayment("0.00", ended=True), TransactionCode.CHECKING_CREDIT_REMITTANCE_ONLY),
        (SentPayment(code="32"), TransactionCode.SAVINGS_CREDIT),
    ],
)
def test_an_entry_has_the_code_of_what_it_does(payment, code):
    ((_, entry),) = entries_of(remittance_file(payment))
    assert entry.transaction_code is code


def test_several_batches_have_their_own_days():
    content = remittance_file(
        batches=[[SentPayment("1.00")], [SentPayment("2.00"), SentPayment("3.00")]],
        effective=[date(2026, 1, 8), date(2026, 1, 9)],
        batch={"company_name": "ANOTHER EMPLOYER"},
        origin_name="A PAYROLL BUREAU",
    )
    found = [(header.effective_entry_date, str(entry.amount)) for header, entry in entries_of(content)]
    assert found == [(date(2026, 1, 8), "1.00"), (date(2026, 1, 9), "2.00"), (date(2026, 1, 9), "3.00")]
    assert {header.company_name for header, _ in entries_of(content)} == {"ANOTHER EMPLOYER"}
    assert read_file(content).header.origin_name == "A PAYROLL BUREAU"


def test_a_day_for_each_batch_or_none_is_given():
    with pytest.raises(InvalidInputError, match="effective: found 2 days, expected 1, one a batch"):
        remittance_file(SentPayment(), effective=[date(2026, 1, 8), date(2026, 1, 9)])


def test_an_entry_of_ctx_bears_several_payments_cut_where_a_record_ends():
    together = [SentPayment(f"{number}.00", case=f"000456789{number}") for number in range(1, 6)]
    content = remittance_file(together, SentPayment("7.00"), entry_class=StandardEntryClass.CTX)
    (_, first), (_, second) = entries_of(content)
    assert (first.amount, second.amount) == (Money("15.00"), Money("7.00"))  # 1 + 2 + 3 + 4 + 5
    assert len(first.addenda) > 1
    assert [str(ded.amount) for ded in deds_in(content)] == ["1.00", "2.00", "3.00", "4.00", "5.00", "7.00"]


def test_what_is_built_is_received(agency):
    agency.cases.open(case_application(), by=Actor.system("intake"))
    batch = agency.payments.receive(remittance_file(SentPayment("243.69")), by=Actor.system("remittance"))
    (receipt,) = batch.receipts
    assert receipt.amount == Money("243.69")
