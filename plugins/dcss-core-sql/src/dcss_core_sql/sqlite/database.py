"""SqliteDatabase: one SQLite file and the connections of this process to it.

Decides how connections are set up, and how a unit of work begins and ends on one. Invariants: a commit is on
disk when it returns, unless the URL says otherwise; what is erased is overwritten in the file; one
transaction writes at a time; whatever a transaction waits for, it has one deadline. SQLite keeps in the
memory of a process which locks it holds on which file; after a fork the child has those notes without the
locks, and what it commits would be lost when the parent closes. So before a fork the connections that nobody
uses are closed, and a file of which one was in use is not opened in the child.
"""

import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Final
from urllib.parse import quote

from dcss_core import errors
from dcss_core.errors import BackendError
from dcss_core.plugins import Collection
from dcss_core_sql.connecting import forks
from dcss_core_sql.connecting.connections import Connections, nobodys_claim
from dcss_core_sql.connecting.line import Claim, Line
from dcss_core_sql.connecting.opened import Opened
from dcss_core_sql.database import Begin
from dcss_core_sql.expected import Expected
from dcss_core_sql.sqlite import shapes
from dcss_core_sql.sqlite.erasure import Erasure
from dcss_core_sql.sqlite.failures import (
    at_opening,
    busy,
    is_busy,
    shows_a_value,
    translated,
    translated_at_commit,
)
from dcss_core_sql.sqlite.location import Identity, Location
from dcss_core_sql.sqlite.spelling import SQLITE
from dcss_core_sql.statements import Statements

_KEPT_STATEMENTS: Final = 512  # some twenty for each of a few dozen collections
# Reading takes its snapshot here, where it can still wait, and not with its first question.
_SNAPSHOT: Final = "SELECT 1 FROM sqlite_master LIMIT 0"
_LONGEST_PAUSE_SECONDS: Final = 0.002
_SHORTEST_PAUSE_SECONDS: Final = 0.000_5
_HALF_THE_PAUSE_AFTER_SECONDS: Final = 0.02

_inherited: Final[set[Identity]] = set()
"""The files of which a connection was in use when this process was forked."""


class SqliteDatabase(Opened[sqlite3.Connection]):
    """One SQLite file; safe to use from several threads."""

    dialect = SQLITE
    failures: tuple[type[Exception], ...] = (sqlite3.Error, OverflowError)

    def __init__(self, location: Location) -> None:
        super().__init__(Line(1, busy), Connections(_connection_of, _is_idle, _close))
        self.location = location
        self._erasure = Erasure()
        location.create()
        self._file = location.checked_identity()
        if self._file in _inherited:
            raise BackendError(
                f"this process was forked while a transaction on '{location.path}' was open, and SQLite "
                "can't open the file here; fork when no transaction is open, or start the process anew",
                retryable=False,
            )
        forks.watch(self)
        self._open_first()

    # --- a unit of work ----------------------------------------------------------------------------
    def begin(self, claim: Claim, *, writes: bool, wait_seconds: float | None) -> sqlite3.Cursor:
        """Begin a unit of work on a connection of its own; raises BackendError, retryable when busy.

        Whatever it raises, what it took is given back by `let_go`.
        """
        if self._refusal is not None:
            self._check_usable()
        deadline = monotonic() + (self.location.busy_seconds if wait_seconds is None else wait_seconds)
        if writes:
            self._line.enter(claim, deadline)
            self._check_file()
        try:
            connection = self._connections.claimed(claim) or self._connect(deadline, claim)
            cursor = claim.used = connection.cursor()
            if writes:
                self._wait_for("BEGIN IMMEDIATE", cursor, deadline)
            else:
                cursor.execute("BEGIN")
                self._wait_for(_SNAPSHOT, cursor, deadline)
        except sqlite3.Error as error:
            raise translated(error) from error
        return cursor

    def insert(
        self,
        cursor: sqlite3.Cursor,
        statements: Statements,
        rows: Sequence[tuple[Any, ...]],
        expected: Expected,
    ) -> None:
        """Insert rows."""
        cursor.executemany(statements.insert, rows)
        expected.check(cursor.rowcount)

    def update(
        self, cursor: sqlite3.Cursor, statements: Statements, values: Sequence[object], expected: Expected
    ) -> None:
        """Change a row."""
        cursor.execute(statements.update, values)
        expected.check(cursor.rowcount)

    def settle(self, cursor: sqlite3.Cursor) -> None:
        """Nothing: a call of SQLite goes over no network, so none is put off."""

    def commit(self, cursor: sqlite3.Cursor, *, redacted: bool, deleted: bool) -> None:
        """Save what was written; raises OutcomeUnknownError where nobody knows whether it is saved."""
        if redacted or deleted:
            self._erasure.owe(at_once=redacted)
        if self._refusal is not None:
            self._check_usable()
        try:
            cursor.execute("COMMIT")
        except sqlite3.Error as error:
            raise translated_at_commit(error) from error
        self._erasure.pay(cursor)

    def stop_reading(self, cursor: sqlite3.Cursor) -> None:
        """End a unit of work that saves nothing."""
        try:
            cursor.execute("COMMIT")
        except sqlite3.Error:
            return  # what was read is true all the same

    def roll_back(self, cursor: sqlite3.Cursor) -> None:
        """Save nothing; a connection that can't even do that is closed by `let_go`."""
        with suppress(sqlite3.Error):
            cursor.connection.rollback()

    def translated(self, error: Exception, statements: Mapping[str, Statements]) -> errors.DcssError:
        """The typed error for a failure of the driver; SQLite itself names the columns of a key."""
        return translated(error)

    def shows_a_value(self, error: Exception) -> bool:
        """Whether the driver's own words hold what is stored."""
        return shows_a_value(error)

    # --- the file ----------------------------------------------------------------------------------
    def prepare(self, collections: Sequence[Collection], begin: Begin) -> None:
        """Create the collections that are missing, in one transaction; see the port."""
        shapes.prepare(self.location, collections, begin)

    def before_fork(self) -> None:
        """Close what nobody uses, so that a child inherits no notes on locks and may open the file."""
        with suppress(sqlite3.Error):
            self._close_idle()

    def after_fork(self) -> list[sqlite3.Connection]:
        """Refuse every call from now on, and the file as well where a connection to it was in use."""
        if self._connections.is_open:
            _inherited.add(self._file)
        return super().after_fork()

    def _close_idle(self) -> None:
        self._connections.close_idle(lambda connection: self._erasure.pay(connection, closing=True))

    # --- connections -------------------------------------------------------------------------------
    def _connect(self, deadline: float, claim: Claim) -> sqlite3.Connection:
        self._check_file()
        return self._connections.opened(claim, lambda: self._connection(deadline))

    def _connection(self, deadline: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(os.fsencode(self.location.path))}?mode=rw",  # a file that is gone is not made anew
            uri=True,
            timeout=0,  # SQLite's own waiting is replaced by `_wait_for`
            isolation_level=None,  # the driver begins nothing by itself
            check_same_thread=False,  # a claim gives a connection to one thread at a time
            cached_statements=_KEPT_STATEMENTS,
        )
        try:
            cursor = connection.cursor()
            self._wait_for(f"PRAGMA synchronous={self.location.synchronous}", cursor, deadline)
            # what is erased is overwritten, not only let go
            self._wait_for("PRAGMA secure_delete=ON", cursor, deadline)
            cursor.close()
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_first(self) -> None:
        deadline = monotonic() + self.location.busy_seconds
        claim = nobodys_claim()
        try:
            cursor = claim.used = self._connect(deadline, claim).cursor()
            self._wait_for("PRAGMA journal_mode=WAL", cursor, deadline)
            self.let_go(claim)
        except BaseException as error:
            self.let_go(claim)
            self.close()
            if isinstance(error, sqlite3.Error):
                raise at_opening(error, self.location.path) from error
            raise

    def _check_file(self) -> None:
        if self.location.identity() != self._file:
            raise BackendError(
                f"the database '{self.location.path}' was moved, removed or replaced while it was open, so "
                "nothing is written any more; put it back, or open the storage again",
                retryable=False,
            )

    def _wait_for(self, statement: str, cursor: sqlite3.Cursor, deadline: float) -> None:
        """Execute a statement as soon as nobody is in the way.

        Between processes nobody has a place in a queue: who asks most often gets the file first. So who has
        waited longer asks more often.
        """
        begun: float | None = None
        while True:
            try:
                cursor.execute(statement)
                return
            except sqlite3.Error as error:
                if not is_busy(error):
                    raise
            now = monotonic()
            begun = now if begun is None else begun
            if now >= deadline:
                raise busy()
            pause = _LONGEST_PAUSE_SECONDS / (1 + (now - begun) / _HALF_THE_PAUSE_AFTER_SECONDS)
            time.sleep(min(max(pause, _SHORTEST_PAUSE_SECONDS), deadline - now))


def _connection_of(cursor: sqlite3.Cursor) -> sqlite3.Connection:
    return cursor.connection


def _is_idle(connection: sqlite3.Connection, cursor: sqlite3.Cursor | None) -> bool:
    """Whether a connection can be used again once its cursor is closed."""
    try:
        if cursor is not None:
            cursor.close()  # a statement still being read would keep its snapshot, even when all is closed
        return not connection.in_transaction
    except sqlite3.ProgrammingError:  # it is closed, and only has to be forgotten
        return False


def _close(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        connection.rollback()
    connection.close()
