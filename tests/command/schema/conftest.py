"""Databases of every revision, on SQLite and on PostgreSQL, with the rows of a real agency."""

import gzip
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

pytest.importorskip("alembic", reason="the steps are run by it: pip install 'dcss-core-sql[migrations]'")
pytest.importorskip("psycopg", reason="pip install 'dcss-core-sql[postgresql]'")

import psycopg
from psycopg.conninfo import make_conninfo

from dcss_core import Agency, open_agency
from dcss_core.testing import FrozenClock, ScriptedPlugin
from dcss_core_sql.migrations import history
from dcss_core_sql.migrations.running import run_steps
from dcss_core_sql.opening import open_schema, open_storage
from dcss_core_sql.postgresql.location import Location
from dcss_core_sql.sqlite.spelling import SQLITE

MADE = Path(__file__).parents[1] / "version_2"
"""A database that the library made when its schema was of revision 0002."""
MADE_AT = "0002"
NUMBERS = [each.number for each in history.revisions()]
OLD = NUMBERS[:-1]
BACKENDS = ["sqlite", "postgresql"]


@attrs.frozen
class Made:
    """A database of some revision, its URL, and the keys of the agency it holds."""

    url: str
    keys: Path

    @property
    def is_file(self) -> bool:
        return self.url.startswith("sqlite:")

    @property
    def path(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    def sql(self, statement: str) -> list[Any]:
        """Do something with a database tool."""
        if self.is_file:
            with closing(sqlite3.connect(self.path)) as tool:
                found = tool.execute(statement).fetchall()
                tool.commit()
                return found
        with self.connection() as tool:
            asked = tool.execute(statement.encode())
            return asked.fetchall() if asked.description else []

    def script(self, text: str) -> None:
        """Do what a DBA does with a file of SQL."""
        if self.is_file:
            with closing(sqlite3.connect(self.path)) as tool:
                tool.executescript(text)
            return
        with self.connection(autocommit=True) as tool:
            tool.execute(text.encode())

    def connection(self, *, autocommit: bool = False) -> Any:
        location = Location.from_url(self.url)
        connection = psycopg.connect(make_conninfo(**location.settings), autocommit=autocommit)
        connection.execute(f'SET search_path = "{location.schema}"'.encode())
        return connection

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every collection, in some order that is always the same."""
        names = [name for (name,) in self.sql('SELECT "collection" FROM "dcss_schema"')]
        return {name: sorted(self.sql(f'SELECT * FROM "{name}"'), key=repr) for name in names}


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime.fromisoformat("2026-11-24T15:17:00+00:00"))


@pytest.fixture
def opened(clock: FrozenClock) -> Iterator[Callable[[Made], Agency]]:
    """Opens the agency of a database."""
    agencies: list[Agency] = []

    def one(made: Made) -> Agency:
        sink = made.keys.with_name("checkpoints.txt")
        agency = open_agency(
            made.url,
            jurisdiction="US-GA",
            keys=made.keys,
            channels=["letters:mail"],
            subscribers=["script:bus"],
            checkpoint_sinks=[f"checkpoint-file://{sink}"],
            plugins=[ScriptedPlugin()],
            clock=clock,
        )
        agencies.append(agency)
        return agency

    yield one
    for agency in agencies:
        agency.close()


@pytest.fixture
def made_at(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], Made]:
    """Makes a database of a revision on a backend, with what a real agency kept in it."""

    def made(backend: str, number: str) -> Made:
        keys = tmp_path / "keys.json"
        keys.write_bytes((MADE / "keys.json").read_bytes())
        keys.chmod(0o600)
        (tmp_path / "checkpoints.txt").write_bytes((MADE / "checkpoints.txt").read_bytes())
        source = tmp_path / "made.db"
        source.write_bytes(gzip.decompress((MADE / "agency.db.gz").read_bytes()))
        url = (
            f"sqlite:///{tmp_path / 'agency.db'}"
            if backend == "sqlite"
            else request.getfixturevalue("postgresql_url")
        )
        database = Made(url, keys)
        _make(database, min(number, MADE_AT), source)
        if number > MADE_AT:
            with open_schema(url)._tables.changing() as connection:
                run_steps(connection, history.revision(MADE_AT), up_to=number)
            database.sql('DROP TABLE "dcss_revision"')
        return database

    return made


def _make(database: Made, number: str, source: Path) -> None:
    """A database as the library of that revision made it: from its declarations, and without a mark."""
    revision = history.revision(number)
    assert revision is not None
    with closing(open_storage(database.url)) as storage:
        storage.prepare(list(revision.collections.values()))
    with closing(sqlite3.connect(source)) as tool:
        for name, collection in revision.collections.items():
            fields = collection.stored_fields
            columns = ", ".join(f'"{field.name}"' for field in fields)
            rows = tool.execute(f'SELECT {columns} FROM "{name}"').fetchall()
            _fill(database, name, columns, fields, rows)
    database.sql('DROP TABLE IF EXISTS "dcss_revision"')


def _fill(database: Made, name: str, columns: str, fields: Any, rows: list[Any]) -> None:
    if database.is_file:
        marks = ", ".join("?" * len(fields))
        with closing(sqlite3.connect(database.path)) as tool:
            tool.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', rows)
            tool.commit()
        return
    decoders = [SQLITE.decoders.get(field.kind) for field in fields]
    read = [
        [
            value if value is None or decoder is None else decoder(value)
            for value, decoder in zip(row, decoders, strict=True)
        ]
        for row in rows
    ]
    marks = ", ".join(["%s"] * len(fields))
    with database.connection() as tool, tool.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})'.encode(), read)
