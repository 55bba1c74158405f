"""StoredValues: what an old database holds is what version 1 wrote, or nothing of it is converted.

Decides by the frozen declarations. Whoever writes to a file of SQLite by hand may leave a value of any kind
in any column. Invariants: a value is of the kind its field has, which the storage sees to; one in a sealed
field opens under the agency's keys at its own place, since what is sealed anew would be vouched for; the
numbers of a log run from 1 without a gap, and nobody was given an entry that is not there; every collection
is looked at before anything is refused; no stored value is shown.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import attrs

from dcss_core.command.upgrade import version_1
from dcss_core.command.upgrade.seals import Seals
from dcss_core.command.upgrade.shapes import FormerCollection
from dcss_core.errors import BackendError, Fault, InvalidInputError, InvariantError
from dcss_core.moving.paging import pages
from dcss_core.ports.storage import SEQUENCE, Row, Storage

_ALWAYS_AUDITED: Final = (
    version_1.ACCOUNTS,
    version_1.CASES,
    version_1.REMITTANCE_FILES,
    version_1.RECEIPTS,
    version_1.POSTINGS,
)
"""What no verb of version 1 wrote without an entry of the audit log."""


@attrs.define
class StoredValues:
    """What one collection of an old database holds, looked at row by row in the order of its key."""

    former: FormerCollection
    seals: Seals
    rows: int = 0
    is_whole: bool = False
    highest_position: int = 0
    _wrong: Counter[tuple[str, str, str]] = attrs.field(factory=Counter, init=False)
    _unreadable: list[Fault] = attrs.field(factory=list, init=False)
    _gap: int | None = attrs.field(default=None, init=False)
    _first: dict[tuple[str, str, str], int] = attrs.field(factory=dict, init=False)

    def look(self, storage: Storage) -> None:
        """Look at every row that can be read; raises ConfigurationError for a key that the ring lacks."""
        collection = self.former.collection
        try:
            with storage.transaction(writes=False) as transaction:
                for page in pages(transaction, collection, self.former.at_once):
                    for row in page:
                        self.add(row)
                self.is_whole = self.rows == transaction.count(collection, collection.key_fields)
        except InvariantError as unreadable:
            self._unreadable = [*_faults_of(self.former.name, unreadable)]
        except InvalidInputError:
            return  # the last key of a page is of another kind, which is noted; nothing is found behind it

    def add(self, row: Row) -> None:
        """Look at a row."""
        self.rows += 1
        for name in self.former.sealed:
            if not self._opens(name, row):
                self._note(name, "that does not open", "what was sealed there with the agency's keys")
        if self.former.collection.log and row[SEQUENCE] != self.rows and self._gap is None:
            self._gap = self.rows
        position = row.get("sequence")
        if self.former is version_1.SUBSCRIBER_POSITIONS and isinstance(position, int):
            self.highest_position = max(self.highest_position, position)

    def faults(self) -> Iterator[Fault]:
        """What was found that version 1 did not write."""
        yield from self._unreadable
        for (name, what, expected), count in self._wrong.items():
            values = "1 value" if count == 1 else f"{count:,} values"
            place = f"the first in row {self._first[name, what, expected]:,} by its key"
            yield Fault(f"{self.former.name}.{name}", f"{values} {what}, {place}", expected)
        if self._gap is not None:
            yield Fault(
                f"{self.former.name}.{SEQUENCE}",
                f"no number {self._gap:,} where it belongs",
                "numbers from 1 without a gap",
            )
        elif not (self.is_whole or self._unreadable or self._wrong):
            yield Fault(self.former.name, "rows that are not found by their key", "each found by its key")

    def _opens(self, name: str, row: Row) -> bool:
        try:
            self.seals.opened_value(self.former, name, row)
        except (BackendError, UnicodeDecodeError):
            return False
        return True

    def _note(self, *what: str) -> None:
        name, found, expected = what
        self._wrong[name, found, expected] += 1
        self._first.setdefault((name, found, expected), self.rows)


def check_stored_values(storage: Storage, seals: Seals) -> None:
    """Look at every value of an old database.

    Raises InvariantError with all that version 1 did not write, ConfigurationError for a key that the ring
    lacks.
    """
    looked = {former.name: StoredValues(former, seals) for former in version_1.EVERY_COLLECTION}
    for values in looked.values():
        values.look(storage)
    faults = [fault for values in looked.values() for fault in values.faults()]
    faults += _faults_of_log(looked)
    if faults:
        raise InvariantError(
            "the database holds what the version before did not write, and nothing was changed. Keep it as "
            "it is, look into who wrote to it, and restore it from a backup",
            faults=faults,
        )


def _faults_of_log(looked: dict[str, StoredValues]) -> Iterator[Fault]:
    log = looked[version_1.AUDIT_LOG.name]
    if not log.is_whole:
        return  # how many entries there are is not known
    beside = [former.name for former in _ALWAYS_AUDITED if looked[former.name].rows]
    if not log.rows and beside:
        yield Fault(log.former.name, "no entry", f"those about {', '.join(beside)}")
    positions = looked[version_1.SUBSCRIBER_POSITIONS.name]
    if positions.highest_position > log.rows:
        yield Fault(
            log.former.name,
            f"{log.rows:,} entries",
            f"{positions.highest_position:,} at least, for so many were handed to a subscriber",
        )


def _faults_of(name: str, unreadable: InvariantError) -> Iterator[Fault]:
    """What a storage said of a collection that it can't read, each fault with the collection's name."""
    if not unreadable.faults:
        yield Fault(name, "what the storage can't read", "what the version before wrote")
    for fault in unreadable.faults:
        is_named = fault.where.startswith(f"{name}.")
        yield fault if is_named else attrs.evolve(fault, where=f"{name}.{fault.where}")
