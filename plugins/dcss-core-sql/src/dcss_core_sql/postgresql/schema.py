"""PostgresqlTables: the tables of one schema of PostgreSQL, for who looks at them and changes them.

Invariants: whoever upgrades holds `dcss_schema` alone until it is saved; no word of the server's is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

import attrs
import psycopg
from psycopg.conninfo import make_conninfo

from dcss_core import errors
from dcss_core.errors import Fault
from dcss_core_sql.migrations import revision_mark
from dcss_core_sql.migrations.held import Held, not_filled
from dcss_core_sql.migrations.table_shape import TableShape
from dcss_core_sql.postgresql.catalogue import RIGHTS, rights_of, shapes_of
from dcss_core_sql.postgresql.creation import KNOWN, TABLES
from dcss_core_sql.postgresql.failures import (
    LACKS_RIGHTS,
    ConnectionLost,
    ServerFailure,
    lost,
    translated,
    translated_at_commit,
)
from dcss_core_sql.postgresql.location import Location
from dcss_core_sql.postgresql.opening import connected
from dcss_core_sql.postgresql.session import Session
from dcss_core_sql.postgresql.spelling import POSTGRESQL, text_read, text_sent

_SETTINGS: Final = "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ({})"
_DURABLE: Final = {
    "fsync": "on",
    "full_page_writes": "on",
}
_COMMIT: Final = "synchronous_commit"
_TOO_EARLY: Final = frozenset({"off"})
_CONNECT_SECONDS: Final = "10"
_OWN: Final = ("dcss_schema", revision_mark.TABLE)
_ALONE: Final = 'LOCK TABLE "dcss_schema" IN ACCESS EXCLUSIVE MODE'


@attrs.frozen
class PostgresqlTables:
    """The tables of one schema."""

    location: Location
    dialect = POSTGRESQL
    database = "postgresql"

    @property
    def url(self) -> str:
        """Its URL, without role, password and options."""
        return self.location.url

    @property
    def schema(self) -> str:
        """The schema of its tables."""
        return self.location.schema

    @property
    def opening(self) -> str:
        """SQL for somebody else begins in the right schema, which is made where it is missing."""
        schema = f'"{self.location.schema}"'
        return f"CREATE SCHEMA IF NOT EXISTS {schema};\nSET search_path = {schema}"

    def held(self) -> Held:
        """What it holds; raises ConfigurationError with every right that the role lacks to see it."""
        with self._session() as session:
            self._check_may_look(session)
            session.execute(TABLES, (text_sent(self.location.schema),))
            tables = frozenset(name for (name,) in session.fetchall())
            noted: list[Any] = []
            if "dcss_schema" in tables:
                session.execute(KNOWN)
                noted = session.fetchall()
            mark = revision_mark.mark_of(session) if revision_mark.TABLE in tables else None
        return Held(tables, {name: text_read(shape) for name, shape, _ in noted}, mark)

    def shapes(self) -> Mapping[str, TableShape]:
        """The shape of every table."""
        with self._session() as session:
            return shapes_of(session, self.location.schema)

    def faults_of_use(self, tables: Sequence[str]) -> Sequence[Fault]:
        """Rights of the role on each table, and what the server's settings lose."""
        with self._session() as session:
            lacking = list(_rights_lacking(session, self.location.schema, tables))
            wanted = ", ".join(f"'{name}'" for name in (*_DURABLE, _COMMIT))
            session.execute(_SETTINGS.format(wanted))
            settings = dict(session.fetchall())
        faults = [
            Fault(name, settings[name], f"{due}, or the server loses what it acknowledged")
            for name, due in _DURABLE.items()
            if settings[name] != due
        ]
        if settings[_COMMIT] in _TOO_EARLY:
            faults.append(Fault(_COMMIT, settings[_COMMIT], "on, or more"))
        return [*faults, *lacking]

    @contextmanager
    def changing(self) -> Iterator[Any]:
        """A connection in a transaction that nobody else changes tables beside."""
        from sqlalchemy import create_engine
        from sqlalchemy.exc import DBAPIError
        from sqlalchemy.pool import NullPool

        engine = create_engine("postgresql+psycopg://", creator=self._connection, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(_ALONE)
                yield connection
                _commit(connection)
        except DBAPIError as failure:
            raise _typed(failure.orig) from None
        finally:
            engine.dispose()

    def _connection(self) -> "psycopg.Connection[Any]":
        settings = {**self.location.settings, "connect_timeout": _CONNECT_SECONDS}
        connection = psycopg.connect(make_conninfo(**settings), autocommit=True)
        milliseconds = max(self.location.busy_seconds, 1) * 1_000
        connection.execute(f'SET search_path = "{self.location.schema}"'.encode())
        connection.execute(f"SET lock_timeout = {milliseconds}".encode())
        connection.execute(b"SET statement_timeout = 0")
        connection.autocommit = False
        return connection

    def _check_may_look(self, session: Session) -> None:
        schema = self.location.schema
        rights = rights_of(session, schema)
        if rights is None or not all("SELECT" in rights.get(name, RIGHTS) for name in _OWN):
            raise errors.ConfigurationError(
                f"the role may not look into the schema '{schema}' of {self.url}; grant it what it lacks",
                faults=[*_rights_lacking(session, schema, sorted(rights or {}))],
            )

    @contextmanager
    def _session(self) -> Iterator[Session]:
        session = connected(self.location, monotonic() + self.location.busy_seconds)
        try:
            yield session
        except (ServerFailure, ConnectionLost) as failure:
            raise translated(failure, {}) from failure
        finally:
            session.close()


def _rights_lacking(session: Session, schema: str, tables: Sequence[str]) -> Iterator[Fault]:
    rights = rights_of(session, schema)
    if rights is None:
        yield Fault(f"schema {schema}", "no USAGE for this role", "USAGE")
        return
    for table in tables:
        lacking = [right for right in RIGHTS if right not in rights.get(table, frozenset())]
        if lacking:
            yield Fault(table, f"no {', '.join(lacking)} for this role", ", ".join(RIGHTS))


def _commit(connection: Any) -> None:
    from sqlalchemy.exc import DBAPIError

    try:
        connection.commit()
    except DBAPIError as failure:
        state = getattr(failure.orig, "sqlstate", None)
        raise translated_at_commit(ServerFailure(state) if state else ConnectionLost()) from None


def _typed(failure: BaseException | None) -> errors.DcssError:
    state = getattr(failure, "sqlstate", None)
    if state is None:
        return lost()
    if isinstance(failure, psycopg.errors.NotNullViolation):
        return not_filled(f"{failure.diag.table_name}.{failure.diag.column_name}")
    if state == LACKS_RIGHTS:
        return errors.ConfigurationError(
            "the role may not change these tables; run this as their owner, or have the DBA apply what "
            "`dcss db sql` prints"
        )
    return translated(ServerFailure(state), {})
