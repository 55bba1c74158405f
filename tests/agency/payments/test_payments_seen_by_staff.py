"""S-14: what staff look at of the money leaves an entry in the audit log."""

import json

import pytest

from dcss_core import Actor


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
    agency, opened_case, file_of, sent, clerk, looked
):
    posted, held = agency.payments.receive(
        file_of(sent("1.00"), sent("2.00", case="0009999999")), by=Actor.system("remittance")
    ).receipts
    seen = [*looked(lambda: agency.payments.explain(posted, by=clerk))]
    seen += looked(lambda: agency.payments.explain(held.receipt_id, by=Actor.staff("worker-3")))
    assert [entry[:3] for entry in seen] == [
        ("sensitive_read", "case:0004567890", "staff:worker-17"),
        ("sensitive_read", f"receipt:{held.receipt_id}", "staff:worker-3"),
    ]


def test_s14_the_balances_over_all_cases_show_no_person_and_leave_no_entry(agency, opened_case, looked):
    assert looked(agency.payments.balances) == []


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
