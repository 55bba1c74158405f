"""What a verb writes, as it was seen, and the bare drivers that write the same; see postgresql.py."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import attrs
import psycopg
from psycopg.conninfo import make_conninfo

from dcss_core import Agency, KeyRing, MasterKey, Secret, open_agency
from dcss_core.plugins import Collection, StorageBackend, hookimpl
from dcss_core.testing import FakeHasher
from dcss_core_sql.opening import open_storage
from dcss_core_sql.postgresql.location import Location
from storage import as_stored

Write = tuple[Collection, list[dict[str, Any]]]


# --- what a verb writes -------------------------------------------------------------------------------------


@attrs.define
class Recorded:
    """The rows that were written since it was emptied, transaction by transaction."""

    commits: list[list[Write]] = attrs.field(factory=list)

    def taken(self) -> list[list[Write]]:
        """What was written; it is empty afterwards."""
        commits, self.commits = self.commits, []
        return commits


class _Recording:
    def __init__(self, inner: Any, recorded: Recorded) -> None:
        self._inner, self._recorded = inner, recorded

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def transaction(self, *, writes: bool, wait_seconds: float | None = None) -> Any:
        block = self._inner.transaction(writes=writes, wait_seconds=wait_seconds)
        return _RecordingBlock(block, self._recorded) if writes else block


class _RecordingBlock:
    def __init__(self, block: Any, recorded: Recorded) -> None:
        self._block, self._recorded, self._writes = block, recorded, list[Write]()

    def __enter__(self) -> Any:
        self._transaction = self._block.__enter__()
        return self

    def __exit__(self, *raised: Any) -> Any:
        result = self._block.__exit__(*raised)
        if raised[0] is None and self._writes:
            self._recorded.commits.append(self._writes)
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transaction, name)

    def insert(self, collection: Collection, rows: Sequence[Mapping[str, Any]]) -> None:
        self._transaction.insert(collection, rows)
        self._writes.append((collection, [{**row, "version": 1} for row in rows]))

    def replace(self, collection: Collection, row: Mapping[str, Any], *, expected_version: int) -> None:
        self._transaction.replace(collection, row, expected_version=expected_version)
        self._writes.append((collection, [{**row, "version": expected_version + 1}]))

    def append(
        self, log: Collection, rows: Sequence[Mapping[str, Any]], *, begins: bool = False
    ) -> list[int]:
        numbers: list[int] = self._transaction.append(log, rows, begins=begins)
        self._writes.append((log, [{**row, "seq": seq} for row, seq in zip(rows, numbers, strict=True)]))
        return numbers


@attrs.frozen
class _Seen:
    """An in-process plugin: the storage `seen:`, whose writing is recorded."""

    recorded: Recorded

    @hookimpl
    def dcss_storage_backends(self) -> list[StorageBackend]:
        def made(url: str) -> Any:
            return _Recording(open_storage(url.partition(":")[2]), self.recorded)

        return [StorageBackend("seen", "A storage whose writing is recorded", factory=made)]


def opened(url: str, recorded: Recorded) -> Agency:
    """The agency as it is stored."""
    keys = KeyRing((MasterKey("k1", Secret("1" * 64)),))
    return open_agency(
        f"seen:{url}",
        jurisdiction="US-GA",
        keys=keys,
        hasher=FakeHasher(),
        plugins=[_Seen(recorded)],
        channels=None,
    )


# --- the bare drivers ---------------------------------------------------------------------------------------


@attrs.define
class Driver:
    """A connection of a driver, and how it spells a value's place."""

    connection: Any
    place: str
    is_sqlite: bool

    def written(self, commits: list[list[Write]]) -> Callable[[], None]:
        """Write these rows in as many transactions; statements and values are ready made."""
        statements = [[self._statement(*write) for write in writes] for writes in commits]

        def run() -> None:
            for writes in statements:
                with self.transaction() as cursor:
                    for sql, rows in writes:
                        if len(rows) == 1:
                            cursor.execute(sql, rows[0])
                        else:
                            cursor.executemany(sql, rows)

        return run

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A transaction that writes."""
        if not self.is_sqlite:
            with self.connection.transaction(), self.connection.cursor() as cursor:
                yield cursor
            return
        cursor = self.connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        yield cursor
        cursor.execute("COMMIT")

    def _statement(self, collection: Collection, rows: list[dict[str, Any]]) -> tuple[str, list[Any]]:
        names = [*rows[0]]
        values = [self.values(row) for row in rows]
        version = rows[0].get("version", 1)
        if version == 1:
            columns = ", ".join(f'"{name}"' for name in names)
            places = ", ".join([self.place] * len(names))
            return f'INSERT INTO "{collection.name}" ({columns}) VALUES ({places})', values
        settings = ", ".join(f'"{name}" = {self.place}' for name in names)
        sql = f'UPDATE "{collection.name}" SET {settings} WHERE "{collection.key}" = {self.place}'
        return sql, [[*each, row[collection.key]] for each, row in zip(values, rows, strict=True)]

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        """The values of a row as the driver takes them."""
        return as_stored(row) if self.is_sqlite else [*row.values()]

    def bulk(self, rows: list[dict[str, Any]]) -> Callable[[], None]:
        """Insert many rows: COPY on PostgreSQL, executemany on SQLite."""
        names = ", ".join(f'"{name}"' for name in rows[0])
        values = [self.values(row) for row in rows]
        if self.is_sqlite:
            sql = f"INSERT INTO cases ({names}) VALUES ({', '.join(['?'] * len(rows[0]))})"

            def run() -> None:
                with self.transaction() as cursor:
                    cursor.executemany(sql, values)

            return run

        def copied() -> None:
            with self.transaction() as cursor, cursor.copy(f"COPY cases ({names}) FROM STDIN") as copy:
                for each in values:
                    copy.write_row(each)

        return copied

    def fetched(self, sql: str, *values: Any) -> list[Any]:
        """Every row of a question, in a transaction of its own, as psycopg begins one for every question."""
        self.connection.execute("BEGIN")
        found = self.connection.execute(sql.replace("?", self.place), values).fetchall()
        self.connection.execute("COMMIT")
        return list(found)


# --- places -------------------------------------------------------------------------------------------------


class Sqlite:
    """Databases in files, and copies of them."""

    name = "sqlite3"

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()

    def new(self) -> str:
        """The URL of a new database."""
        return f"sqlite:///{self._folder}/{next(self._numbers)}.db"

    def copy(self, url: str) -> str:
        """The URL of a copy of a database that nobody has open."""
        copied = self.new()
        shutil.copy(url.removeprefix("sqlite:///"), copied.removeprefix("sqlite:///"))
        return copied

    def settle(self, url: str) -> None:
        """Nothing: nobody works on a file in the background."""

    def driver(self, url: str) -> Driver:
        """The bare driver on a database."""
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")
        return Driver(connection, "?", is_sqlite=True)


class Postgresql:
    """Databases of one server, and copies of them."""

    name = "psycopg"

    def __init__(self, server: Any) -> None:
        self._server, self._numbers = server, count()

    def new(self, template: str = "template0") -> str:
        """The URL of a new database."""
        name = f"bench_{next(self._numbers)}"
        self._server.command(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}")
        return str(self._server.url_of(name))

    def copy(self, url: str) -> str:
        """The URL of a copy of a database that nobody has open."""
        return self.new(url.partition("?")[0].rpartition("/")[2])

    def settle(self, url: str) -> None:
        """Do what the server would do in the background."""
        settings = make_conninfo(**Location.from_url(url).settings)
        with psycopg.connect(settings, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    def driver(self, url: str) -> Driver:
        """The bare driver on a database."""
        settings = make_conninfo(**Location.from_url(url).settings)
        connection = psycopg.connect(settings, autocommit=True, options="-c search_path=dcss")
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        return Driver(connection, "%s", is_sqlite=False)
