"""Verification: whether a log is what was written, and what it was signed as.

Decides by reading every record once, in order: that no number is missing, that contents, commitment, leaf
and every stored hash agree, that the root at each signed size is the one that was signed, and that a
pruning on record, permitted on its day, accounts for all contents that are gone. Invariants: memory does
not grow with the entries of the log; the first damage in the log ends the reading of it, for nothing after
it can be trusted to stand at its place; nothing that is stored can make it read or search without end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import attrs

from dcss_core.audit.checkpoint import Checkpoint, origin_of
from dcss_core.audit.damage import Damage, DamageKind, name_damage, name_misfit
from dcss_core.audit.log_record import LogRecord
from dcss_core.audit.merkle_tree import GrowingTree
from dcss_core.audit.numbering import NumberedLeaf
from dcss_core.audit.pruned_contents import NotedPrunings, PrunedContents, YearsKept
from dcss_core.audit.written_entry import WrittenEntry
from dcss_core.base.expected_types import check_fields
from dcss_core.base.printable import counted

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many records are verified, of how many."""

StoredPeaks: TypeAlias = Callable[[int], tuple[bytes, ...] | None]
"""Gives the peaks that the log has now for so many records; None where it has none, or they do not fit."""

_EACH: Final = 1_000


@attrs.frozen
class LogVerification:
    """What a verification found. `signed_size` is the largest size a checkpoint vouches for.

    `pruned` counts the records without contents; `pruned_through` is the last of them. `not_compared` names
    the sinks that gave nothing to compare the log with, though they should have, and why. `waiting` counts
    the acts, of one entry or more, that have no number yet: each says what was queued of it, and no more is
    known.
    """

    size: int
    root: bytes
    pruned: int
    pruned_through: int
    checkpoints: int
    signed_size: int
    damage: tuple[Damage, ...]
    not_compared: tuple[str, ...] = ()
    waiting: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found and nothing was left out."""
        return not self.damage and not self.not_compared

    @property
    def unsigned_tail(self) -> int:
        """How many records at the end no checkpoint vouches for."""
        return max(self.size - self.signed_size, 0)

    def __str__(self) -> str:
        verdict = "sound" if self.is_sound else "DAMAGED" if self.damage else "not fully checked"
        agree = "1 checkpoint agrees" if self.checkpoints == 1 else f"{self.checkpoints} checkpoints agree"
        signed = (
            f"{agree}, the last at {self.signed_size}; {counted(self.unsigned_tail, 'records')} after it "
            f"{'is' if self.unsigned_tail == 1 else 'are'} not signed yet"
        )
        lines = [
            f"audit log of {counted(self.size, 'records')}: {verdict}",
            f"  {signed if self.checkpoints else 'there is no checkpoint to compare it with'}",
        ]
        if self.pruned:
            records = counted(self.pruned, "records")
            lines.append(f"  the contents of {records}, up to {self.pruned_through}, are pruned")
        if self.waiting:
            wait = "1 act waits for its" if self.waiting == 1 else f"{self.waiting} acts wait for their"
            lines.append(f"  {wait} numbers; verify again when they are given")
        lines += [f"  nothing was compared with {sink}" for sink in self.not_compared]
        lines += [f"  {each}" for each in self.damage]
        return "\n".join(lines)


@attrs.frozen
class VerifiedRange:
    """What was found in the records `first` to `last`, which were verified apart from the others.

    `begins_with` and `ends_with` are the peaks of the tree before the first and after the last of them: a
    range counts where the one before it ends with what it began with, and where the log still has what it
    ended with. `compared` are the checkpoints that it was compared with.
    """

    first: int
    last: int
    origin: str | None
    begins_with: tuple[bytes, ...]
    ends_with: tuple[bytes, ...]
    agreed: int
    agreed_size: int
    prunings: NotedPrunings
    compared: tuple[Checkpoint, ...] = ()
    damage: tuple[Damage, ...] = ()

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen
class RangeStart:
    """Where a range begins: the tree before it, the log's name, and when the record before was written."""

    peaks: tuple[bytes, ...] = ()
    origin: str | None = None
    record_before: datetime | None = None


@attrs.define
class _Reading:
    """What is known after so many records."""

    jurisdiction: str
    expected: dict[int, list[Checkpoint]]
    pruned: PrunedContents
    tree: GrowingTree = attrs.field(factory=GrowingTree)
    origin: str | None = None
    agreed: int = 0
    agreed_size: int = 0
    damage: list[Damage] = attrs.field(factory=list)
    not_compared: list[str] = attrs.field(factory=list)

    def go_on_from(self, verified: VerifiedRange, stored_peaks: StoredPeaks) -> None:
        """Take over what was found in the records that follow."""
        first, last = verified.first, verified.last
        if tuple(self.tree.peaks) != verified.begins_with:
            what = "the records before it do not make the tree that it was verified to follow"
            self.damage.append(Damage(DamageKind.HASHES, first, what))
        elif not verified.damage and stored_peaks(last) != verified.ends_with:
            what = f"records {first} to {last} are not what they were when they were verified as a range"
            self.damage.append(Damage(DamageKind.REWRITTEN, first, what))
        self.damage += verified.damage
        self.tree = GrowingTree(verified.last, list(verified.ends_with))
        self.origin = self.origin or verified.origin
        self.agreed += verified.agreed
        self.agreed_size = max(self.agreed_size, verified.agreed_size)
        self.pruned.add_range(verified.prunings, verified.last)
        self._compare_what_is_signed(verified)

    def _compare_what_is_signed(self, verified: VerifiedRange) -> None:
        """Compare a range with checkpoints that were not known when it was verified."""
        for size in sorted(self.expected):
            own = [each for each in self.expected[size] if each.origin == self.origin]
            if not verified.first <= size <= verified.last or {*own} <= {*verified.compared}:
                continue
            if size == verified.last:
                _differs_from_the_signed(self, size)
            else:
                self.not_compared.append(
                    f"the checkpoint at {size}: records {verified.first} to {verified.last} were verified "
                    "without it; verify them again"
                )


def verify_range(
    records: Iterator[LogRecord],
    checkpoints: Iterable[Checkpoint],
    *,
    jurisdiction: str,
    first: int,
    last: int,
    start: RangeStart,
    now: datetime,
    years_kept: YearsKept,
    progress: Progress | None = None,
) -> VerifiedRange:
    """Read the records `first` to `last`, as `verify_log` reads all of them."""
    by_size = _by_size(checkpoints)
    reading = _Reading(
        jurisdiction,
        by_size,
        PrunedContents(now, years_kept, entry_before=start.record_before),
        GrowingTree(first - 1, list(start.peaks)),
        start.origin,
    )
    if _read(reading, records, last, progress, until=last) and reading.tree.size < last:
        what = f"the log ended there while records up to {last} were being verified"
        reading.damage.append(Damage(DamageKind.TRUNCATED, reading.tree.size + 1, what))
    return VerifiedRange(
        first,
        last,
        reading.origin,
        start.peaks,
        tuple(reading.tree.peaks),
        reading.agreed,
        reading.agreed_size,
        reading.pruned.noted(),
        tuple(each for size in sorted(reading.expected) if first <= size <= last for each in by_size[size]),
        tuple(reading.damage),
    )


def verify_log(
    records: Iterator[LogRecord],
    checkpoints: Iterable[Checkpoint],
    *,
    jurisdiction: str,
    size: int,
    now: datetime,
    years_kept: YearsKept,
    told_later: Callable[[int], Iterable[WrittenEntry]] = lambda size: (),
    verified: Sequence[VerifiedRange] = (),
    stored_peaks: StoredPeaks = lambda size: None,
    progress: Progress | None = None,
) -> LogVerification:
    """Read a log from its first record and compare it with checkpoints whose signatures were verified.

    `verified` are ranges that were read before, in order from the first record; `records` follow them, and
    `stored_peaks` gives what the log has now where one of them ended. What was changed since within a range,
    and its hashes with it, is found when that range is read again.
    `size` is how long the log says it is; records that come meanwhile are verified as well. By `now` and
    `years_kept`, the retention, it is judged what a pruning may have erased. `told_later` gives what the log
    says of itself in entries that were not among the first so many; a pruning may be one that waits still.
    """
    by_size = _by_size(checkpoints)
    reading = _Reading(jurisdiction, by_size, PrunedContents(now, years_kept))
    for each in verified:
        reading.go_on_from(each, stored_peaks)
        if reading.damage:
            break
    whole = not reading.damage and _read(reading, records, size, progress)
    reading.damage += _forks(by_size)
    if whole:
        reading.damage += _beyond_the_end(reading)
        reading.damage += _erased_by_nobody(reading, told_later)
    return LogVerification(
        size=reading.tree.size if whole else max(size, reading.tree.size),
        root=reading.tree.root(),
        pruned=reading.pruned.entries,
        pruned_through=reading.pruned.through,
        checkpoints=reading.agreed,
        signed_size=reading.agreed_size,
        damage=tuple(reading.damage),
        not_compared=tuple(reading.not_compared),
    )


def _by_size(checkpoints: Iterable[Checkpoint]) -> dict[int, list[Checkpoint]]:
    by_size: dict[int, list[Checkpoint]] = {}
    for checkpoint in dict.fromkeys(checkpoints):
        by_size.setdefault(checkpoint.size, []).append(checkpoint)
    return by_size


def _read(
    reading: _Reading,
    records: Iterator[LogRecord],
    size: int,
    progress: Progress | None,
    until: int | None = None,
) -> bool:
    """Read until the end, a record, or the first damage; tell whether there was none."""
    rewritten = False
    last: NumberedLeaf | None = None
    for record in records:
        damage = _added(reading, record, records)
        if damage is not None:
            reading.damage.append(damage)
            return False
        last, seq = record.leaf, record.seq
        if not rewritten and seq in reading.expected:
            rewritten = _differs_from_the_signed(reading, seq)
        if progress is not None and seq % _EACH == 0:
            progress(seq, max(seq, size))
        if seq == until and next(records, None) is not None:
            return True
    if last is not None and last.peaks is None:
        what = "the log does not go on from it, as it should from its last record"
        reading.damage.append(Damage(DamageKind.HASHES, reading.tree.size, what))
    if progress is not None:
        progress(reading.tree.size, reading.tree.size)
    return True


def _added(reading: _Reading, record: LogRecord, later: Iterable[LogRecord]) -> Damage | None:
    """Add a record to the tree, unless it is damaged."""
    tree, due, seq = reading.tree, reading.tree.size + 1, record.seq
    if seq < due:
        return Damage(DamageKind.INSERTED, seq, "no record has such a number")
    if seq != due:
        gone = f"records {due} to {seq - 1} are" if seq > due + 1 else "it is"
        return Damage(DamageKind.REMOVED, due, f"{gone} missing")
    leaf, written = record.leaf, record.written
    if leaf is None or written is None or not record.is_whole():
        return name_damage(record, later)
    if leaf.nodes != tree.add(leaf.node(0)):
        return name_misfit(record, later)
    if leaf.peaks is not None and leaf.peaks != b"".join(tree.peaks[:-1]):
        return Damage(DamageKind.HASHES, seq, "the hashes from which the log goes on do not fit")
    if seq == 1:
        reading.origin = origin_of(reading.jurisdiction, leaf.node(0))
    reading.pruned.add(seq, written)
    return None


def _differs_from_the_signed(reading: _Reading, size: int) -> bool:
    """Compare the tree with what was signed at this size; other logs' checkpoints are left for the end."""
    own = [each for each in reading.expected[size] if each.origin == reading.origin]
    if not own:
        return False
    root = reading.tree.root()
    if any(each.root == root for each in own):
        reading.agreed += 1
        reading.agreed_size = size
        return False
    first = reading.agreed_size + 1
    what = f"records {first} to {size} are not those that were signed, though every stored hash fits them"
    reading.damage.append(Damage(DamageKind.REWRITTEN, first, what))
    return True


def _forks(by_size: dict[int, list[Checkpoint]]) -> Iterator[Damage]:
    for size, checkpoints in sorted(by_size.items()):
        by_origin: dict[str, set[bytes]] = {}
        for each in checkpoints:
            by_origin.setdefault(each.origin, set()).add(each.root)
        if any(len(roots) > 1 for roots in by_origin.values()):
            what = f"two of them for {size} records, both signed, have different roots: there were two logs"
            yield Damage(DamageKind.FORKED, None, what)


def _beyond_the_end(reading: _Reading) -> Iterator[Damage]:
    """What the checkpoints say of a log that is longer, or another one."""
    everything = [each for checkpoints in reading.expected.values() for each in checkpoints]
    others = sorted({each.origin for each in everything if reading.origin not in (None, each.origin)})
    if others:
        what = (
            f"checkpoints of {', '.join(others)}, and this is {reading.origin}: either they are of "
            "another log, or this one was replaced from its first record on"
        )
        yield Damage(DamageKind.REPLACED, 1, what)
    own = [each.size for each in everything if each.origin == reading.origin or reading.origin is None]
    longest, size = max(own, default=0), reading.tree.size
    if longest > size:
        what = f"the log ends at {size} and was signed with {longest} records"
        yield Damage(DamageKind.TRUNCATED, size + 1, what)


def _erased_by_nobody(
    reading: _Reading, told_later: Callable[[int], Iterable[WrittenEntry]]
) -> Iterator[Damage]:
    if reading.pruned.unaccounted() is not None:
        for entry in told_later(reading.tree.size):
            reading.pruned.add_waiting(entry)
    seq = reading.pruned.unaccounted()
    if seq is not None:
        what = (
            f"contents up to record {reading.pruned.through} are gone, and no permitted pruning on record "
            "accounts for this one"
        )
        yield Damage(DamageKind.ERASED, seq, what)
