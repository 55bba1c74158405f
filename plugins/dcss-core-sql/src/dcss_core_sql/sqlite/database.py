"""SqliteDatabase: one SQLite file and the connections of this process to it.

Decides how connections are set up, how a unit of work begins and ends on one, and what becomes of one whose
block was torn apart. Invariants: a commit is on disk when it returns, unless the URL says otherwise; what is
erased is overwritten in the file; one transaction writes at a time; whatever a transaction waits for, it has
one deadline; who has a connection is told by `_claims` alone, where it is entered by one call of C; a
connection in the middle of a transaction that nobody goes on with is closed, which saves nothing and lets go
of the file.
"""

import os
import sqlite3
import time
from contextlib import suppress
from time import monotonic
from typing import Final
from urllib.parse import quote

from dcss_core import errors
from dcss_core.errors import BackendError
from dcss_core_sql.sqlite import forks
from dcss_core_sql.sqlite.erasure import Erasure
from dcss_core_sql.sqlite.failures import busy, is_busy, primary_code, translated, translated_at_commit
from dcss_core_sql.sqlite.location import Location
from dcss_core_sql.sqlite.writers_queue import Claim, WritersQueue

_KEPT_STATEMENTS: Final = 512  # some twenty for each of a few dozen collections
# Reading takes its snapshot here, where it can still wait, and not with its first question.
_SNAPSHOT: Final = "SELECT 1 FROM sqlite_master LIMIT 0"
_LONGEST_PAUSE_SECONDS: Final = 0.002
_SHORTEST_PAUSE_SECONDS: Final = 0.000_5
_HALF_THE_PAUSE_AFTER_SECONDS: Final = 0.02
_CLOSED: Final = "this storage was closed; open another"
_FORKED: Final = "this storage was opened before the process was forked; open another in this process"


class SqliteDatabase:
    """One SQLite file; safe to use from several threads."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.erasure = Erasure()
        self.is_foreign = False
        self._refusal: str | None = None
        self._queue = WritersQueue()
        self._connections: list[sqlite3.Connection] = []
        self._claims: dict[sqlite3.Connection, Claim] = {}
        self._opening: list[object] = []
        location.create()
        self.file = location.checked_identity()
        forks.watch(self)
        self._open_first()

    # --- a unit of work ----------------------------------------------------------------------------
    def begin(self, claim: Claim, *, writes: bool, wait_seconds: float | None) -> sqlite3.Cursor:
        """Begin a unit of work on a connection of its own; raises BackendError, retryable when busy.

        Whatever it raises, what it took is given back by `let_go`.
        """
        if self._refusal is not None:
            self.check_usable()
        deadline = monotonic() + (self.location.busy_seconds if wait_seconds is None else wait_seconds)
        if writes:
            self._queue.enter(claim, deadline)
            self._check_file()
        try:
            cursor = claim.cursor = self._claimed(claim, deadline).cursor()
            if writes:
                self._wait_for("BEGIN IMMEDIATE", cursor, deadline)
            else:
                cursor.execute("BEGIN")
                self._wait_for(_SNAPSHOT, cursor, deadline)
        except sqlite3.Error as error:
            raise translated(error) from error
        return cursor

    def commit(self, cursor: sqlite3.Cursor) -> None:
        """Save what was written; raises OutcomeUnknownError where nobody knows whether it is saved."""
        if self._refusal is not None:
            self.check_usable()
        try:
            cursor.execute("COMMIT")
        except sqlite3.Error as error:
            raise translated_at_commit(error) from error

    def stop_reading(self, cursor: sqlite3.Cursor) -> None:
        """End a unit of work that saves nothing."""
        try:
            cursor.execute("COMMIT")
        except sqlite3.Error:
            return  # what was read is true all the same

    def roll_back(self, connection: sqlite3.Connection) -> None:
        """Save nothing; a connection that can't even do that is closed by `let_go`."""
        with suppress(sqlite3.Error):
            connection.rollback()

    def let_go(self, claim: Claim) -> None:
        """Give back what a claim holds, in whatever state that is; does nothing when it holds nothing."""
        if self.is_foreign:
            return
        cursor = claim.cursor
        for connection in list(self._claims) if cursor is None else (cursor.connection,):
            if self._claims.get(connection) is claim:
                if not _is_idle(connection, cursor):
                    self._close(connection)
                self._claims.pop(connection, None)
        if claim.is_queued:
            self._queue.leave(claim)
        if self._refusal is not None:
            self.close_idle()

    # --- the file ----------------------------------------------------------------------------------
    def check_usable(self) -> None:
        """Raise BackendError when this storage was closed, or belongs to another process."""
        if self._refusal is not None:
            raise BackendError(self._refusal, retryable=False)

    def close(self) -> None:
        """Close every connection that isn't in use; the others close when their unit of work ends."""
        if self.is_foreign:
            self.check_usable()
        self._refuse(_CLOSED)
        forks.forget(self)
        self.close_idle()

    def close_idle(self) -> None:
        """Close the connections that no transaction uses."""
        claim = Claim(_Opening())
        for connection in list(self._connections):
            if self._claims.setdefault(connection, claim) is claim:
                try:
                    self.erasure.pay(connection, closing=True)
                    self._close(connection)
                finally:
                    self._claims.pop(connection, None)

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, or one is being made."""
        return bool(self._connections or self._opening)

    def disown(self) -> list[sqlite3.Connection]:
        """Refuse every call from now on, leave the connections alone, and give those there are."""
        self.is_foreign = True
        self._refuse(_FORKED)
        return self._connections

    def _refuse(self, reason: str) -> None:
        self._refusal = reason
        for claim in list(self._claims.values()):
            block = claim()
            if block is not None:
                block.spoil(BackendError(reason, retryable=False))

    # --- connections -------------------------------------------------------------------------------
    def _claimed(self, claim: Claim, deadline: float) -> sqlite3.Connection:
        for connection in list(self._connections):
            if self._claims.setdefault(connection, claim) is claim:
                if connection in self._connections:
                    return connection
                self._claims.pop(connection)  # it was closed before it could be claimed
        return self._connect(deadline, claim)

    def _close(self, connection: sqlite3.Connection) -> None:
        self.roll_back(connection)
        connection.close()
        if connection in self._connections:
            self._connections.remove(connection)

    def _connect(self, deadline: float, claim: Claim) -> sqlite3.Connection:
        self._check_file()
        opening = object()
        self._opening.append(opening)
        try:
            connection = self._connection(deadline)
            self._claims[connection] = claim
            self._connections.append(connection)
        finally:
            self._opening.remove(opening)
        return connection

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
        claim = Claim(_Opening())
        try:
            cursor = claim.cursor = self._connect(deadline, claim).cursor()
            self._wait_for("PRAGMA journal_mode=WAL", cursor, deadline)
            self.let_go(claim)
        except BaseException as error:
            self.let_go(claim)
            self.close()
            if isinstance(error, sqlite3.Error):
                raise self._at_opening(error) from error
            raise

    def _at_opening(self, error: sqlite3.Error) -> errors.DcssError:
        code, path = primary_code(error), self.location.path
        if code == sqlite3.SQLITE_NOTADB:
            return errors.ConfigurationError(f"'{path}' is not a SQLite database; name another file")
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            return errors.ConfigurationError(f"'{path}' can't be opened for writing")
        return translated(error)

    def _check_file(self) -> None:
        if self.location.identity() != self.file:
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


class _Opening:
    """Who claims a connection to set it up, or to close it."""

    def spoil(self, failure: Exception) -> None:
        """Nothing is under way that could be spoilt."""


def _is_idle(connection: sqlite3.Connection, cursor: sqlite3.Cursor | None) -> bool:
    """Whether a connection can be used again once its cursor is closed."""
    try:
        if cursor is not None:
            cursor.close()  # a statement still being read would keep its snapshot, even when all is closed
        return not connection.in_transaction
    except sqlite3.ProgrammingError:  # it is closed, and only has to be forgotten
        return False
