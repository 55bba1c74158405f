"""Verifying asks whose money it is: whom an account pays, and whether there is a case for it."""

import sqlite3
from contextlib import closing
from datetime import date

import attrs
import pytest

from dcss_core import Actor, Money, Month
from dcss_core.cases import OpeningArrears
from dcss_core.payments import FindingKind

AUDIT, REMITTANCE = Actor.system("audit"), Actor.system("remittance")
OF_THE_OTHER = "(SELECT payee_id FROM case_accounts WHERE case_number = '0004567891')"


@pytest.fixture
def agency(opener, database):
    return opener(f"sqlite:///{database}")


@pytest.fixture
def kinds(changed):
    """Changes the database by hand; the kinds of what is found."""
    return lambda *changes: {each.kind for each in changed(*changes).findings}


# --- who is paid ---------------------------------------------------------------------------------------


def test_an_account_that_pays_another_parent_is_found(two_cases, kinds):
    redirected = f"UPDATE case_accounts SET payee_id = {OF_THE_OTHER} WHERE case_number = '0004567890'"
    assert FindingKind.ACCOUNT in kinds(redirected)


def test_money_that_went_elsewhere_meanwhile_is_found(agency, two_cases, changed, file_of, sent, database):
    of = "(SELECT payee_id FROM case_accounts WHERE case_number = '{}')".format
    redirected = "UPDATE case_accounts SET payee_id = {} WHERE case_number = '0004567891'".format
    with closing(sqlite3.connect(database)) as connection, connection:
        [(mine,)] = connection.execute(f"SELECT {of('0004567891')}").fetchall()
        connection.execute(redirected(of("0004567890")))
    owed = sent("60.00", case="0004567891", ssn="900010002", trace="121042880000077")
    agency.payments.receive(file_of(owed), by=REMITTANCE)
    found = changed(redirected(f"'{mine}'"))
    assert FindingKind.LINES in {each.kind for each in found.findings}


def test_a_parent_who_was_exchanged_along_with_the_account_is_found(two_cases, kinds):
    """The log says who was in the case when it was opened."""
    assert FindingKind.CHANGED in kinds(
        f"UPDATE participations SET person_id = {OF_THE_OTHER}, "
        f"participation_id = '0004567890/CP/' || {OF_THE_OTHER} "
        "WHERE case_number = '0004567890' AND role = 'CP'",
        f"UPDATE case_accounts SET payee_id = {OF_THE_OTHER} WHERE case_number = '0004567890'",
    )


# --- what was entered when a case was opened ------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE obligations SET begins = '2019-01-01'",
        "UPDATE obligations SET ends = '2046-01-05'",
        "UPDATE obligations SET due_day = due_day + 1",
        "UPDATE support_orders SET issuing_state = '01'",
        "UPDATE support_orders SET issued_on = '2019-01-01'",
        "UPDATE cases SET assistance = 'current_assistance'",
        "UPDATE cases SET opened_on = '2019-01-01'",
    ],
)
def test_the_terms_of_an_order_are_compared_with_the_log(two_cases, kinds, change):
    assert FindingKind.CHANGED in kinds(change)


def test_arrears_of_another_month_are_found(agency, family, intake, kinds):
    owed = (OpeningArrears(Month(2025, 11), Money("50.00")), OpeningArrears(Month(2025, 12), Money("60.00")))
    agency.cases.open(family("0004567892", "900010003", arrears=owed), by=intake)
    assert agency.payments.verify(by=AUDIT).is_sound
    assert FindingKind.CHANGED in kinds(
        "UPDATE postings SET month = '2025-10', effective_date = '2025-10-01', "
        "entry_id = replace(entry_id, '2025-11', '2025-10') WHERE month = '2025-11'",
        "UPDATE case_accounts SET debts = replace(debts, '2025-11', '2025-10') "
        "WHERE case_number = '0004567892'",
    )


def test_arrears_of_more_than_a_page_are_whole(agency, family, intake, kinds):
    owed = tuple(OpeningArrears(Month(2025, 1).plus(-each), Money("1.00")) for each in range(1, 120))
    case = family("0004567892", "900010003", arrears=owed)
    agency.cases.open(attrs.evolve(case, order_issued_on=date(2001, 1, 1)), by=intake)
    assert agency.payments.verify(by=AUDIT).findings == ()
    assert FindingKind.CHANGED in kinds(
        "UPDATE postings SET recorded_at = '2026-01-01 00:00:00.000000' WHERE seq IN (237, 238)"
    )


# --- whether there is a case ----------------------------------------------------------------------------


def test_cases_that_are_gone_leave_their_money_behind(two_cases, changed):
    found = {each.kind: each for each in changed("DELETE FROM cases").findings}
    # an account, an obligation, postings and lines of each
    assert (found[FindingKind.NO_CASE].where, found[FindingKind.NO_CASE].places) == ("case 0004567890", 8)
    assert FindingKind.MISSING in found


@pytest.mark.parametrize("table", ["case_accounts", "obligations", "postings", "distribution_lines"])
def test_what_is_of_a_case_that_is_not_there_is_found(two_cases, kinds, database, table):
    number = "stream" if table == "postings" else "case_number"
    changes = [f"UPDATE {table} SET {number} = '0000000009' WHERE {number} = '0004567890'"]
    assert FindingKind.NO_CASE in kinds(*changes)


@pytest.mark.parametrize("stream", ["'Rnobody'", "'*'", "'0004567890 '", "receipt_id || 'x'"])
def test_postings_in_a_stream_of_nobody_are_found(two_cases, kinds, stream):
    assert {FindingKind.NO_CASE, FindingKind.UNREADABLE} & kinds(
        f"UPDATE postings SET stream = {stream} WHERE stream LIKE 'R%' AND receipt_id = "
        "(SELECT receipt_id FROM receipts WHERE status = 'held')"
    )


def test_postings_that_were_added_to_the_stream_of_a_receipt_are_found(two_cases, kinds):
    """Money that is held for a receipt which was posted to its case all the same."""
    columns = "line, place, amount_cents, effective_date, recorded_at, receipt_id, hold_reason, seq"
    paid = "(SELECT receipt_id FROM receipts WHERE status = 'distributed' AND case_number = '0004567891')"
    assert FindingKind.NO_CASE in kinds(
        f"INSERT INTO postings (entry_id, stream, {columns}) SELECT 'forged', {paid}, "
        f"{columns.replace('receipt_id', paid)} FROM postings WHERE stream = "
        "(SELECT receipt_id FROM receipts WHERE status = 'held')"
    )


def test_a_likeness_for_which_nobody_paid_is_found(two_cases, kinds):
    """It would have a payment held that is like no other."""
    forged = "INSERT INTO receipt_likenesses SELECT 'FORGED', receipt_id, 1 FROM receipts LIMIT 1"
    assert kinds(forged) == {FindingKind.LIKENESS}


def test_a_run_that_charged_a_month_to_come_is_found(two_cases, kinds):
    assert kinds("UPDATE charging_runs SET through = '2031-01'") == {FindingKind.CHARGES}
