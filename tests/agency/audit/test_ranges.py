"""Ranges of the log are verified apart and put together: what is found is what reading it whole finds."""

import pickle
import sqlite3
from contextlib import closing

import attrs
import pytest

from dcss_core import Actor
from dcss_core.agency.audit.reading import own_checkpoint
from dcss_core.audit.checkpoint import sign_checkpoint
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
    assert (found.damage[0].kind, found.damage[0].seq) == (DamageKind.REWRITTEN, 1)


@pytest.mark.parametrize("bounds", [(16, 25), (31,), (32, 36)])
@pytest.mark.parametrize("seq", [2, 16, 31])
def test_damage_in_any_of_the_ranges_is_found_as_by_the_whole(log, tamper, seq, bounds):
    audit, notes = log
    tamper(
        "UPDATE audit_entries SET actor = 'staff:nobody' WHERE (act, seq) IN "
        f"(SELECT act, line FROM audit_log WHERE seq = {seq})"
    )
    found = audit.verify(notes, by=AUDITOR, verified=ranges(audit, notes, *bounds))
    assert [(each.kind, each.seq) for each in found.damage] == [(DamageKind.EDITED, seq)]


@pytest.mark.parametrize("first_gone", [11, 20, 40])
def test_records_that_go_after_their_range_was_verified_are_missed(log, tamper, first_gone):
    audit, notes = log
    verified = ranges(audit, notes, 20)
    tamper(f"DELETE FROM audit_log WHERE seq >= {first_gone}")
    assert not audit.verify(notes, by=AUDITOR, verified=verified).is_sound


@pytest.mark.parametrize("bounds", [(), (20,), (39,)])
def test_a_log_that_could_not_go_on_is_found_by_ranges_too(log, tamper, bounds):
    audit, notes = log
    tamper("UPDATE audit_log SET peaks = NULL WHERE seq = 40")
    found = audit.verify(notes, by=AUDITOR, verified=ranges(audit, notes, *bounds))
    assert [(each.kind, each.seq) for each in found.damage] == [(DamageKind.HASHES, 40)]


def test_a_log_that_can_not_go_on_any_more_is_found_though_its_ranges_were_sound(log, tamper):
    audit, notes = log
    verified = ranges(audit, notes, 20)
    tamper("UPDATE audit_log SET peaks = NULL WHERE seq = 40")
    assert [each.seq for each in audit.verify(notes, by=AUDITOR, verified=verified).damage] == [21]


def test_a_range_that_says_it_goes_on_for_ever_is_none_of_this_log(log):
    audit, notes = log
    [whole] = ranges(audit, notes)
    found = audit.verify(notes, by=AUDITOR, verified=[attrs.evolve(whole, last=10**9)])
    assert [each.kind for each in found.damage] == [DamageKind.REWRITTEN]


@pytest.fixture
def forged_note(log):
    """A checkpoint that this agency signed at 23, of other records."""
    audit, [note] = log
    resources = audit._resources
    key = resources.sealer.audit_signing_key()
    return sign_checkpoint(attrs.evolve(own_checkpoint(resources, note), root=bytes(32)), key)


def test_records_that_are_not_those_that_were_signed_are_found_at_the_end_of_a_range(log, forged_note):
    audit, _ = log
    found = audit.verify([forged_note], by=AUDITOR, verified=ranges(audit, [], 23))
    assert [(each.kind, each.seq) for each in found.damage] == [(DamageKind.REWRITTEN, 1)]


def test_records_that_are_not_those_that_were_signed_are_not_called_sound_within_a_range(log, forged_note):
    audit, _ = log
    assert not audit.verify([forged_note], by=AUDITOR, verified=ranges(audit, [], 20)).is_sound


def test_a_checkpoint_that_a_range_was_not_compared_with_is_named(log):
    audit, notes = log
    found = audit.verify(notes, by=AUDITOR, verified=ranges(audit, [], 20))
    assert (found.is_sound, found.damage) == (False, ())
    assert found.not_compared == (
        "the checkpoint at 23: records 21 to 40 were verified without it; verify them again",
    )


def test_a_checkpoint_of_the_end_of_a_range_is_compared_though_it_came_later(log):
    audit, notes = log
    assert audit.verify(notes, by=AUDITOR, verified=ranges(audit, [], 23)).is_sound
    assert audit.verify(notes, by=AUDITOR, verified=ranges(audit, [], 23)).signed_size == 23


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
