"""What can't be read is a finding, whatever stands there; a storage that fails is an error; both end."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from random import Random
from threading import Thread

import pytest

from dcss_core import Actor
from dcss_core.agency.filing import cases, payments as filing
from dcss_core.errors import BackendError
from dcss_core.payments import FindingKind

AUDIT = Actor.system("audit")
MONEY = (*filing.EVERY_RECORD, cases.OBLIGATIONS)
VALUES = ("5", "1.5", "'rubbish'", "x'ff00'", "NULL", "CAST(x'ff' AS TEXT)")
SAMPLED = 300  # of more than 500, for each takes a verification
# What makes no difference to the money: in which record a sum stands, and how often a record was replaced.
OF_NO_ACCOUNT = {("book_totals", "shard"), *((each.collection.name, "version") for each in MONEY)}


@pytest.fixture
def agency(opener, database):
    return opener(f"sqlite:///{database}")


# --- a storage that fails ------------------------------------------------------------------------------


@pytest.mark.on_every_storage
class TestClosed:
    @pytest.fixture
    def agency(self, opener, storage_url):
        return opener(storage_url)

    @pytest.mark.parametrize("looks", [0, 150])
    def test_an_agency_that_is_closed_meanwhile_is_an_error_and_no_finding(
        self, agency, two_cases, clerk, looks
    ):
        for _ in range(looks):
            agency.payments.held(by=clerk)
        with pytest.raises(BackendError, match="closed"):
            agency.payments.verify(by=AUDIT, progress=lambda done, of: agency.close())

    def test_another_thread_may_close_it(self, agency, two_cases):
        def close(done, of):
            closing_it = Thread(target=agency.close)
            closing_it.start()
            closing_it.join()

        with pytest.raises(BackendError, match="closed"):
            agency.payments.verify(by=AUDIT, progress=close)


@pytest.mark.parametrize("table", ["postings", "audit_log", "remittance_files"])
def test_a_damaged_page_is_an_error_and_no_finding(agency, two_cases, opener, database, table):
    agency.close()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(page,)] = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", [table]
        ).fetchall()
        [(size,)] = connection.execute("PRAGMA page_size").fetchall()
    with open(database, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    again = opener(f"sqlite:///{database}")
    with pytest.raises(BackendError, match="SQLITE_CORRUPT"):
        again.payments.verify(by=AUDIT)


# --- a log that can't be right -------------------------------------------------------------------------


@pytest.mark.parametrize("behind", [0, 150])
def test_numbers_far_apart_in_the_log_are_gone_through_once(agency, two_cases, changed, clerk, behind):
    for _ in range(behind):
        agency.payments.held(by=clerk)
    entries = agency.payments.verify(by=AUDIT).entries
    verification = changed("UPDATE audit_log SET seq = seq + 1000000000000000")
    assert (verification.entries, verification.is_sound) == (entries, True)  # verifying the log names it


def test_a_log_of_nothing_but_rubbish_ends(agency, two_cases, changed):
    entries = agency.payments.verify(by=AUDIT).entries
    verification = changed(
        "UPDATE audit_entries SET at = 'rubbish'", "UPDATE audit_log SET seq = seq + 1000000000000000"
    )
    [unreadable] = [each for each in verification.findings if each.kind is FindingKind.UNREADABLE]
    assert verification.entries == entries
    assert unreadable.places >= entries


def test_instants_that_are_spelled_otherwise_end(agency, two_cases, changed):
    """What goes on behind `2026-01-07 15:00` begins with `2026-01-07T15:00` once more."""
    rest = (
        "received_on, remitter, size, entries, total_cents, status, done, receipts, received_cents, "
        "held_cents, employment_ends, seen_before, version"
    )
    verification = changed(
        "INSERT INTO remittance_files (file_id, received_at, " + rest + ") "
        "WITH RECURSIVE counted(number) AS "
        "(SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < 150) "
        "SELECT file_id || number, replace(received_at, ' ', 'T'), " + rest + " "
        "FROM (SELECT * FROM remittance_files LIMIT 1), counted"
    )
    assert FindingKind.UNREADABLE in {each.kind for each in verification.findings}


def test_case_numbers_that_are_spelled_otherwise_end(agency, two_cases, changed):
    """A space behind a number is no part of it."""
    verification = changed("UPDATE distribution_lines SET case_number = case_number || ' '")
    assert FindingKind.UNREADABLE in {each.kind for each in verification.findings}


# --- whatever stands there -----------------------------------------------------------------------------


def changes(connection) -> Iterator[tuple[str, str, str]]:
    """Each column of each table of money, with a value of each type."""
    for records in MONEY:
        table = records.collection.name
        for _, column, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
            for value in VALUES:
                yield table, column, value


def means_the_same(table, column, before, after) -> bool:
    """Whether a value of another type reads as what was there before."""
    is_flag = (table, column) == ("distribution_lines", "from_held")
    return before == after or (is_flag and after is not None and bool(before) is bool(after))


def test_a_value_of_any_type_anywhere_is_a_finding(agency, two_cases, database):
    silent, tried = [], 0
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for table, column, value in Random(32).sample(list(changes(connection)), SAMPLED):
            where = f"rowid = (SELECT max(rowid) FROM {table})"
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})").fetchall()]
            [rowid, *kept] = connection.execute(f"SELECT rowid, * FROM {table} WHERE {where}").fetchone()
            before = kept[columns.index(column)]
            try:
                [[after]] = connection.execute(
                    f'UPDATE {table} SET "{column}" = {value} WHERE {where} '
                    f'RETURNING CASE WHEN "{column}" = CAST(x\'ff\' AS TEXT) THEN NULL ELSE "{column}" END'
                ).fetchall()
            except sqlite3.IntegrityError:  # the database itself refuses it
                continue
            tried += 1
            is_silent = agency.payments.verify(by=AUDIT).is_sound
            counts = (table, column) not in OF_NO_ACCOUNT and not means_the_same(table, column, before, after)
            if is_silent and counts:
                silent.append((table, column, value))
            connection.execute(f"DELETE FROM {table} WHERE {where}")
            places = ", ".join("?" * len(kept))
            if any(name == "seq" for name in columns):
                connection.execute(f"INSERT INTO {table} VALUES ({places})", kept)
            else:
                names = ", ".join(f'"{name}"' for name in columns)
                connection.execute(
                    f"INSERT INTO {table} (rowid, {names}) VALUES (?, {places})", [rowid, *kept]
                )
    assert silent == []
    assert tried > SAMPLED / 2
    assert agency.payments.verify(by=AUDIT).is_sound
