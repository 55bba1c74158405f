"""A database that the library of version 1 made, and `dcss` to call on it."""

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs
import pytest

pytest.importorskip("click", reason="dcss is written with it: pip install 'dcss-core[command]'")

from dcss_core import Agency, create_key_file, open_agency
from dcss_core.command.start import main
from dcss_core.testing import FrozenClock, ScriptedPlugin

MADE = Path(__file__).parent / "version_1"
MADE_BY_2 = Path(__file__).parent / "version_2"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The key file of a new agency."""
    create_key_file(tmp_path / "keys.json")
    return tmp_path / "keys.json"


@attrs.frozen
class Database:
    """A copy of the old database in a folder of its own."""

    path: Path
    keys: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    @property
    def kept(self) -> Path:
        return self.path.with_name("agency.db.before-upgrade")

    @property
    def upgrading(self) -> Path:
        return self.path.with_name("agency.db.upgrading")

    def digest(self) -> str:
        return sha256(self.path.read_bytes()).hexdigest()

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Do something with a database tool."""
        with closing(sqlite3.connect(self.path)) as tool:
            found = tool.execute(statement, values).fetchall()
            tool.commit()
            return found


def unpacked(folder: Path, made: Path = MADE) -> Database:
    """An old database and its keys, as its owner has them."""
    database = Database(folder / "agency.db", folder / "keys.json")
    database.path.write_bytes(gzip.decompress((made / "agency.db.gz").read_bytes()))
    database.keys.write_bytes((made / "keys.json").read_bytes())
    for each in (database.path, database.keys):
        each.chmod(0o600)
    return database


@pytest.fixture
def old(tmp_path: Path) -> Database:
    return unpacked(tmp_path)


@attrs.frozen
class Said:
    """How a call of `dcss` ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return self.document["error"]


@pytest.fixture
def dcss(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Calls the command with some words."""

    def called(*words: object) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return called


@pytest.fixture
def upgrade(dcss: Callable[..., Said], old: Database) -> Callable[..., Said]:
    """Calls `dcss db upgrade` on the old database, with --json."""
    return lambda *words: dcss("db", "upgrade", old.url, "--keys", old.keys, "--json", *words)


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The old database after an upgrade."""
    database = unpacked(tmp_path_factory.mktemp("converted"))
    assert main(["db", "upgrade", database.url, "--keys", str(database.keys)]) == 0
    return database.path.read_bytes()


@pytest.fixture(scope="session")
def shown() -> Any:
    """What the library of version 1 showed of its database."""
    return json.loads((MADE / "shown.json").read_text(encoding="utf-8"))


@pytest.fixture
def clock(shown: Any) -> FrozenClock:
    """The instant at which it was shown."""
    return FrozenClock(datetime.fromisoformat(shown["instant"]))


@pytest.fixture
def outside() -> ScriptedPlugin:
    return ScriptedPlugin()


@pytest.fixture
def opened(
    old: Database, clock: FrozenClock, outside: ScriptedPlugin, tmp_path: Path
) -> Iterator[Callable[..., Agency]]:
    """Opens a database as the old one was opened, by default the one at its place."""
    agencies: list[Agency] = []
    sink = tmp_path / "checkpoints.txt"
    sink.write_bytes((MADE / "checkpoints.txt").read_bytes())

    def one(url: str = old.url) -> Agency:
        agency = open_agency(
            url,
            jurisdiction="US-GA",
            keys=old.keys,
            channels=["letters:mail"],
            subscribers=["script:bus"],
            checkpoint_sinks=[f"checkpoint-file://{sink}"],
            plugins=[outside],
            clock=clock,
        )
        agencies.append(agency)
        return agency

    yield one
    for agency in agencies:
        agency.close()
