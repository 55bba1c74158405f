"""SqlTransaction: one unit of work on a SQL database.

Decides which statements a call becomes. Invariants: a call that raises leaves the transaction
unusable and nothing of it is saved; every failure of the driver becomes a typed error.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

from dcss_core import errors
from dcss_core.plugins import Collection, Row, Scalar
from dcss_core_sql.question import asked
from dcss_core_sql.sqlite import SqliteDatabase
from dcss_core_sql.statements import Statements

P = ParamSpec("P")
R = TypeVar("R")


def _all_or_nothing(
    call: Callable[Concatenate["SqlTransaction", P], R],
) -> Callable[Concatenate["SqlTransaction", P], R]:
    """Make a call that raises leave its transaction unusable."""

    @wraps(call)
    def guarded(self: "SqlTransaction", /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not self._is_open:
            raise _not_open()
        if self._failure is not None:
            raise self._failure
        try:
            return call(self, *args, **kwargs)
        except self._database.driver_error as error:
            self._failure = self._database.translated(error)
            shows_a_value = isinstance(self._failure, errors.InvariantError)
            raise self._failure from (None if shows_a_value else error)
        except Exception as error:
            self._failure = error
            raise

    return guarded


def _not_open() -> errors.BackendError:
    return errors.BackendError("this transaction has not begun or has ended; begin another", retryable=False)


class SqlTransaction:
    """One unit of work; see the port."""

    _connection: PoolProxiedConnection
    _cursor: DBAPICursor

    def __init__(
        self, database: SqliteDatabase, statements: Mapping[str, Statements], *, writes: bool
    ) -> None:
        self._database = database
        self._statements = statements
        self._writes = writes
        self._is_open = False
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        self._connection = self._database.begin(writes=self._writes)
        self._cursor = self._connection.cursor()
        self._is_open, self._failure = True, None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        failure = self._failure
        self._cursor.close()  # a statement still being read would keep its snapshot, in the pool too
        save = raised is None and failure is None
        self._database.end(self._connection, writes=self._writes, save=save)
        if raised is None and failure is not None:
            raise failure

    @_all_or_nothing
    def use(self, work: Callable[[DBAPICursor], R]) -> R:
        """Do something else with the database in this unit of work."""
        return work(self._cursor)

    @_all_or_nothing
    def get(self, collection: Collection, key: Scalar) -> Row | None:
        """The record with this key; see the port."""
        statements = self._of(collection)
        collection.check_key(key)
        self._cursor.execute(statements.get, (statements.encoded(collection.key, key),))
        rows = statements.rows(self._cursor.fetchall())
        return rows[0] if rows else None

    @_all_or_nothing
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records; see the port."""
        statements = self._to_write(collection)
        collection.check_rows(rows)
        self._cursor.executemany(statements.insert, [statements.inserted(row, 1) for row in rows])

    @_all_or_nothing
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace a record that has the expected version; see the port."""
        statements = self._to_write(collection)
        collection.check_rows([row])
        self._cursor.execute(statements.update.sql, statements.updated(row, expected_version))
        if self._cursor.rowcount != 1:
            raise errors.StaleVersionError(
                f"the record of '{collection.name}' was changed meanwhile or is missing; read it again"
            )

    @_all_or_nothing
    def append(self, log: Collection, rows: Sequence[Row]) -> int:
        """Append entries; see the port."""
        statements = self._to_write(log)
        log.check_rows(rows, log=True)
        self._cursor.execute(statements.last_number)
        [(last,)] = self._cursor.fetchall()
        first = int(last or 0) + 1
        numbered = [statements.inserted(row, number) for number, row in enumerate(rows, first)]
        self._cursor.executemany(statements.insert, numbered)
        return first

    @_all_or_nothing
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        """Erase fields of the first entries; see the port."""
        statements = self._to_write(log)
        log.check_redaction(fields, up_to)
        self._cursor.execute(statements.redaction(tuple(fields)), (up_to,))
        return self._cursor.rowcount

    @_all_or_nothing
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
        statements = self._of(collection)
        collection.check_find(index, equal_to, at_most, after, limit)
        question, values = asked(collection, index, equal_to, at_most, descending, after, limit)
        self._cursor.execute(*statements.found(question, values))
        return statements.rows(self._cursor.fetchall())

    @_all_or_nothing
    def count(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
    ) -> int:
        """How many records an index finds; see the port."""
        statements = self._of(collection)
        collection.check_find(index, equal_to, at_most)
        question, values = asked(collection, index, equal_to, at_most)
        self._cursor.execute(*statements.counted(question, values))
        [(number,)] = self._cursor.fetchall()
        return int(number)

    def _of(self, collection: Collection) -> Statements:
        statements = self._statements.get(collection.name)
        if statements is None or not (
            statements.collection is collection or statements.collection == collection
        ):
            raise errors.InvariantError(
                f"'{collection.name}' was not prepared in this shape; call prepare() first"
            )
        return statements

    def _to_write(self, collection: Collection) -> Statements:
        if not self._writes:
            raise errors.BackendError(
                "this transaction only reads; begin one with transaction(writes=True)", retryable=False
            )
        return self._of(collection)
