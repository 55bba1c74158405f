"""Ranges of the log are verified apart and put together: what is found is what reading it whole finds."""

import pickle
import sqlite3
from contextlib import closing

import pytest

from dcss_core import Actor
from dcss_core.audit.damage import DamageKind
from dcss_core.errors import InvalidInputError

AUDITOR = Actor.system("audit")


@pytest.fixture
def agency(opener, sqlite_url):
    return opener(sqlite_url)


@pytest.fixture
def tamper(sqlite_url):
    """Runs a statement on the file, as somebody can who holds the database."""

    def run(statement):
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
            database.execute(statement)
            database.commit()

    return run


@pytest.fixture
def log(agency, opened_case, clerk):
    """40 entries, and a checkpoint signed at 23."""
    notes = []
    for number in range(2, 41):
        agency.cases.find(opened_case, by=clerk)
        if number == 23:
            notes.append(agency.audit.publish(by=AUDITOR).checkpoint)
    agency.audit.sequence(by=AUDITOR)
    return agency.audit, notes


def ranges(log, notes, *bounds):
    """The ranges between these numbers, each as it comes from another process."""
    read = [
        log.verify_range(first, last, notes, by=AUDITOR)
        for first, last in zip((1, *(bound + 1 for bound in bounds)), (*bounds, 40), strict=True)
    ]
    return [pickle.loads(pickle.dumps(each)) for each in read]


@pytest.mark.parametrize("bounds", [(), (1,), (16, 32), (7, 22, 23, 39), tuple(range(1, 40))])
def test_ranges_together_find_what_the_whole_finds(log, bounds):
    audit, notes = log
    whole = audit.verify(notes, by=AUDITOR)
    together = audit.verify(notes, by=AUDITOR, verified=ranges(audit, notes, *bounds))
    assert together == whole
    assert (together.is_sound, together.size, together.signed_size) == (True, 40, 23)


def test_what_comes_after_the_ranges_is_read_with_them(log, agency, opened_case, clerk):
    audit, notes = log
    verified = ranges(audit, notes, 20)
    agency.cases.find(opened_case, by=clerk)
    assert audit.verify(notes, by=AUDITOR, verified=verified).size == 41


def test_damage_in_a_range_is_found_with_its_number(log, tamper):
    audit, notes = log
    tamper(
        "UPDATE audit_entries SET actor = 'staff:nobody' WHERE (act, seq) IN "
        "(SELECT act, line FROM audit_log WHERE seq = 31)"
    )
    found = audit.verify(notes, by=AUDITOR, verified=ranges(audit, notes, 16, 25))
    assert [(each.kind, each.seq) for each in found.damage] == [(DamageKind.EDITED, 31)]


def test_ranges_of_two_logs_do_not_go_together(log, opener, case_application, intake):
    audit, _ = log
    other = opener("memory:")
    other.cases.open(case_application, by=intake)
    foreign = [other.audit.verify_range(1, 1, by=AUDITOR)]
    own = [audit.verify_range(2, 40, by=AUDITOR)]
    found = audit.verify(by=AUDITOR, verified=[*foreign, *own])
    assert found.damage[0].seq == 2
    assert not found.is_sound


@pytest.mark.parametrize("order", [lambda a, b: [b, a], lambda a, b: [b], lambda a, b: [a, a, b]])
def test_ranges_that_do_not_follow_each_other_are_refused(log, order):
    audit, notes = log
    first, second = ranges(audit, notes, 20)
    with pytest.raises(InvalidInputError, match="one that begins at"):
        audit.verify(notes, by=AUDITOR, verified=order(first, second))


@pytest.mark.parametrize(("first", "last"), [(0, 3), (3, 2), (1, 41), (-1, 1)])
def test_a_range_the_log_does_not_have_is_refused(log, first, last):
    audit, _ = log
    with pytest.raises(InvalidInputError, match="from 1 to 40"):
        audit.verify_range(first, last, by=AUDITOR)
