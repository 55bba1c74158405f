"""S-14: what staff see of the money, and that a look at it leaves an entry in the audit log."""

import json

import pytest

from dcss_core import Actor, CaseNumber
from dcss_core.errors import InvalidInputError, NotFoundError, NotPermittedError
from dcss_core.users.staff.member import StaffRole


@pytest.fixture
def looked(agency, last_number):
    """What a read left in the audit log: kind, subject, actor and details of each entry."""

    def entries(read):
        number = last_number(agency)
        read()
        return [
            (entry.kind, entry.subject, entry.actor, json.loads(entry.details))
            for _, entry in agency.audit.entries(after=number, by=Actor.system("audit"))
        ]

    return entries


def test_s14_looking_at_what_is_held_leaves_one_entry_with_the_count(
    agency, opened_case, file_of, sent, clerk, looked
):
    agency.payments.receive(
        file_of(sent("1.00", case="0009999999"), sent("2.00", case="0009999998")),
        by=Actor.system("remittance"),
    )
    assert looked(lambda: agency.payments.held(by=clerk)) == [
        (
            "sensitive_read",
            "list:held_receipts",
            "staff:worker-17",
            {"view": "held_receipts", "count": 2},
        )
    ]


def test_s14_an_explanation_is_audited_under_the_case_or_under_the_receipt_when_it_has_none(
    agency, opened_case, file_of, sent, clerk, long_appointed, looked
):
    posted, held = agency.payments.receive(
        file_of(sent("1.00"), sent("2.00", case="0009999999")), by=Actor.system("remittance")
    ).receipts
    other = long_appointed(agency, "worker-3", StaffRole.CASE_WORKER)
    seen = [*looked(lambda: agency.payments.explain(posted, by=clerk))]
    seen += looked(lambda: agency.payments.explain(held.receipt_id, by=other))
    assert [entry[:3] for entry in seen] == [
        ("sensitive_read", "case:0004567890", "staff:worker-17"),
        ("sensitive_read", f"receipt:{held.receipt_id}", "staff:worker-3"),
    ]


def test_s14_the_balances_over_all_cases_show_no_person_and_leave_no_entry(
    agency, opened_case, clerk, looked
):
    assert looked(lambda: agency.payments.balances(by=clerk)) == []


def test_reports_that_employment_ended_are_found_later_oldest_first(
    agency, opened_case, file_of, sent, clerk, clock, looked
):
    assert agency.payments.employment_ends(by=clerk) == ()
    (first,) = agency.payments.receive(
        file_of(sent("0.00", ended=True)), by=Actor.system("remittance")
    ).employment_ends
    clock.move(days=1)
    later = agency.payments.receive(
        file_of(*(sent("0.00", case=f"000999999{each}", ended=True) for each in range(4))),
        by=Actor.system("remittance"),
    ).employment_ends
    found = agency.payments.employment_ends(by=clerk)
    assert found[0] == first
    assert set(found[1:]) == set(later)
    assert looked(lambda: agency.payments.employment_ends(by=clerk)) == [
        (
            "sensitive_read",
            "list:employment_ends",
            "staff:worker-17",
            {"view": "employment_ends", "count": 5},
        )
    ]


# --- the history and the statement of a case -------------------------------------------------------------


@pytest.fixture
def paid(agency, opened_case, file_of, sent, clock):
    """Five payments in John's case, a day apart."""
    receipts = []
    for number in range(5):
        content = file_of(sent(f"{number + 1}.00", trace=f"12104288000000{number}"))
        receipts += agency.payments.receive(content, by=Actor.system("remittance")).receipts
        clock.move(days=1)
    return receipts


def test_staff_see_the_history_of_any_case_with_the_remitter_and_the_look_is_audited(
    agency, opened_case, paid, clerk, looked
):
    seen = agency.payments.history(opened_case, by=clerk)
    assert [line.receipt_id for line in seen] == [receipt.receipt_id for receipt in reversed(paid)]
    assert {line.remitter for line in seen} == {"PEACH TREE PAY"}
    [(kind, subject, actor, details)] = looked(lambda: agency.payments.history(opened_case, by=clerk))
    assert (kind, subject, actor) == ("sensitive_read", f"case:{opened_case}", str(clerk))
    assert details["view"] == "history"


def test_the_history_follows_page_by_page_for_staff_and_for_a_parent(
    agency, opened_case, paid, clerk, john, register, sign_in
):
    register(agency, john)
    for by in (clerk, sign_in(agency, john)):
        whole = agency.payments.history(opened_case, by=by)
        first = agency.payments.history(opened_case, by=by, limit=2)
        second = agency.payments.history(opened_case, by=by, limit=2, after=first[-1].receipt_id)
        last = agency.payments.history(opened_case, by=by, limit=2, after=second[-1].receipt_id)
        assert (*first, *second, *last) == whole
        assert agency.payments.history(opened_case, by=by, after=whole[-1].receipt_id) == ()


def test_the_history_does_not_go_on_from_a_receipt_of_another_case(
    agency, opened_case, paid, clerk, file_of, sent, family, intake
):
    agency.cases.open(family("0004567891", "900010078"), by=intake)
    content = file_of(sent("9.00", case="0004567891", ssn="900010078", trace="121042880000099"))
    (other,) = agency.payments.receive(content, by=Actor.system("remittance")).receipts
    with pytest.raises(InvalidInputError, match="an id of another list"):
        agency.payments.history(opened_case, by=clerk, after=other.receipt_id)


def test_a_case_that_there_is_not_is_not_found_by_staff_and_its_number_stands_nowhere(agency, clerk, looked):
    def look():
        with pytest.raises(NotFoundError):
            agency.payments.history(CaseNumber("0009999999"), by=clerk)

    [(kind, subject, _, details)] = looked(look)
    assert (kind, subject) == ("sensitive_read", "search:case")
    assert "0009999999" not in str(details)


def test_staff_without_a_role_on_cases_see_no_history(agency, opened_case, paid, long_appointed):
    by = long_appointed(agency, "officer", StaffRole.RECORDS_OFFICER)
    with pytest.raises(NotPermittedError, match="you may not do this"):
        agency.payments.history(opened_case, by=by)


def test_receipts_that_are_held_follow_page_by_page(agency, file_of, sent, clerk):
    entries = [sent(f"{number}.00", case=f"000999999{number}") for number in range(1, 6)]
    agency.payments.receive(file_of(*entries), by=Actor.system("remittance"))
    whole = agency.payments.held(by=clerk)
    first = agency.payments.held(by=clerk, limit=3)
    rest = agency.payments.held(by=clerk, limit=3, after=first[-1].receipt.receipt_id)
    assert (*first, *rest) == whole
    assert len(whole) == 5
