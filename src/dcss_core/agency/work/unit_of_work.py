"""UnitOfWork: what one verb reads and writes, in one transaction.

Decides how records pass between a decision and the storage. Invariants: a record is replaced only at
the version it was read at; every event of the decision is an entry of the audit log, written in the same
transaction; leaving by an exception leaves nothing behind.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, Generic

import attrs

from dcss_core.agency.work.local_time import day_of, local_time
from dcss_core.agency.work.records import R, Records
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.trail.act import write_act
from dcss_core.agency.work.trail.refusals import TRIED_ANEW, RefusalsNoted
from dcss_core.audit.actor import Actor
from dcss_core.audit.entry import AuditEntry
from dcss_core.base.events import Event
from dcss_core.errors import DcssError, Fault, InvalidInputError
from dcss_core.ports.storage import SEQUENCE, VERSION, Row, Scalar, Transaction
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.jurisdiction import Jurisdiction

_PAGE: Final = 100
_ID_BYTES: Final = 16


@attrs.frozen
class Kept(Generic[R]):
    """A record as it was read, with its version; for an entry of a log, with its sequence number."""

    record: R
    version: int


@attrs.define(eq=False)
class UnitOfWork:
    """One transaction, speaking in records instead of rows, with the day, the rules and the randomness of it.

    `asking` is who asks and `verb` what for, as far as they are known by now; `turn` counts the units of work
    of this process; `key_was_taken` says that an earlier attempt at the same was refused by a key. What a
    rollback takes back is gone, but for an entry that somebody was refused, or of what was sought and not
    found (`leave`).
    """

    transaction: Transaction
    sealer: Sealer
    jurisdiction: Jurisdiction
    now: datetime
    turn: int = 0
    asking: Actor | None = None
    verb: str = ""
    key_was_taken: bool = False
    refusals: RefusalsNoted = attrs.field(factory=RefusalsNoted)
    _left: list[Event] = attrs.field(factory=list, init=False)
    _entries: list[AuditEntry] = attrs.field(factory=list, init=False)
    _first_write: tuple[Records[Any], Row] | None = attrs.field(default=None, init=False)
    _act: bytes | None = attrs.field(default=None, init=False)

    @cached_property
    def today(self) -> date:
        """The day it is at the agency."""
        return self.day_of(self.now)

    @cached_property
    def rules(self) -> RulesInForce:
        """The rules in force today."""
        return self.jurisdiction.on(self.today)

    def day_of(self, instant: datetime) -> date:
        """The day an instant falls on at the agency."""
        return day_of(self.jurisdiction, instant)

    def local_time(self, instant: datetime) -> datetime:
        """An instant by the agency's own clock."""
        return local_time(self.jurisdiction, instant)

    def new_id(self) -> str:
        """An unguessable id of 128 bits, in hexadecimal."""
        return self.sealer.randomness.token_bytes(_ID_BYTES).hex()

    def leave(self, event: Event) -> None:
        """Have an event stand in the audit log although an error is about to take everything else back."""
        self._left.append(event)

    def left_by(self, error: DcssError) -> tuple[Event, ...]:
        """What stands in the audit log of a unit of work that an error took back."""
        if self._left and self.asking is not None and not isinstance(error, TRIED_ANEW):
            return tuple(self._left)
        return self.refusals.entries(self.asking, self.verb, error, self.now)

    def get(self, records: Records[R], key: object) -> Kept[R] | None:
        """The record with this key, or None."""
        row = self.transaction.get(records.collection, records.key(key))
        if row is None:
            return None
        return Kept(records.from_row(row, self.sealer), version_of(row))

    def get_each(self, records: Records[R], keys: Sequence[object]) -> list[Kept[R] | None]:
        """The records with these keys, in their order, None where there is none; asked for at once."""
        rows = self.transaction.get_each(records.collection, [records.key(key) for key in keys])
        return [
            None if row is None else Kept(records.from_row(row, self.sealer), version_of(row)) for row in rows
        ]

    def each_there(self, records: Records[R], keys: Sequence[object]) -> list[Kept[R]]:
        """Those records with these keys that there are, in the order of the keys."""
        return [kept for kept in self.get_each(records, keys) if kept is not None]

    def again(self, records: Records[R], kept: Kept[R]) -> Kept[R] | None:
        """A record that was read before, as it is stored now; the very same one while it is unchanged."""
        row = self.transaction.get(records.collection, records.key_of(kept.record))
        if row is None:
            return None
        is_same = version_of(row) == kept.version
        return kept if is_same else Kept(records.from_row(row, self.sealer), version_of(row))

    def find(
        self,
        records: Records[R],
        index: tuple[str, ...],
        equal_to: Sequence[object] = (),
        *,
        at_most: object = None,
        descending: bool = False,
        after: Kept[R] | int | None = None,
        limit: int | None = None,
    ) -> list[Kept[R]]:
        """Records found by a declared index, given by the record's own field names.

        `after` is the last record of the page before; a number is for a log whose index is fixed wholly:
        entries after the one with this sequence number.
        """
        values = [records.stored(name, value) for name, value in zip(index, equal_to, strict=False)]
        bound = records.stored(index[len(values)], at_most) if at_most is not None else None
        rows = self.transaction.find(
            records.collection,
            records.index(index),
            values,
            at_most=bound,
            descending=descending,
            after=_place(records, after),
            limit=limit,
        )
        return [Kept(records.from_row(row, self.sealer), version_of(row)) for row in rows]

    def find_each(
        self, records: Records[R], index: tuple[str, ...], values: Sequence[object]
    ) -> list[list[Kept[R]]]:
        """Records found by a declared index for each of several values of its first field, at once."""
        stored = [records.stored(index[0], value) for value in values]
        found = self.transaction.find_each(records.collection, records.index(index), stored)
        return [[Kept(records.from_row(row, self.sealer), version_of(row)) for row in rows] for rows in found]

    def from_the_end(
        self, records: Records[R], index: tuple[str, ...], equal_to: Sequence[object] = ()
    ) -> Iterator[Kept[R]]:
        """Records found by a declared index, last one first, read page by page as far as the caller goes."""
        values = [records.stored(name, value) for name, value in zip(index, equal_to, strict=False)]
        columns, after = records.index(index), None
        while True:
            rows = self.transaction.find(
                records.collection, columns, values, descending=True, after=after, limit=_PAGE
            )
            yield from (Kept(records.from_row(row, self.sealer), version_of(row)) for row in rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1]

    def count(
        self,
        records: Records[R],
        index: tuple[str, ...],
        equal_to: Sequence[object] = (),
        *,
        at_most: object = None,
    ) -> int:
        """How many records a declared index finds; the storage counts them, none is read."""
        values = [records.stored(name, value) for name, value in zip(index, equal_to, strict=False)]
        bound = records.stored(index[len(values)], at_most) if at_most is not None else None
        return self.transaction.count(records.collection, records.index(index), values, at_most=bound)

    def sum(
        self,
        records: Records[R],
        field: str,
        index: tuple[str, ...],
        equal_to: Sequence[object] = (),
        *,
        by: tuple[str, ...] = (),
    ) -> Mapping[tuple[Scalar, ...], int]:
        """The sums of a field over the records an index finds, by other fields; none is read.

        Money is summed in cents, and the values of `by` are as they are stored.
        """
        values = [records.stored(name, value) for name, value in zip(index, equal_to, strict=False)]
        [column] = records.index((field,))
        return self.transaction.sum(
            records.collection, column, records.index(index), values, by=records.index(by)
        )

    def entries_after(self, records: Records[R], sequence: int, *, limit: int) -> list[Kept[R]]:
        """Entries of a log without streams that came after the one with this number, in order."""
        rows = self.transaction.find(records.collection, (SEQUENCE,), after={SEQUENCE: sequence}, limit=limit)
        return [Kept(records.from_row(row, self.sealer), version_of(row)) for row in rows]

    def last_entry(self, records: Records[R]) -> Kept[R] | None:
        """The entry of a log without streams that was appended last."""
        rows = self.transaction.find(records.collection, (SEQUENCE,), descending=True, limit=1)
        return Kept(records.from_row(rows[0], self.sealer), version_of(rows[0])) if rows else None

    def insert(self, records: Records[R], new: Iterable[R]) -> None:
        """Insert new records; raises DuplicateKeyError when one exists."""
        rows = [records.to_row(record, self.sealer, version=1) for record in new]
        if rows:
            self.transaction.insert(records.collection, rows)
            self._note(records, rows[0])

    def replace(self, records: Records[R], kept: Kept[R], record: R) -> None:
        """Replace a record that was read in this unit of work; nothing is written when it is unchanged."""
        if record != kept.record:
            row = records.to_row(record, self.sealer, version=kept.version + 1)
            self.transaction.replace(records.collection, row, expected_version=kept.version)
            self._note(records, row)

    def put(self, records: Records[R], kept: Kept[R] | None, record: R) -> None:
        """Insert a record, or replace the one that was read."""
        if kept is None:
            self.insert(records, [record])
        else:
            self.replace(records, kept, record)

    def rewrite(self, records: Records[R], kept: Kept[R] | None, record: R) -> None:
        """Insert or replace a record even where nothing is changed, so that it takes what a change takes."""
        if kept is None or record != kept.record:
            self.put(records, kept, record)
            return
        row = records.to_row(record, self.sealer, version=kept.version + 1)
        self.transaction.replace(records.collection, row, expected_version=kept.version)

    def append(self, records: Records[R], entries: Iterable[R], *, begins: bool = False) -> None:
        """Append entries to a log, in order; with `begins`, to streams that have none yet."""
        rows = [records.to_row(entry, self.sealer, version=0) for entry in entries]
        if rows:
            self.transaction.append(records.collection, rows, begins=begins)

    def delete(
        self,
        records: Records[R],
        index: tuple[str, ...],
        equal_to: Sequence[object] = (),
        *,
        at_most: object = None,
        limit: int,
    ) -> int:
        """Delete the first records an index finds, at most so many; how many there were."""
        values = [records.stored(name, value) for name, value in zip(index, equal_to, strict=False)]
        bound = records.stored(index[len(values)], at_most) if at_most is not None else None
        return self.transaction.delete(
            records.collection, records.index(index), values, at_most=bound, limit=limit
        )

    def audit(self, events: Iterable[Event], actor: Actor, source: str | None = None) -> None:
        """Have what happened stand in the audit log; raises InvalidInputError unless an actor did it."""
        if not isinstance(actor, Actor):
            raise InvalidInputError(
                "what happens is done by somebody; nothing was saved",
                faults=[Fault("by", f"a {type(actor).__name__}", "an Actor, as Actor.staff('worker-17')")],
            )
        self._entries += AuditEntry.of_each(events, at=self.now, actor=actor, source=source)

    @property
    def entries(self) -> tuple[AuditEntry, ...]:
        """The entries it has for the audit log."""
        return tuple(self._entries)

    def note(self, entries: Iterable[AuditEntry]) -> None:
        """Have entries stand in the audit log that another unit of work made and could not write."""
        self._entries += entries

    def finish(self) -> None:
        """Write the entries of this unit of work, as its last deed."""
        if self._entries:
            self._act = write_act(self.transaction, self.sealer, self._entries, self.turn)

    @property
    def trace(self) -> "Trace":
        """By what it can be told, afterwards, whether this unit of work was saved."""
        return Trace(self._act, self._first_write)

    def _note(self, records: Records[Any], row: Row) -> None:
        if self._first_write is None:
            self._first_write = (records, row)


@attrs.frozen
class Trace:
    """What a unit of work wrote that nobody else can have written: its act, or else its first record."""

    act: bytes | None
    first_write: tuple[Records[Any], Row] | None


def _place(records: Records[R], after: Kept[R] | int | None) -> Row | None:
    if after is None:
        return None
    return {SEQUENCE: after} if isinstance(after, int) else records.place(after.record, after.version)


def version_of(row: Row) -> int:
    """The version of a row; of an entry of a log its number."""
    version = row[SEQUENCE] if SEQUENCE in row else row[VERSION]
    assert isinstance(version, int)
    return version
