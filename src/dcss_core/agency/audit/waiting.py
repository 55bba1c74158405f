"""What waits for its number: whether the entries that were written and the numbered ones are the same.

Decides by counting, in one snapshot: every entry is numbered once, or waits in the queue under its own id and
hashes and not for too long. Only where the counts do not agree, or the numbered log is damaged, is each entry
looked at. Invariant: an entry that was lost before it was numbered, or numbered twice, is found while it
stands there; only one that lost its number to another which has two, all hashes computed anew, is not.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Final

from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG, AUDIT_QUEUE
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.damage import Damage, DamageKind
from dcss_core.audit.entry_id import EntryId
from dcss_core.audit.merge_delay import longest_merge_delay
from dcss_core.audit.numbering import QueuedAct
from dcss_core.audit.written_entry import WrittenEntry
from dcss_core.errors import InvalidInputError, InvariantError
from dcss_core.ports.storage import SEQUENCE

_PAGE: Final = 500
_MOST: Final = 20


def acts_waiting(work: UnitOfWork) -> int:
    """How many acts wait for their numbers."""
    return work.count(AUDIT_QUEUE, ("act",))


def damage_of_what_waits(resources: Resources, *, log_is_sound: bool) -> tuple[int, tuple[Damage, ...]]:
    """How many acts have no number yet, and what is wrong with them, or with others that should wait.

    Of the damage the first twenty.
    """
    found: list[Damage] = []

    def look(work: UnitOfWork) -> int:
        found.clear()
        found.extend(islice(_damage(work, log_is_sound), _MOST))
        return acts_waiting(work)

    try:
        return resources.read(look), tuple(found)
    except (InvariantError, InvalidInputError) as unreadable:
        if log_is_sound:  # if not, the log may have told of it
            found.append(Damage(DamageKind.QUEUE, None, str(unreadable), entry_id="unknown"))
    return 0, tuple(found)


def _damage(work: UnitOfWork, log_is_sound: bool) -> Iterator[Damage]:
    limit = longest_merge_delay(work.rules)
    waiting = 0
    for act in _queue(work):
        entries = _entries_of(work, act.act)
        waiting += len(entries)
        yield from _damage_of(act, entries, work, limit)
    written, numbered = work.count(AUDIT_ENTRIES, ("act", SEQUENCE)), work.count(AUDIT_LOG, (SEQUENCE,))
    if not log_is_sound or written != numbered + waiting:
        yield from _each_entry(work)


def _damage_of(
    act: QueuedAct, entries: list[Kept[WrittenEntry]], work: UnitOfWork, limit: timedelta
) -> Iterator[Damage]:
    first = str(EntryId(act.act, 1))
    own = b"".join(kept.record.leaf_hash(kept.version, seq=0) for kept in entries)
    if not entries:
        yield Damage(DamageKind.QUEUE, None, "nothing was written under this id", entry_id=first)
    elif own != act.leaves or not all(kept.record.holds_what_it_commits_to() for kept in entries):
        yield Damage(DamageKind.QUEUE, None, "it does not say what was written", entry_id=first)
    elif work.find(AUDIT_LOG, ("act", "line"), (act.act,), limit=1):
        yield Damage(DamageKind.QUEUE, None, "it waits though it is numbered", entry_id=first)
    elif work.now - entries[0].record.at > limit:
        what = f"written {entries[0].record.at.isoformat()}, and not numbered within {limit}"
        yield Damage(DamageKind.LATE, None, what, entry_id=first)


def _each_entry(work: UnitOfWork) -> Iterator[Damage]:
    last: Kept[WrittenEntry] | None = None
    while page := work.find(AUDIT_ENTRIES, ("act", SEQUENCE), after=last, limit=_PAGE):
        for kept in page:
            yield from _damage_of_entry(work, kept)
        last = page[-1]


def _damage_of_entry(work: UnitOfWork, kept: Kept[WrittenEntry]) -> Iterator[Damage]:
    act, line = kept.record.act, kept.version
    numbers = [leaf.version for leaf in work.find(AUDIT_LOG, ("act", "line"), (act, line), limit=2)]
    entry_id = str(EntryId(act, line))
    if len(numbers) > 1:
        what = f"it stands under {numbers[0]} and {numbers[1]}"
        yield Damage(DamageKind.NUMBERED_TWICE, numbers[1], what, entry_id=entry_id)
    if not numbers and work.get(AUDIT_QUEUE, act) is None:
        what = "it was written and neither is numbered nor waits for it"
        yield Damage(DamageKind.NOT_NUMBERED, None, what, entry_id=entry_id)


def _queue(work: UnitOfWork) -> Iterator[QueuedAct]:
    last: Kept[QueuedAct] | None = None
    while page := work.find(AUDIT_QUEUE, ("act",), after=last, limit=_PAGE):
        yield from (kept.record for kept in page)
        last = page[-1]


def _entries_of(work: UnitOfWork, act: bytes) -> list[Kept[WrittenEntry]]:
    return work.find(AUDIT_ENTRIES, ("act", SEQUENCE), (act,))
