"""Storage: the small port behind which all records live.

Decides what the core asks of a database: collections of versioned records with declared unique keys
and indexes, and logs that are only ever appended to. Invariants a backend keeps (and
`dcss_core.testing.StorageConformance` checks): a transaction is all or nothing and sees its own
writes; a writing transaction behaves as if it ran alone; a replaced record has the expected version;
a unique key is never taken twice, whatever runs beside it; the numbers of a log start at 1 and have
no gap; what was committed survives the process being killed, if the backend is durable.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from enum import Enum
from typing import Final, Protocol, TypeAlias

import attrs

from dcss_core.errors import Fault, InvalidInputError

Scalar: TypeAlias = str | int | bool | bytes | date | datetime | None
Row: TypeAlias = Mapping[str, Scalar]

VERSION: Final = "version"
"""The field every record has besides its own: 1 when inserted, one more each time it is replaced."""

SEQUENCE: Final = "seq"
"""The field every entry of a log has besides its own: its number, from 1, without a gap. It is the key of the log."""


class FieldKind(Enum):
    """What a field holds; a backend picks its own column type for each."""

    TEXT = "text"
    INTEGER = "integer"  # 64 bits with sign; money is integer cents
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"  # aware, in UTC, to the microsecond
    BYTES = "bytes"


@attrs.frozen
class Field:
    """A named, typed field of a collection; `optional` admits None."""

    name: str
    kind: FieldKind
    optional: bool = False


@attrs.frozen
class Collection:
    """The declared shape of a collection.

    `key` names the field that identifies a record. Each tuple in `unique` is a set of fields no two
    records share (rows with a None among them don't count). Each tuple in `indexes` can be found by;
    so can each tuple in `unique`. A `log` has no key of its own (its entries are numbered by
    `SEQUENCE`), is only appended to, and has no versions. Raises InvalidInputError, all faults at once.
    """

    name: str
    fields: tuple[Field, ...]
    key: str = SEQUENCE
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    log: bool = False

    def __attrs_post_init__(self) -> None:
        names = [field.name for field in self.fields]
        faults = [
            Fault(f"{self.name}.{name}", "a reserved name", f"any name but {VERSION} and {SEQUENCE}")
            for name in names
            if name in (VERSION, SEQUENCE)
        ]
        faults += [
            Fault(f"{self.name}.{name}", "the name twice", "each name once")
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
        known = {*names, SEQUENCE} if self.log else set(names)
        named = {self.key, *(name for group in (*self.unique, *self.indexes) for name in group)}
        faults += [
            Fault(f"{self.name}: key or index", f"'{name}'", f"one of {', '.join(sorted(known))}")
            for name in sorted(named - known)
        ]
        if faults:
            raise InvalidInputError(f"collection '{self.name}' is not well declared", faults=faults)

    @property
    def findable(self) -> tuple[tuple[str, ...], ...]:
        """Every tuple of fields `find` accepts: the indexes, the unique keys and the key itself."""
        return (*self.indexes, *self.unique, (self.key,))


class Transaction(Protocol):
    """One unit of work. Leaving its block commits; an exception inside rolls everything back."""

    def get(self, collection: Collection, key: Scalar) -> Row | None:
        """The record with this key, with its version; None when there is none."""
        ...

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records at version 1, in bulk where the backend can.

        Raises DuplicateKeyError (naming the collection and the key's fields) when the key or a unique key is taken.
        """
        ...

    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace the whole record with the same key; its version becomes `expected_version + 1`.

        Raises StaleVersionError when the record has another version or is missing, DuplicateKeyError as insert does.
        """
        ...

    def append(self, log: Collection, rows: Sequence[Row]) -> int:
        """Append entries to a log in this order and return the number of the first; numbers have no gap."""
        ...

    def find(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """Records found by a declared index, in its order.

        `index` is one of `collection.findable`; `equal_to` fixes its leading fields, in order, None
        included. Rows come ordered by the remaining fields of the index, then by the key, None
        first; `descending` reverses all of it. `at_most` bounds the first remaining field from
        above (inclusive; None there never matches). `after` is the last row of the page before.
        Raises InvalidInputError for an index that is not declared or too many values.
        """
        ...


class Storage(Protocol):
    """A database, as the core sees it. Safe to use from several threads; a transaction is not."""

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create what is missing and check what is there; raises ConfigurationError when a stored shape differs."""
        ...

    def transaction(self, *, writes: bool) -> AbstractContextManager[Transaction]:
        """Begin a unit of work. With `writes=False` any write raises BackendError and a stable snapshot is read.

        Raises BackendError, retryable when the database is busy or unreachable.
        """
        ...

    def close(self) -> None:
        """Release every resource; the storage can't be used afterwards. Closing twice does nothing."""
        ...
