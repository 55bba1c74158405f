"""Storage: the small port behind which all records live.

Decides what the core asks of a database: collections of versioned records with declared unique keys
and indexes, and logs that are only ever appended to, and redacted when a retention ends. Invariants
a backend keeps (and `dcss_core.testing.StorageConformance` checks): a transaction is all or nothing and
sees its own writes; a writing transaction behaves as if it ran alone; a replaced record has the
expected version; a unique key is never taken twice, whatever runs beside it; the numbers of a log start
at 1 and have no gap; what was committed survives the process being killed, if the backend is durable.

What every backend must refuse in the same words stands in `collection.py`, as methods of `Collection`.
Every name a backend needs can be taken from here.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from dcss_core.ports.collection import SEQUENCE, VERSION, Collection, Row
from dcss_core.ports.field import Field, FieldKind, Scalar

__all__ = [
    "SEQUENCE",
    "VERSION",
    "Collection",
    "Field",
    "FieldKind",
    "Row",
    "Scalar",
    "Storage",
    "Transaction",
]


class Transaction(Protocol):
    """One unit of work. Leaving its block commits; an exception inside rolls everything back.

    A call that raises leaves the transaction unusable: every later call raises that error again, and
    so does leaving the block, which saves nothing. A conflict is therefore caught outside the block,
    and the whole unit of work is done again. Once its block is left, every call raises BackendError.

    Rows given hold exactly the declared fields; VERSION and SEQUENCE are the backend's. Anything else,
    a collection that was not prepared, and a write of the wrong sort (into a log, or append elsewhere)
    raise InvariantError, which names the field and never its value. Rows given back are
    read-only.
    """

    def get(self, collection: Collection, key: Scalar) -> Row | None:
        """The record with this key, with its version; None when there is none.

        Raises InvalidInputError for a value that can't be a key of the collection.
        """
        ...

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records at version 1, in bulk where the backend can.

        Raises DuplicateKeyError, naming the key's fields, when the key or a unique key is taken.
        """
        ...

    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace the whole record with the same key; its version becomes `expected_version + 1`.

        Raises StaleVersionError when the record has another version or is missing, DuplicateKeyError
        when a unique key is taken by another record.
        """
        ...

    def append(self, log: Collection, rows: Sequence[Row]) -> int:
        """Append entries to a log in this order and return the number of the first; numbers have no gap.

        For no entries, the number the next one will get.
        """
        ...

    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        """Erase optional fields of a log's entries, up to the one with this number; None stands there then.

        Returns how many entries lost something. Nothing else of an entry ever changes. What was erased
        should not stay readable in the backend's files. Raises InvariantError for a required field.
        """
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
        above (inclusive; None there never matches). `after` is the last row of the page before; only
        its fields in that order are looked at. Raises InvalidInputError for an index that is not
        declared, too many values, or a value of another type.
        """
        ...

    def count(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
    ) -> int:
        """How many records `find` would give for the same index and values, without loading one.

        `index`, `equal_to` and `at_most` mean what they mean in `find`, are refused as there, and the same
        records are seen: those of the snapshot, the transaction's own writes among them.
        """
        ...


class Storage(Protocol):
    """A database, as the core sees it. Safe to use from several threads; a transaction is not.

    After `close` everything but `close` raises BackendError, not retryable.
    """

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create what is missing and check what is there.

        All or nothing. Raises ConfigurationError naming each collection and field stored in another shape.
        """
        ...

    def transaction(self, *, writes: bool) -> AbstractContextManager[Transaction]:
        """Begin a unit of work when its block is entered.

        With `writes=False` any write raises BackendError, and every read sees one snapshot: all that was
        committed before the block was entered, and nothing committed after the first read.
        Raises BackendError, retryable when the database is busy or unreachable.
        """
        ...

    def close(self) -> None:
        """Release every resource; the storage can't be used afterwards. Closing twice does nothing."""
        ...
