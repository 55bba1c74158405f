"""SqlTransaction: one unit of work on a SQL database.

Decides which statements a call becomes. Invariants: a call that raises, whatever it raises, leaves the
transaction unusable, and nothing of it is saved; every failure of the driver becomes a typed error; rows that
the database lets fall in silence are not taken for saved.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any, Final, TypeVar

from dcss_core import errors
from dcss_core.plugins import Collection, Key, Row, Scalar
from dcss_core_sql.database import Cursor, Database
from dcss_core_sql.expected import Expected, as_it_is
from dcss_core_sql.statements import MOST_AT_ONCE, MOST_STREAMS_AT_ONCE, Statements

R = TypeVar("R")

_ENDED: Final[dict[str, Statements]] = {}  # what an ended transaction knows of any collection


class SqlTransaction:
    """One unit of work; see the port."""

    failure: BaseException | None = None
    deleted = False
    redacted = False

    def __init__(
        self, database: Database, cursor: Cursor, statements: Mapping[str, Statements], *, writes: bool
    ) -> None:
        self.cursor = cursor
        self._database = database
        self._statements = statements
        self._writes = writes

    def end(self) -> BaseException | None:
        """Let every later call raise BackendError; gives the error that spoiled this transaction."""
        failure, self.failure = self.failure, None
        self._statements = _ENDED
        return failure

    def spoil(self, failure: Exception) -> None:
        """Let every later call, and leaving the block, raise this, unless an earlier error does."""
        self.failure = self.failure or failure

    def use(self, work: Callable[[Any], R]) -> R:
        """Do something else with the database in this unit of work, through its cursor."""
        try:
            return work(self.cursor)
        except BaseException as error:
            self._fail(error)
            raise

    def get(self, collection: Collection, key: Key) -> Row | None:
        """The record with this key; see the port."""
        try:
            statements = self._of(collection)
            self.cursor.execute(statements.get, statements.key(key))
            found = statements.rows.read(self.cursor.fetchall())
            return found[0] if found else None
        except BaseException as error:
            self._fail(error)
            raise

    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        """The records with these keys; see the port."""
        try:
            statements = self._of(collection)
            wanted = list(keys)
            found = self._found_by_key(statements, list(dict.fromkeys(statements.keys(wanted))))
            return [found.get(key) for key in wanted]
        except BaseException as error:
            self._fail(error)
            raise

    def _found_by_key(self, statements: Statements, keys: Sequence[tuple[object, ...]]) -> dict[Key, Row]:
        found: dict[Key, Row] = {}
        for start in range(0, len(keys), MOST_AT_ONCE):
            self.cursor.execute(*statements.each(keys[start : start + MOST_AT_ONCE]))
            rows = statements.rows.read(self.cursor.fetchall())
            found.update(zip(map(statements.key_of, rows), rows, strict=True))
        return found

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records; see the port."""
        try:
            statements = self._to_write(collection)
            collection.check_rows(rows)
            self._insert(statements, rows, repeat(1), as_it_is)
        except BaseException as error:
            self._fail(error)
            raise

    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace a record that has the expected version; see the port."""
        try:
            statements = self._to_write(collection)
            collection.check_replacement(row, expected_version)
            values = statements.updated(row, expected_version)
            self._database.update(self.cursor, statements, values, Expected(1, collection.stale))
        except BaseException as error:
            self._fail(error)
            raise

    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        """Append entries; see the port."""
        try:
            statements = self._to_write(log)
            log.check_rows(rows, log=True)
            streams = statements.streams(rows)
            last = dict.fromkeys(streams, 0) if begins else self._last_numbers(statements, streams)
            numbers = []
            for stream in streams:
                last[stream] += 1
                numbers.append(last[stream])
            self._insert(statements, rows, numbers, as_it_is if begins else partial(_appended_meanwhile, log))
            return numbers
        except BaseException as error:
            self._fail(error)
            raise

    def _insert(
        self,
        statements: Statements,
        rows: Sequence[Row],
        numbers: Iterable[int],
        told: Callable[[errors.DcssError], errors.DcssError],
    ) -> None:
        expected = Expected(len(rows), partial(_not_taken, statements.collection), told)
        values = statements.rows.numbered(rows, numbers)
        self._database.insert(self.cursor, statements, values, expected)

    def settle(self) -> None:
        """Have done what was put off; what is wrong with it spoils the transaction, and is raised."""
        if self.failure is None:
            try:
                self._database.settle(self.cursor)
            except BaseException as error:
                self._fail(error)
                raise

    def _last_numbers(self, statements: Statements, streams: Sequence[Scalar]) -> dict[Scalar, int]:
        wanted = list(dict.fromkeys(streams))
        last = dict.fromkeys(wanted, 0)
        for start in range(0, len(wanted), MOST_STREAMS_AT_ONCE):
            self.cursor.execute(*statements.last_numbers(wanted[start : start + MOST_STREAMS_AT_ONCE]))
            last.update(statements.numbers_by_stream(self.cursor.fetchall()))
        return last

    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        """Erase fields of the first entries; see the port."""
        try:
            statements = self._to_write(log)
            log.check_redaction(fields, up_to, stream)
            key = up_to if log.stream is None else (stream, up_to)
            self.cursor.execute(statements.redaction(tuple(fields)), statements.key(key))
            self.redacted |= self.cursor.rowcount > 0
            return self.cursor.rowcount
        except BaseException as error:
            self._fail(error)
            raise

    def delete(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        limit: int,
    ) -> int:
        """Delete the first records found by an index; see the port."""
        try:
            statements = self._to_write(collection)
            collection.check_deletion(index, equal_to, at_most, limit)
            self.cursor.execute(*statements.deleted(index, equal_to, at_most, limit))
            self.deleted |= self.cursor.rowcount > 0
            return self.cursor.rowcount
        except BaseException as error:
            self._fail(error)
            raise

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
        """Records found by an index; see the port."""
        try:
            statements = self._of(collection)
            self.cursor.execute(*statements.found(index, equal_to, at_most, descending, after, limit))
            return statements.rows.read(self.cursor.fetchall())
        except BaseException as error:
            self._fail(error)
            raise

    def find_each(
        self, collection: Collection, index: tuple[str, ...], values: Sequence[Scalar]
    ) -> list[list[Row]]:
        """Records found by an index for each of several values; see the port."""
        try:
            statements = self._of(collection)
            wanted = list(values)
            collection.check_find_each(index, wanted)
            found: dict[Scalar, list[Row]] = {}
            for asked in statements.found_each(index, list(dict.fromkeys(wanted))):
                self.cursor.execute(*asked)
                for row in statements.rows.read(self.cursor.fetchall()):
                    found.setdefault(row[index[0]], []).append(row)
            return [[*found.get(value, ())] for value in wanted]
        except BaseException as error:
            self._fail(error)
            raise

    def count(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
    ) -> int:
        """How many records an index finds; see the port."""
        try:
            statements = self._of(collection)
            self.cursor.execute(*statements.counted(index, equal_to, at_most))
            [(number,)] = self.cursor.fetchall()
            return int(number)
        except BaseException as error:
            self._fail(error)
            raise

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
        """The sums of a field over the records an index finds; see the port."""
        try:
            statements = self._of(collection)
            collection.check_sum(field, index, equal_to, at_most, by)
            self.cursor.execute(*statements.summed(field, index, equal_to, at_most, by))
            return statements.sums(self.cursor.fetchall(), by)
        except BaseException as error:
            self._fail(error)
            raise

    def _of(self, collection: Collection) -> Statements:
        if self.failure is not None:
            raise self.failure
        statements = self._statements.get(collection.name)
        if statements is not None and (
            statements.collection is collection or statements.collection == collection
        ):
            return statements
        if self._statements is _ENDED:
            raise errors.BackendError("this transaction has ended; begin another", retryable=False)
        raise errors.InvariantError(
            f"'{collection.name}' was not prepared in this shape; call prepare() first"
        )

    def _to_write(self, collection: Collection) -> Statements:
        if not self._writes and self.failure is None:
            raise errors.BackendError(
                "this transaction only reads; begin one with transaction(writes=True)", retryable=False
            )
        return self._of(collection)

    def _fail(self, error: BaseException) -> None:
        """Spoil the transaction; raises the typed error for one of the driver's."""
        self.failure = error
        if isinstance(error, self._database.failures):
            self.failure = self._database.translated(error, self._statements)
            raise self.failure from (None if self._database.shows_a_value(error) else error)


def _appended_meanwhile(log: Collection, error: errors.DcssError) -> errors.DcssError:
    if not isinstance(error, errors.DuplicateKeyError) or error.key_fields != log.key_fields:
        return error
    # Nobody who asked how far the stream goes is told that it goes no further.
    return errors.BackendError(f"somebody else appended to '{log.name}' meanwhile; try again", retryable=True)


def _not_taken(collection: Collection) -> errors.InvariantError:
    return errors.InvariantError(
        f"the database did not take all rows of '{collection.name}'; nothing was saved; "
        "look whether somebody put a trigger on its table"
    )
