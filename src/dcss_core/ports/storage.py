"""Storage: the small port behind which all records live.

Decides what the core asks of a database: collections of versioned records with declared unique keys
and indexes, and logs that are only ever appended to, and redacted when a retention ends. Invariants
a backend keeps (and `dcss_core.testing.StorageConformance` checks): a transaction is all or nothing and
sees its own writes; a writing transaction behaves as if it ran alone; a replaced record has the
expected version; a unique key is never taken twice, whatever runs beside it; the numbers of a log start
at 1 and have no gap, in the whole log or in each of its streams; what was committed survives the process
being killed, if the backend is durable; whatever interrupts a call, at any point, a transaction is saved
whole or not at all, and nobody is kept waiting by it once the interrupt was handled.

What every backend must refuse in the same words stands in `collection.py`, as methods of `Collection`.
Every name a backend needs can be taken from here.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from dcss_core.ports.collection import SEQUENCE, VERSION, Collection, Key, Row
from dcss_core.ports.field import Field, FieldKind, Scalar

__all__ = [
    "SEQUENCE",
    "VERSION",
    "Collection",
    "Field",
    "FieldKind",
    "Key",
    "Row",
    "Scalar",
    "Storage",
    "Transaction",
]


class Transaction(Protocol):
    """One unit of work. Leaving its block commits; an exception inside rolls everything back.

    A call that raises leaves the transaction unusable: every later call raises that error again, and
    so does leaving the block, which saves nothing. A conflict is therefore caught outside the block,
    and the whole unit of work is done again. What only writes may be put off until an answer is needed, so
    that it costs no round trip: then a conflict of keys or versions is raised by a later call, or by leaving
    the block. Once its block is left, every call raises BackendError.

    Rows given hold exactly the declared fields; VERSION and SEQUENCE are the backend's. Anything else,
    a collection that was not prepared, and a write of the wrong sort (into a log, or append elsewhere)
    raise InvariantError, which names the field and never its value. Rows given back are
    read-only.
    """

    def get(self, collection: Collection, key: Key) -> Row | None:
        """The record with this key, with its version; None when there is none.

        The key of an entry is its number; in a log of streams, the stream and the number in it, as a tuple.
        Raises InvalidInputError for a value that can't be a key of the collection.
        """
        ...

    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        """The records with these keys, in the order of the keys and None where there is none.

        What `get` would give for each, in as few questions to the database as the backend can.
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
        when a unique key is taken by another record, InvalidInputError for a version that is no int.
        """
        ...

    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        """Append entries to a log, in this order, and return their numbers.

        Numbers have no gap: in the log, or in the entry's own stream where the log has streams. With
        `begins` their streams are new (or the log is, where it has none), and the backend need not look how
        far they go; it raises DuplicateKeyError, naming the key's fields, when one has an entry already.
        """
        ...

    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        """Erase optional fields of a log's entries, up to the one with this number; None stands there then.

        A log of streams is redacted stream by stream. Returns how many entries lost something. Nothing else
        of an entry ever changes. What was erased should not stay readable in the backend's files. Raises
        InvariantError for a required field, and without the stream of a log that has streams.
        """
        ...

    def delete(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        limit: int,
    ) -> int:
        """Delete records for good, those that `find` would give first, and return how many there were.

        At most `limit` of them, so that a long deletion is done in steps and nobody waits for it. What was
        deleted should not stay readable in the backend's files. `index`, `equal_to` and `at_most` are
        refused as in `find`. Raises InvariantError for a log, whose entries are only redacted.
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

    def find_each(
        self, collection: Collection, index: tuple[str, ...], values: Sequence[Scalar]
    ) -> list[list[Row]]:
        """The records an index finds for each of several values of its first field, in their order.

        What `find` would give with each value alone as `equal_to`, in as few questions to the database as the
        backend can. A value asked twice is answered twice. The index and each value are refused as in `find`.
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

    def sum(
        self,
        collection: Collection,
        field: str,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        by: Sequence[str] = (),
    ) -> Mapping[tuple[Scalar, ...], int]:
        """The sums of an integer field over the records that `find` would give, without loading one.

        One sum for each combination of values that the fields `by` have, under those values in that order;
        without `by`, one under `()`. Where no record is found there is no sum; None in the field adds
        nothing. Sums are exact, however large. `index`, `equal_to` and `at_most` are refused as in `find`.
        Raises InvalidInputError for a field that is no integer, or a field in `by` that is not declared.
        """
        ...


class Storage(Protocol):
    """A database, as the core sees it. Safe to use from several threads; a transaction is not.

    After `close` everything but `close` raises BackendError, not retryable. So does everything of a durable
    storage, `close` included, in a process that was forked from the one that opened it: its connections can't
    be shared by two processes.
    """

    @property
    def writes_one_at_a_time(self) -> bool:
        """Whether writing transactions queue behind each other, so that none ever meets a conflict.

        The audit log is then numbered along with the writing; elsewhere a job does it (`audit.sequence`).
        """
        ...

    @property
    def busy_seconds(self) -> float:
        """How long one verb may wait for others, over all its transactions; 0 for not at all."""
        ...

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create what is missing and check what is there.

        All or nothing; where nothing is missing, nothing is written, and no writer is waited for. Raises
        ConfigurationError naming each collection and field stored in another shape.
        """
        ...

    def transaction(
        self, *, writes: bool, wait_seconds: float | None = None
    ) -> AbstractContextManager[Transaction]:
        """Begin a unit of work when its block is entered.

        With `writes=False` any write raises BackendError, and every read sees one snapshot: all that was
        committed before the block was entered, and nothing committed after the first read. A reading
        transaction never waits for a writing one, nor a writing one for a reading one. `wait_seconds` says
        how long it may wait to begin; without it the backend says, and 0 means not at all. Raises
        BackendError, retryable when the database is busy or unreachable, InvalidInputError for less than 0
        seconds, no number or one without an end. Leaving the block raises OutcomeUnknownError when the commit
        was sent and no answer came: it is saved, or will be, or not.
        """
        ...

    def close(self) -> None:
        """Release every resource; the storage can't be used afterwards. Closing twice does nothing."""
        ...
