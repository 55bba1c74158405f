"""Ranges of a log, read apart and put together; on stored logs this stands in tests/agency/audit."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from dcss_core.audit.actor import Actor
from dcss_core.audit.checkpoint import Checkpoint, origin_of
from dcss_core.audit.damage import Damage, DamageKind
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.events import AuditLogPruned
from dcss_core.audit.log_record import LogRecord
from dcss_core.audit.merkle_tree import GrowingTree, leaf_hash
from dcss_core.audit.numbering import NumberedLeaf, numbered
from dcss_core.audit.pruned_contents import NotedPrunings, PrunedDay
from dcss_core.audit.verification import RangeStart, VerifiedRange, verify_log, verify_range
from dcss_core.audit.written_entry import (
    NUMBERED_LEAF_VERSION,
    PRUNED_FIELDS,
    WrittenEntry,
    numbered_leaf_of,
    written,
)
from dcss_core.errors import InvalidInputError

BEGIN = datetime(2026, 1, 7, 15, tzinfo=UTC)
NOW = datetime(2027, 6, 1, tzinfo=UTC)
NOTHING_PRUNED = (0, 0, (), ())


def stored(entries):
    """The records of these entries, each an act of its own, all numbered at once."""
    made = [
        written(number.to_bytes(24, "big"), [entry], bytes(16)) for number, entry in enumerate(entries, 1)
    ]
    records = [WrittenEntry(**act.entries[0]) for act in made]
    leaves = numbered(None, [(each.act, act.leaves) for each, act in zip(records, made, strict=True)])
    return [
        LogRecord(seq, NumberedLeaf(**leaf), record)
        for seq, (leaf, record) in enumerate(zip(leaves, records, strict=True), 1)
    ]


def opened(number):
    at = BEGIN + timedelta(minutes=number)
    return AuditEntry(at, "case_opened", "staff:w-17", f"case:{number}", None, "{}")


LOG = stored([opened(number) for number in range(1, 13)])
ORIGIN = origin_of("US-GA", LOG[0].leaf.node(0))


def tree(size, log=LOG):
    grown = GrowingTree()
    for record in log[:size]:
        grown.add(record.leaf.node(0))
    return grown


def peaks(size, log=LOG):
    return tuple(tree(size, log).peaks)


def signed(size):
    return Checkpoint(ORIGIN, size, tree(size).root())


def start(first, log=LOG):
    if first == 1:
        return RangeStart()
    return RangeStart(peaks(first - 1, log), ORIGIN, log[first - 2].written.at)


def read(first, last, checkpoints=(), log=LOG, **changes):
    """The range, from where it begins; there is more to read where the log goes on."""
    return verify_range(
        iter(log[first - 1 :]),
        checkpoints,
        **{
            "jurisdiction": "US-GA",
            "first": first,
            "last": last,
            "start": start(first, log),
            "now": NOW,
            "years_kept": lambda at: 1,
        }
        | changes,
    )


def ranges(*bounds, checkpoints=(), log=LOG):
    firsts = (1, *(bound + 1 for bound in bounds))
    return [
        read(first, last, checkpoints, log) for first, last in zip(firsts, (*bounds, len(log)), strict=True)
    ]


def verify(checkpoints=(), verified=(), log=LOG, **changes):
    end = verified[-1].last if verified else 0
    return verify_log(
        iter(log[end:]),
        checkpoints,
        **{
            "jurisdiction": "US-GA",
            "size": len(log),
            "now": NOW,
            "years_kept": lambda at: 1,
            "verified": verified,
            "stored_peaks": lambda size: peaks(size, log) if size <= len(log) else None,
        }
        | changes,
    )


def edited(number, log=LOG):
    """The log with other contents in one record."""
    changed = attrs.evolve(log[number - 1].written, actor="staff:nobody")
    return [*log[: number - 1], attrs.evolve(log[number - 1], written=changed), *log[number:]]


# --- a range ------------------------------------------------------------------------------------------------


def test_a_range_says_where_it_begins_and_ends_and_what_it_agreed_with():
    around = [signed(size) for size in (3, 4, 6, 8, 9)]
    # size and root of 4 to 8 are compared; 3 is before it and 9 behind it
    assert read(4, 8, around) == VerifiedRange(
        first=4,
        last=8,
        origin=ORIGIN,
        begins_with=peaks(3),
        ends_with=peaks(8),
        agreed=3,
        agreed_size=8,
        prunings=NotedPrunings(*NOTHING_PRUNED, BEGIN + timedelta(minutes=8)),
        compared=(signed(4), signed(6), signed(8)),
        damage=(),
    )


def test_the_first_range_learns_the_name_of_the_log_from_its_first_record():
    found = read(1, 5)
    assert (found.origin, found.begins_with, found.ends_with) == (ORIGIN, (), peaks(5))
    assert (found.agreed, found.agreed_size, found.compared) == (0, 0, ())


def test_what_was_compared_is_kept_in_order_of_size_and_each_once():
    foreign = attrs.evolve(signed(6), origin="dcss-core/US-TX/0123456789abcdef")
    assert read(4, 8, [signed(8), foreign, signed(4), signed(8), signed(6)]).compared == (
        signed(4),
        foreign,
        signed(6),
        signed(8),
    )


@pytest.mark.parametrize("last", [11, 12])
def test_a_range_ends_with_its_last_record_whether_or_not_the_log_goes_on(last):
    found = read(9, last)
    assert (found.ends_with, found.damage) == (peaks(last), ())


@pytest.mark.parametrize(("ends_at", "next_seq"), [(8, 9), (7, 8), (3, 4)])
def test_a_log_that_ends_while_a_range_of_it_is_read_is_truncated(ends_at, next_seq):
    [damage] = read(4, 9, log=[*LOG[: ends_at - 1], going_on(ends_at)], start=start(4)).damage
    what = "the log ended there while records up to 9 were being verified"
    assert damage == Damage(DamageKind.TRUNCATED, next_seq, what)


def going_on(seq):
    """The record as it is where it is the last one."""
    leaf = attrs.evolve(LOG[seq - 1].leaf, peaks=b"".join(peaks(seq)[:-1]))
    return attrs.evolve(LOG[seq - 1], leaf=leaf)


def test_a_log_that_could_not_go_on_is_found_at_the_end_of_its_last_range_and_of_no_other():
    cut = [*LOG[:11], attrs.evolve(LOG[11], leaf=attrs.evolve(LOG[11].leaf, peaks=None))]
    what = "the log does not go on from it, as it should from its last record"
    assert read(9, 12, log=cut).damage == (Damage(DamageKind.HASHES, 12, what),)
    assert read(9, 11, log=cut).damage == ()


def test_damage_ends_the_reading_of_a_range():
    found = read(4, 8, [signed(5), signed(7)], edited(6))
    assert [(each.kind, each.seq) for each in found.damage] == [(DamageKind.EDITED, 6)]
    assert (found.agreed, found.ends_with) == (1, peaks(5))


def test_a_range_is_none_of_a_tree_that_it_does_not_continue():
    other = tuple(bytes(32) for _ in peaks(3))
    [damage] = read(4, 8, start=attrs.evolve(start(4), peaks=other)).damage
    assert (damage.kind, damage.seq) == (DamageKind.HASHES, 4)


def test_the_parts_of_a_range_have_the_types_they_were_read_with():
    with pytest.raises(InvalidInputError):
        attrs.evolve(read(4, 8), first="4")


def test_progress_is_told_at_each_thousand_of_what_is_to_be_read_and_at_the_end():
    log = stored([opened(number) for number in range(1, 2_002)])
    told = []
    read(1, 2_000, log=log, progress=lambda *seen: told.append(seen))
    assert told == [(1_000, 2_000), (2_000, 2_000)]
    told.clear()
    verify(log=log, progress=lambda *seen: told.append(seen))
    assert told == [(1_000, 2_001), (2_000, 2_001), (2_001, 2_001)]
    told.clear()  # records that came meanwhile
    verify(log=log, size=1_500, progress=lambda *seen: told.append(seen))
    assert told == [(1_000, 1_500), (2_000, 2_000), (2_001, 2_001)]


# --- put together -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bounds", [(), (1,), (4, 8), (3, 7, 11), tuple(range(1, 12))])
def test_ranges_together_find_what_the_whole_finds(bounds):
    around = [signed(size) for size in (3, 4, 8, 11)]
    whole = verify(around)
    assert verify(around, ranges(*bounds, checkpoints=around)) == whole
    assert (whole.is_sound, whole.size, whole.root) == (True, 12, tree(12).root())
    assert (whole.checkpoints, whole.signed_size, whole.unsigned_tail) == (4, 11, 1)


def test_what_follows_the_ranges_is_read_with_them():
    around = [signed(size) for size in (4, 8, 11)]
    first, second, _ = ranges(5, 9, checkpoints=around)
    assert verify(around, [first, second]) == verify(around)


def test_the_largest_size_that_was_signed_is_of_whichever_range():
    around = [signed(3)]
    found = verify(around, ranges(5, checkpoints=around))
    assert (found.checkpoints, found.signed_size) == (1, 3)


def test_a_log_has_the_name_of_its_first_record_whatever_a_later_range_says():
    first, second = ranges(5, checkpoints=[signed(12)])
    strange = attrs.evolve(second, origin="dcss-core/US-TX/0123456789abcdef")
    assert verify([signed(12)], [first, strange]) == verify([signed(12)])


def test_a_range_that_follows_another_tree_is_said_to():
    first, second = ranges(5)
    found = verify(verified=[first, attrs.evolve(second, begins_with=peaks(4))])
    what = "the records before it do not make the tree that it was verified to follow"
    assert found.damage == (Damage(DamageKind.HASHES, 6, what),)


def test_a_range_whose_records_were_changed_since_is_said_to_be_another():
    found = verify(verified=ranges(5), stored_peaks=lambda size: None if size == 12 else peaks(size))
    what = "records 6 to 12 are not what they were when they were verified as a range"
    assert found.damage == (Damage(DamageKind.REWRITTEN, 6, what),)


def test_what_was_found_in_a_range_is_told_and_nothing_is_compared_with_where_it_ended():
    log = edited(7)
    first, second, third = ranges(5, 9, log=log)
    asked = []

    def stored_peaks(size):
        asked.append(size)
        return peaks(size)

    found = verify(verified=[first, second, third], stored_peaks=stored_peaks)
    assert found.damage == second.damage
    assert asked == [5]  # and no range behind it is taken over
    assert (found.size, found.root) == (12, tree(6).root())


def test_of_a_log_that_was_read_whole_the_size_is_what_was_read_and_else_what_it_says():
    assert verify(size=3).size == 12
    assert verify(size=99).size == 12
    assert verify(size=99, log=edited(7)).size == 99
    assert verify(size=3, log=edited(7)).size == 6


# --- checkpoints that were not known when a range was read ------------------------------------------------


@pytest.mark.parametrize(("size", "named"), [(5, False), (6, True), (11, True), (12, False)])
def test_a_checkpoint_within_a_range_that_was_read_without_it_is_named(size, named):
    """That of the end of a range can be compared still."""
    found = verify([signed(size)], ranges(5))
    assert found.damage == ()
    first, last = (1, 5) if size <= 5 else (6, 12)
    told = (
        f"the checkpoint at {size}: records {first} to {last} were verified without it; verify them again",
    )
    assert found.not_compared == (told if named else ())
    assert (found.checkpoints, found.signed_size) == ((0, 0) if named else (1, size))


def test_a_checkpoint_that_a_range_was_compared_with_is_neither_named_nor_counted_twice():
    around = [signed(6), signed(12)]
    found = verify(around, ranges(5, checkpoints=around))
    assert (found.not_compared, found.checkpoints) == ((), 2)


def test_only_what_was_signed_of_this_log_is_compared_later():
    foreign = attrs.evolve(signed(6), origin="dcss-core/US-TX/0123456789abcdef")
    found = verify([foreign], ranges(5))
    assert found.not_compared == ()
    assert [(each.kind, each.seq) for each in found.damage] == [(DamageKind.REPLACED, 1)]


def test_all_that_a_range_was_not_compared_with_is_named_in_order():
    found = verify([signed(9), signed(2), signed(7)], ranges(5))
    assert [each.partition(":")[0] for each in found.not_compared] == [
        "the checkpoint at 2",
        "the checkpoint at 7",
        "the checkpoint at 9",
    ]


def test_what_was_signed_otherwise_at_the_end_of_a_range_is_damage():
    forged = attrs.evolve(signed(5), root=bytes(32))
    found = verify([signed(3), forged], ranges(5, checkpoints=[signed(3)]))
    what = "records 4 to 5 are not those that were signed, though every stored hash fits them"
    assert found.damage == (Damage(DamageKind.REWRITTEN, 4, what),)


# --- what is told of a log ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ((5,), "it is missing"),
        ((5, 6), "records 5 to 6 are missing"),
        ((5, 6, 7), "records 5 to 7 are missing"),
    ],
)
def test_how_many_records_are_missing_is_told(gone, told):
    left = [record for record in LOG if record.seq not in gone]
    assert verify(log=left, size=12).damage == (Damage(DamageKind.REMOVED, 5, told),)


def test_other_logs_whose_checkpoints_were_given_are_named_in_order():
    names = ["dcss-core/US-TX/0123456789abcdef", "dcss-core/US-AL/0123456789abcdef"]
    others = [attrs.evolve(signed(5), origin=name) for name in names]
    [damage] = verify([signed(5), *others]).damage
    assert damage == Damage(
        DamageKind.REPLACED,
        1,
        "checkpoints of dcss-core/US-AL/0123456789abcdef, dcss-core/US-TX/0123456789abcdef, and this is "
        f"{ORIGIN}: either they are of another log, or this one was replaced from its first record on",
    )


def test_a_checkpoint_of_another_log_ends_no_comparison_with_this_ones():
    other = attrs.evolve(signed(3), origin="dcss-core/US-TX/0123456789abcdef", root=bytes(32))
    found = verify([other, signed(6), signed(9)])
    assert (found.checkpoints, found.signed_size) == (2, 9)
    assert [each.kind for each in found.damage] == [DamageKind.REPLACED]


def test_records_that_are_not_those_that_were_signed_are_told_once():
    others = [attrs.evolve(signed(size), root=bytes(32)) for size in (6, 9)]
    [damage] = verify([signed(3), *others]).damage
    assert (damage.kind, damage.seq) == (DamageKind.REWRITTEN, 4)  # behind what was signed at 3


def test_two_roots_of_one_log_at_one_size_are_a_fork_and_two_logs_are_none():
    forked = attrs.evolve(signed(6), root=bytes(32))
    assert [each.kind for each in verify([signed(6), forked]).damage] == [DamageKind.FORKED]
    other = attrs.evolve(forked, origin="dcss-core/US-TX/0123456789abcdef")
    assert [each.kind for each in verify([signed(6), other]).damage] == [DamageKind.REPLACED]


def test_a_record_that_stands_behind_its_place_is_inserted():
    [damage] = verify(log=[*LOG[:5], LOG[2], *LOG[5:]], size=12).damage
    assert (damage.kind, damage.seq) == (DamageKind.INSERTED, 3)


@pytest.mark.parametrize("lost", ["leaf", "written"])
def test_a_record_of_which_a_half_is_lost_is_damage(lost):
    log = [*LOG[:6], attrs.evolve(LOG[6], **{lost: None}), *LOG[7:]]
    assert [each.seq for each in verify(log=log).damage] == [7]


def test_a_record_of_the_first_version_is_whole_at_its_own_number_only():
    old = attrs.evolve(LOG[2].written, leaf_version=NUMBERED_LEAF_VERSION)
    own = leaf_hash(numbered_leaf_of(3, old.at, old.kind, old.commitment))
    leaf = attrs.evolve(LOG[2].leaf, nodes=own)
    assert LogRecord(3, leaf, old).is_whole()
    assert not LogRecord(4, leaf, old).is_whole()


def test_hashes_from_which_the_log_could_not_go_on_are_found_at_their_record():
    last = LOG[-1]
    # of 12 leaves, 8 and 4 make a perfect tree each: the root of the 8 is what is written beside
    assert last.leaf.peaks == tree(8).root()
    log = [*LOG[:-1], attrs.evolve(last, leaf=attrs.evolve(last.leaf, peaks=bytes(32)))]
    assert [(each.kind, each.seq) for each in verify(log=log).damage] == [(DamageKind.HASHES, 12)]


# --- contents that are gone ---------------------------------------------------------------------------------


def pruned_log(*, through, pruning=None):
    """Twelve records of 7 January 2026 and one of 2027, which may tell that the first were pruned."""
    late = AuditEntry(BEGIN + timedelta(days=500), "case_opened", "staff:w-17", "case:99", None, "{}")
    last = [late] if pruning is None else [late, pruning_entry(pruning)]
    log = stored([*(opened(number) for number in range(1, 13)), *last])
    return [erased(record) if record.seq <= through else record for record in log]


def erased(record):
    return attrs.evolve(record, written=attrs.evolve(record.written, **dict.fromkeys(PRUNED_FIELDS)))


def pruning_entry(through):
    event = AuditLogPruned(BEGIN.date() + timedelta(days=1), through=through, entries=through)
    return AuditEntry.of(event, at=BEGIN + timedelta(days=501), actor=Actor.system("retention"))


PRUNED_AT = {"now": BEGIN + timedelta(days=502)}


def of_another_log(*bounds, log):
    """The ranges of a log that is not LOG."""
    origin = origin_of("US-GA", log[0].leaf.node(0))
    firsts = (1, *(bound + 1 for bound in bounds))
    return [
        read(
            first,
            last,
            log=log,
            start=attrs.evolve(start(first, log), origin=None if first == 1 else origin),
            **PRUNED_AT,
        )
        for first, last in zip(firsts, (*bounds, len(log)), strict=True)
    ]


@pytest.mark.parametrize("bounds", [(), (2,), (4, 9), (12,), (13,)])
def test_prunings_on_record_account_for_contents_of_the_ranges_before(bounds):
    log = pruned_log(through=4, pruning=4)
    found = verify(verified=of_another_log(*bounds, log=log), log=log, **PRUNED_AT)
    assert found == verify(log=log, **PRUNED_AT)
    assert (found.is_sound, found.pruned, found.pruned_through) == (True, 4, 4)


@pytest.mark.parametrize("bounds", [(), (4,), (11,), (12,)])
def test_a_pruning_that_begins_a_range_is_judged_by_the_entry_before_it(bounds):
    """A clock alone says that a year went by: the entry before the pruning is of the very days it erased."""
    log = stored([*(opened(number) for number in range(1, 13)), pruning_entry(4)])
    log = [erased(record) if record.seq <= 4 else record for record in log]
    found = verify(verified=of_another_log(*bounds, log=log), log=log, **PRUNED_AT)
    assert [(each.kind, each.seq) for each in found.damage] == [(DamageKind.ERASED, 1)]


def test_a_range_notes_the_days_whose_contents_are_gone():
    log = pruned_log(through=4)
    noted = read(1, 6, log=log).prunings
    assert noted == NotedPrunings(4, 4, (PrunedDay(BEGIN.date(), 1, 4),), (), BEGIN + timedelta(minutes=6))


def test_what_the_log_says_later_is_asked_for_only_where_contents_are_gone_that_nothing_accounts_for():
    asked = []

    def told_later(size):
        asked.append(size)
        return [WrittenEntry(**written(bytes(24), [pruning_entry(4)], bytes(16)).entries[0])]

    assert verify(log=pruned_log(through=4, pruning=4), told_later=told_later, **PRUNED_AT).is_sound
    assert asked == []
    log = pruned_log(through=4)
    for verified in ((), of_another_log(4, 9, log=log)):
        asked.clear()
        found = verify(verified=verified, log=log, told_later=told_later, **PRUNED_AT)
        assert (found.is_sound, asked) == (True, [13])


def test_contents_that_are_gone_though_nothing_accounts_for_them_are_told():
    found = verify(log=pruned_log(through=4, pruning=3), **PRUNED_AT)
    what = "contents up to record 4 are gone, and no permitted pruning on record accounts for this one"
    assert found.damage == (Damage(DamageKind.ERASED, 4, what),)
