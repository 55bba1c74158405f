"""PostgresqlDatabase: one database of PostgreSQL and the connections of this process to it.

Decides how connections are set up, and how a unit of work begins and ends on one. Invariants: writing
transactions are SERIALIZABLE, so that each behaves as if it ran alone, and reading ones see one snapshot;
whatever a transaction waits for, it has one deadline; a connection that was lost while nobody used it is
replaced in silence; a commit that was not answered is said to be unknown.
"""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, Final

from dcss_core import errors
from dcss_core.errors import BackendError
from dcss_core.plugins import Collection
from dcss_core_sql.connecting import forks
from dcss_core_sql.connecting.connections import Connections, nobodys_claim
from dcss_core_sql.connecting.line import Claim, Line
from dcss_core_sql.connecting.opened import Opened
from dcss_core_sql.database import Begin
from dcss_core_sql.expected import Expected
from dcss_core_sql.postgresql import creation
from dcss_core_sql.postgresql.failures import (
    CONFLICTS,
    ConnectionLost,
    ServerFailure,
    is_away,
    no_place,
    translated,
    translated_at_commit,
)
from dcss_core_sql.postgresql.lines import lines_of
from dcss_core_sql.postgresql.location import Location
from dcss_core_sql.postgresql.opening import connected
from dcss_core_sql.postgresql.session import Session
from dcss_core_sql.postgresql.spelling import POSTGRESQL
from dcss_core_sql.statements import Statements

_MOST_IN_A_STATEMENT: Final = 16  # rows; from there on a COPY is faster, and one text a size would be many
_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = "
_WRITING: Final = "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL lock_timeout = "
# Whoever was slower than others queues behind those who were, before its snapshot is taken; who was not waits
# for nobody. Any table would do that is there before all others.
_IN_LINE: Final = '; LOCK TABLE "dcss_schema" IN SHARE UPDATE EXCLUSIVE MODE'
_LEAST_LOCK_MILLISECONDS: Final = 1  # 0 would mean for ever
_MOST_LOCK_MILLISECONDS: Final = 2**31 - 1


class PostgresqlDatabase(Opened[Session]):
    """One database; safe to use from several threads."""

    dialect = POSTGRESQL
    failures: tuple[type[Exception], ...] = (ServerFailure, ConnectionLost)

    def __init__(self, location: Location) -> None:
        super().__init__(Line(location.connections, no_place), Connections(_itself, _is_idle, _close))
        self.location = location
        self._slower = _Slower()
        self._is_queued_for = True
        forks.watch(self)
        self._open_first()

    # --- a unit of work ----------------------------------------------------------------------------
    def begin(self, claim: Claim, *, writes: bool, wait_seconds: float | None) -> Session:
        """Begin a unit of work on a connection of its own; raises BackendError, retryable when busy.

        Whatever it raises, what it took is given back by `let_go`.
        """
        self._check_usable()
        deadline = monotonic() + (self.location.busy_seconds if wait_seconds is None else wait_seconds)
        self._line.enter(claim, deadline)
        while True:
            session = claim.used = self._connections.claimed(claim)
            if session is None:
                session = claim.used = self._connections.opened(
                    claim, partial(connected, self.location, deadline)
                )
                self._begin_on(session, writes, deadline)
                return session
            try:
                self._begin_on(session, writes, deadline)
                return session
            except BackendError:
                if not (session.is_lost or session.is_outdated):
                    raise
                self._connections.discard(session)  # it was lost while nobody used it

    def _begin_on(self, session: Session, writes: bool, deadline: float) -> None:
        try:
            if not writes:
                # reading waits for nobody but who changes a table's shape
                session.command(_READING + _milliseconds_until(deadline))
            elif self._slower.was and self._is_queued_for:
                self._begin_in_line(session, deadline)
            else:
                session.command(_WRITING + _milliseconds_until(deadline))
        except self.failures as error:
            raise translated(error, {}) from error

    def _begin_in_line(self, session: Session, deadline: float) -> None:
        try:
            session.command(_WRITING + _milliseconds_until(deadline) + _IN_LINE)
        except ServerFailure as failure:
            session.command("ROLLBACK")
            if failure.state in CONFLICTS or is_away(failure.state):
                raise
            self._is_queued_for = False  # a role without the right, or a server without such locks
            session.command(_WRITING + _milliseconds_until(deadline))

    def insert(
        self,
        session: Session,
        statements: Statements,
        rows: Sequence[tuple[Any, ...]],
        expected: Expected,
    ) -> None:
        """Insert rows: many by a COPY, some by a statement that is put off."""
        if len(rows) > _MOST_IN_A_STATEMENT:
            into = f"COPY {statements.table} ({statements.columns}) FROM STDIN"
            session.copy(into, lines_of(statements.collection)(rows), expected)
        elif rows:
            values = [value for row in rows for value in row]
            session.put_off(statements.insert_of(len(rows)), values, expected)

    def update(
        self, session: Session, statements: Statements, values: Sequence[object], expected: Expected
    ) -> None:
        """Change a row, by a statement that is put off."""
        session.put_off(statements.update, values, expected)

    def settle(self, session: Session) -> None:
        """Have done what was put off; raises what is wrong with it."""
        session.settle()

    def commit(self, session: Session, *, redacted: bool, deleted: bool) -> None:
        """Save what was written; raises OutcomeUnknownError where nobody knows whether it is saved.

        What was erased is gone from the tables at once and from the server's files with its next VACUUM.
        """
        self._check_usable()
        try:
            session.command("COMMIT")
        except self.failures as error:
            self._slower.note(error)
            raise translated_at_commit(error) from error
        self._slower.was = False
        if not session.saved:
            raise BackendError("the database rolled the transaction back; try again", retryable=True)

    def stop_reading(self, session: Session) -> None:
        """End a unit of work that saves nothing."""
        with suppress(*self.failures):
            session.command("COMMIT")  # what was read is true all the same

    def roll_back(self, session: Session) -> None:
        """Save nothing; a connection that can't even do that is closed by `let_go`."""
        session.forget()
        with suppress(*self.failures):
            session.command("ROLLBACK")

    def translated(self, error: Exception, statements: Mapping[str, Statements]) -> errors.DcssError:
        """The typed error for one of `failures`, before the commit."""
        self._slower.note(error)
        typed = translated(error, statements)
        expected = error.expected if isinstance(error, ServerFailure) else None
        return typed if expected is None else expected.told(typed)

    def shows_a_value(self, error: Exception) -> bool:
        """Whether the driver's own words may hold what is stored; they are not kept at all."""
        return False

    # --- the database ------------------------------------------------------------------------------
    def prepare(self, collections: Sequence[Collection], begin: Begin) -> None:
        """Create the collections that are missing; see the port."""
        creation.prepare(self.location, collections, begin)

    def _open_first(self) -> None:
        claim = nobodys_claim()
        try:
            deadline = monotonic() + self.location.busy_seconds
            claim.used = self._connections.opened(claim, partial(connected, self.location, deadline))
        except BaseException:
            self.close()
            raise
        finally:
            self.let_go(claim)


def _milliseconds_until(deadline: float) -> str:
    left = int((deadline - monotonic()) * 1_000)
    return str(min(max(left, _LEAST_LOCK_MILLISECONDS), _MOST_LOCK_MILLISECONDS))


class _Slower(threading.local):
    """Whether the last writing unit of work of a thread had to give way to another one."""

    was = False

    def note(self, error: Exception) -> None:
        """Note a failure of this thread."""
        self.was = isinstance(error, ServerFailure) and error.state in CONFLICTS


def _itself(session: Session) -> Session:
    return session


def _is_idle(session: Session, used: Session | None) -> bool:
    return session.is_idle and not session.is_outdated


def _close(session: Session) -> None:
    session.close()
