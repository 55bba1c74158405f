"""`agency.keys.report`: what each key is still needed for."""

import re
import sqlite3
from contextlib import closing

import pytest

from dcss_core import KeyRing
from dcss_core.agency.keys.places import needs_keys
from dcss_core.agency.keys.reading import EVERY_RECORD
from dcss_core.errors import NotPermittedError
from dcss_core.moving.every_record import every_record
from dcss_core.running import KeyPurpose, KeyStanding
from dcss_core.users.hashing.password_hash import PasswordHash

from .conftest import K1, K2


def test_a_new_agency_needs_its_one_key(opened_with, ring, job):
    [key] = opened_with(ring("1")).keys.report(by=job).keys
    assert (key.key_id, key.standing) == ("k1", KeyStanding.CURRENT)
    assert {need.field for need in key.needs} == {"agency_identity/sealed", "agency_identity/decoys"}


def test_everything_is_counted_by_what_it_is_good_for(lived, opened_with, job):
    purposes = opened_with(lived("21")).keys.report(by=job).of("k1").purposes
    assert purposes[KeyPurpose.PASSWORDS] == purposes[KeyPurpose.ANSWERS] == 2
    assert purposes[KeyPurpose.FOUND] == 2
    assert purposes[KeyPurpose.SEALED] == 10  # number, e-mail and address of two parents, a letter, the mark


def test_nothing_in_the_database_names_a_key_and_is_not_counted(lived, opened_with, job, durable_url):
    agency = opened_with(lived("1"))
    fields = {need.field for need in agency.keys.report(by=job).of("k1").needs}
    agency.close()
    assert fields == named_in(durable_url)


def named_in(url):
    """The fields of a SQLite file in which a key's id stands: of a sealed value, a digest or a pepper."""
    found = set()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        for (table,) in [*connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]:
            rows = connection.execute(f'SELECT * FROM "{table}"')
            names = [column for column, *_ in rows.description]
            found |= {
                f"{table}/{name}"
                for row in rows
                for name, value in zip(names, row, strict=True)
                if names_k1(value)
            }
    return found


def names_k1(value):
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.startswith("\x01\x02k1") or re.search(r'k1:[0-9a-f]{64}|"pepper_id":"k1"', text) is not None


def test_every_record_that_holds_something_of_a_key_is_looked_at():
    assert {each.collection.name for each in EVERY_RECORD} == {
        each.collection.name for each in every_record() if needs_keys(each)
    }


def test_no_field_holds_a_hash_that_is_not_counted():
    with_hashes = {
        (records.collection.name, column.field.name)
        for records in every_record()
        for column in records.columns.values()
        if PasswordHash.__name__ in str(column.declared)
    }
    assert with_hashes == {
        ("accounts", "password_hash"),
        ("accounts", "earlier_hashes"),
        ("security_answers", "answers_hash"),
    }


def test_a_key_that_the_ring_lacks_is_named(lived, opened_with, job, durable_url):
    agency = opened_with(lived("21"))
    agency.keys.reseal(by=job)
    agency.close()
    report = opened_with(KeyRing((K2,))).keys.report(by=job)
    assert report.of("k1").standing is KeyStanding.MISSING
    assert set(report.of("k1").purposes) == {KeyPurpose.PASSWORDS, KeyPurpose.ANSWERS, KeyPurpose.COUNTED}
    assert report.opens_all


def test_a_damaged_hash_hides_nothing_else(lived, opened_with, job, durable_url):
    with closing(sqlite3.connect(durable_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE accounts SET password_hash = '{' WHERE rowid = 1")
    agency = opened_with(lived("21"))
    report = agency.keys.report(by=job)
    assert report.of("k1").purposes[KeyPurpose.PASSWORDS] == 1
    assert report.of("(unreadable)").purposes == {KeyPurpose.PASSWORDS: 1}
    assert agency.keys.reseal(by=job).resealed["people"] == 2


def test_progress_is_told_and_ends_with_all(lived, opened_with, job):
    told = []
    opened_with(lived("1")).keys.report(by=job, progress=lambda done, of: told.append((done, of)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 5


def test_a_records_officer_may_look_and_nobody_else_of_staff(agency, staff, job):
    from dcss_core.users import StaffRole

    officer = staff(StaffRole.RECORDS_OFFICER)
    worker = staff(StaffRole.CASE_WORKER)
    assert agency.keys.report(by=officer).of("k1")
    with pytest.raises(NotPermittedError):
        agency.keys.report(by=worker)
    with pytest.raises(NotPermittedError):
        agency.keys.reseal(by=officer)
    with pytest.raises(NotPermittedError):
        agency.keys.retire("k1", by=officer)


def test_nothing_secret_is_in_it(lived, opened_with, job, jane):
    report = opened_with(lived("21")).keys.report(by=job)
    for secret in (jane.ssn.reveal(), jane.email.reveal(), K1.key_hex.reveal()):
        assert secret not in f"{report!r}{report}{report._repr_html_()}"
