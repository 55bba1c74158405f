"""Staff find the case a held receipt belongs to, perhaps weeks later."""

from datetime import date

import pytest

from dcss_core import Actor, CaseNumber, Money, Month, errors
from dcss_core.cases import Assistance
from dcss_core.cases.case import CaseStatus
from dcss_core.payments.ledger.ledger import Place

pytestmark = pytest.mark.on_every_storage


@pytest.fixture
def held(agency, opened_case, file_of, sent):
    """Receives money for a case unknown; gives the receipt."""

    def received(amount="260.00", **changes):
        content = file_of(sent(amount, **({"case": "0009999999"} | changes)))
        (receipt,) = agency.payments.receive(content, by=Actor.system("remittance")).receipts
        assert receipt.hold_reason is not None
        return receipt

    return received


def test_it_counts_from_the_day_it_was_received(agency, opened_case, held, clerk, clock, told):
    receipt = held("460.00")
    clock.move(days=40)  # 16 February
    released = agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    assert (released.received_on, released.collected_on) == (date(2026, 1, 7), date(2026, 1, 7))
    # as on 7 January: 200.00 January, 50.00 November; and February, which has fallen due since
    assert told(agency, released) == [
        ("current_support", "2026-01", "200.00"),
        ("never_assigned_arrears", "2025-11", "50.00"),
        ("future_support", "2026-02", "200.00"),
        ("future_support", "None", "10.00"),
    ]
    assert agency.payments.held(by=clerk) == ()


def test_it_satisfies_what_a_receipt_that_came_between_left_open(
    agency, opened_case, jane, register, sign_in, held, clerk, clock, file_of, sent
):
    receipt = held("460.00")
    clock.move(days=40)
    agency.payments.receive(file_of(sent("30.00", trace="121042880000009")), by=Actor.system("remittance"))
    agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    register(agency, jane)
    token = sign_in(agency, jane)
    statement = agency.payments.statement(opened_case, first=Month(2026, 1), last=Month(2026, 2), by=token)
    # 50.00 + 200.00 - 250.00 = 0.00 at the end of January; 200.00 - (30.00 + 170.00) = 0.00 in February
    assert [(str(each.paid), str(each.owed_at_end)) for each in statement.months] == [
        ("250.00", "0.00"),
        ("200.00", "0.00"),
    ]
    assert statement.held == Money("40.00")  # 460.00 + 30.00 - 450.00


def test_s30_its_day_to_be_sent_runs_from_the_day_its_payee_became_known(
    agency, opened_case, held, clerk, clock
):
    """42 USC 654b(c)(1): two business days if sufficient information identifying the payee is provided."""
    receipt = held()
    clock.move(days=40)  # Monday 16 February 2026
    released = agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    assert released.send_by == date(2026, 2, 18)


def test_s30_where_the_holidays_are_not_known_the_explanation_says_so(
    agency, opened_case, held, clerk, clock
):
    clock.move(days=725)
    receipt = held()
    clock.move(days=6)  # 8 January 2028: the list of state holidays ends with 2027
    released = agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    assert released.send_by is None
    assert "The last day to send the family's part is not known" in str(
        agency.payments.explain(released, by=clerk)
    )


def test_the_family_is_told_and_the_release_is_audited(
    agency, opened_case, held, clerk, mail, last_number, kinds
):
    receipt = held()
    number = last_number(agency)
    agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    assert kinds(agency, after=number) == ["support_charged", "receipt_identified"]
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert [letter.subject for letter in mail.delivered] == ["A payment was posted"]
    assert "0004567890" not in mail.delivered[0].message_id


def test_no_cent_is_lost_or_doubled(agency, opened_case, held, clerk):
    receipt = held()
    agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert (balances[Place.COLLECTED], balances[Place.PAYABLE], balances[Place.HELD]) == (
        Money("-260.00"),
        Money("250.00"),
        Money("10.00"),
    )


def test_a_receipt_is_identified_once(agency, opened_case, held, clerk, books):
    receipt = held()
    agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    before = books(agency)
    with pytest.raises(errors.ConflictError, match="not held"):
        agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    assert books(agency) == before


def test_two_clerks_at_once_release_it_once(agency, opened_case, held, clerk, at_once):
    receipt = held()

    def identify():
        try:
            return agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
        except errors.ConflictError:
            return None

    assert sum(outcome is not None for outcome in at_once(2, identify)) == 1
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.PAYABLE] == Money("250.00")


def test_an_unknown_receipt_or_case_is_said_to_be_unknown(agency, opened_case, held, clerk):
    with pytest.raises(errors.NotFoundError, match="no such receipt"):
        agency.payments.identify("RNONE", opened_case, by=clerk)
    with pytest.raises(errors.NotFoundError, match="no case 0001"):
        agency.payments.identify(held().receipt_id, CaseNumber("0001"), by=clerk)


def test_a_case_without_a_distribution_order_gets_nothing(agency, held, family, clerk, books):
    receipt = held()
    other = family("0004567899", "900010099", assistance=Assistance.CURRENT)
    case = agency.cases.open(other, by=clerk)
    before = books(agency)
    with pytest.raises(errors.RuleViolationError, match="42 USC 657"):
        agency.payments.identify(receipt.receipt_id, case.case_number, by=clerk)
    assert books(agency) == before


def test_a_closed_case_gets_nothing_and_is_not_charged(agency, opened_case, held, clerk, books):
    import attrs

    from dcss_core.agency.filing.cases import CASES

    receipt = held()

    def close(work):  # no verb closes a case yet
        kept = work.get(CASES, opened_case)
        work.replace(CASES, kept, attrs.evolve(kept.record, status=CaseStatus.CLOSED))

    agency.payments._resources.write(close)
    before = books(agency)
    with pytest.raises(errors.InvalidInputError, match="closed"):
        agency.payments.identify(receipt.receipt_id, opened_case, by=clerk)
    assert books(agency) == before
