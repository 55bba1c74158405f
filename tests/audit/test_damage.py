"""How a damage reads and is named; what is found in a stored log stands in tests/agency/audit."""

from datetime import UTC, datetime

import attrs
import pytest

from dcss_core.audit.damage import Damage, DamageKind, name_damage, name_misfit
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.log_record import LogRecord
from dcss_core.audit.numbering import NumberedLeaf
from dcss_core.audit.written_entry import WrittenEntry, written

ENTRY = AuditEntry(datetime(2026, 1, 7, 15, tzinfo=UTC), "case_opened", "staff:w-17", "case:1", None, "{}")
ACT = bytes(range(24))
WRITTEN = WrittenEntry(**written(ACT, [ENTRY], bytes(16)).entries[0])


def height(number):
    """How many perfect subtrees of RFC 9162 end with a leaf: one more than a number has factors of 2."""
    return next(power for power in range(64) if number % 2**power) if number else 0


def record(seq, *, written_as=None, leaf=True, **changes):
    """A record that holds as many hashes as the number under which it was written asks for."""
    nodes = bytes(32 * height(seq if written_as is None else written_as))
    found = NumberedLeaf(ACT, 1, nodes, None) if leaf else None
    return LogRecord(**{"seq": seq, "leaf": found, "written": WRITTEN} | changes)


def moved(seq, by, so_many=16):
    """Records behind this number, each of which was written under a number so much higher or lower."""
    return [record(number, written_as=number + by) for number in range(seq, seq + so_many)]


def edited(seq):
    return Damage(DamageKind.EDITED, seq, "it does not say what was written")


def test_what_was_damaged_is_said_with_its_place_and_sort():
    edited = Damage(DamageKind.EDITED, 7, "it does not say what was written")
    assert str(edited) == "record 7: edited; it does not say what was written"
    forked = Damage(DamageKind.FORKED, None, "there were two logs")
    assert str(forked) == "a checkpoint: forked; there were two logs"
    late = Damage(DamageKind.LATE, None, "it waits since yesterday", f"{ACT.hex()}-1")
    assert str(late) == f"entry {ACT.hex()}-1: late; it waits since yesterday"


@pytest.mark.parametrize(
    "unreadable",
    [
        record(5, leaf=False),
        record(5, leaf=False, written=None),
        record(5, written=None, is_readable=False),
        record(5, leaf=False, written=None, is_readable=False),
    ],
)
def test_what_can_not_be_read_was_edited_and_is_not_gone(unreadable):
    found = name_damage(unreadable, moved(6, 0))
    assert found == Damage(DamageKind.EDITED, 5, "what is stored can't be read")


def test_an_entry_that_is_not_there_is_gone():
    found = name_damage(record(5, written=None), moved(6, 0))
    assert found == Damage(DamageKind.REMOVED, 5, "the entry that stands here is gone")


def test_where_those_behind_it_stand_rightly_a_record_was_edited_itself():
    assert name_damage(record(5), moved(6, 0)) == edited(5)


@pytest.mark.parametrize("by", [1, 2, 7])
def test_records_that_stand_too_early_tell_how_many_before_them_are_gone(by):
    found = name_misfit(record(5, written_as=5 + by), moved(6, by))
    what = f"record {5 + by} stands at 5; {by} before it are gone"
    assert found == Damage(DamageKind.REMOVED, 5, what)


@pytest.mark.parametrize("by", [1, 3, 4])
def test_records_that_stand_too_late_tell_how_many_were_put_in_up_to_the_first_of_the_log(by):
    found = name_misfit(record(5, written_as=5 - by), moved(6, -by))
    what = f"record {5 - by} stands at 5; {by} were put in here or shortly before"
    assert found == Damage(DamageKind.INSERTED, 5, what)


def test_no_record_was_ever_the_one_before_the_first():
    """Nothing stands at 6 that can be read, and what follows looks as if a log began at 7."""
    behind = [record(6, leaf=False), *moved(7, -6)]
    assert name_damage(record(5), behind) == edited(5)


def test_a_neighbour_that_can_not_be_read_stands_for_no_number():
    """Counted as a leaf alone it would be one of an odd number, and those behind it too late by one."""
    behind = [record(6, leaf=False), *moved(7, -1)]
    assert name_damage(record(5), behind) == edited(5)


class ReadFurtherError(Exception):
    """More records were read than are looked at."""


def only(so_many, *, of):
    yield from (record(number, written_as=of) for number in range(6, 6 + so_many))
    raise ReadFurtherError


@pytest.mark.parametrize("name", [name_damage, name_misfit])
def test_no_more_than_2048_records_behind_it_are_looked_at(name):
    """However long a log is made by somebody who holds the database."""
    assert name(record(5), only(2_048, of=1)).seq == 5
    with pytest.raises(ReadFurtherError):
        name(record(5), only(2_047, of=1))


@pytest.mark.parametrize("salt", ["a text", 5])
def test_contents_of_another_type_than_was_written_are_damage_and_no_error(salt):
    changed = record(5, written=attrs.evolve(WRITTEN, salt=salt))
    assert not changed.holds_what_it_commits_to()
    assert record(5).holds_what_it_commits_to()
    assert not record(5, written=None).holds_what_it_commits_to()
