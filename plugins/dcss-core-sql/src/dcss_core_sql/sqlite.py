"""SQLite: everything about this package that holds for SQLite only.

Decides which URLs open a file, how connections are set up, how a unit of work begins and ends, how
values are written and which typed error a failure becomes. Invariants: a commit is on disk when it
returns (write-ahead log, `synchronous=FULL`); what is erased is overwritten in the file; a file made
here can be read by its owner alone; one that everybody can read or write is refused, since a warning is
read by nobody and whoever writes to the file can take the agency's records away; a group may have access,
for the processes of one agency may run as several users; one transaction writes at a time; no message
holds a URL or a stored value.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from threading import Lock
from typing import Any, ClassVar, Final

import sqlalchemy as sa
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from dcss_core import errors
from dcss_core.plugins import FieldKind

_UNIQUE: Final = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }
)
_PAUSE_SECONDS: Final = 0.01
# What the driver itself says of text that is no UTF-8, before the column's name and the text.
_UNDECODABLE: Final = "Could not decode to UTF-8 column "
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def _instant_text(instant: datetime) -> str:
    text = instant.isoformat(" ")[:-6]  # the offset, which is always 0, is left out
    return text if instant.microsecond else text + ".000000"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


class SqliteDatabase:
    """One SQLite file and the connections to it."""

    driver_error: ClassVar[type[Exception]] = sqlite3.Error
    column_types: ClassVar[Mapping[FieldKind, sa.types.TypeEngine[Any]]] = {
        FieldKind.TEXT: sa.Text(),
        FieldKind.INTEGER: sa.BigInteger(),
        FieldKind.BOOLEAN: sa.Boolean(),
        FieldKind.DATE: sa.Date(),
        FieldKind.INSTANT: sa.DateTime(),
        FieldKind.BYTES: sa.LargeBinary(),
    }
    # SQLite calls only a column of the type INTEGER its row number; BIGINT would cost a second tree.
    log_number_type: ClassVar[sa.types.TypeEngine[Any]] = sa.Integer()
    # Text of a fixed width sorts as the dates do; SQLite's own date functions read it as UTC.
    encoders: ClassVar[Mapping[FieldKind, Callable[[Any], object]]] = {
        FieldKind.DATE: date.isoformat,
        FieldKind.INSTANT: _instant_text,
    }
    decoders: ClassVar[Mapping[FieldKind, Callable[[Any], Any]]] = {
        FieldKind.BOOLEAN: bool,
        FieldKind.DATE: date.fromisoformat,
        FieldKind.INSTANT: _instant,
    }

    def __init__(self, url: str, *, busy_timeout_seconds: float) -> None:
        self._path = _path(url)
        self._busy_timeout_seconds = busy_timeout_seconds
        self._closed = False
        self._writer = Lock()  # threads queue here instead of polling the file's lock
        _create_for_owner_only(self._path)
        self._open_first()
        self._engine = sa.create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, max_overflow=-1
        )

    @property
    def dialect(self) -> sa.engine.Dialect:
        """How SQLAlchemy writes statements for this database."""
        return self._engine.dialect

    def check_closed_to_everybody(self) -> None:
        """Refuse a file that everybody can read or write; raises ConfigurationError.

        Only on POSIX, where the mode of a file says it.
        """
        if os.name == "posix" and os.stat(self._path).st_mode & (stat.S_IROTH | stat.S_IWOTH):
            raise errors.ConfigurationError(
                f"everybody on this machine can read or write the database '{self._path}'; "
                f"say `chmod 600 {self._path}`"
            )

    def begin(self, *, writes: bool) -> PoolProxiedConnection:
        """Begin a unit of work on a connection of its own; raises BackendError, retryable when busy."""
        if self._closed:
            raise errors.BackendError("this storage was closed; open another", retryable=False)
        if writes and not self._writer.acquire(timeout=self._busy_timeout_seconds):
            raise _busy()
        try:
            return self._begun("BEGIN IMMEDIATE" if writes else "BEGIN")
        except BaseException:
            if writes:
                self._writer.release()
            raise

    def _begun(self, statement: str) -> PoolProxiedConnection:
        try:
            connection = self._engine.raw_connection()
            try:
                connection.cursor().execute(statement)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise self.translated(error) from error
        return connection

    def end(self, connection: PoolProxiedConnection, *, writes: bool, save: bool) -> None:
        """Commit or roll back, and give the connection back to the pool (which rolls back what is open)."""
        try:
            if save:
                connection.commit()
        except sqlite3.Error as error:
            raise self.translated(error) from error
        finally:
            connection.close()
            if writes:
                self._writer.release()

    def close(self) -> None:
        """Close every connection that isn't in use; the others close when their unit of work ends."""
        self._closed = True
        self._engine.dispose()

    @staticmethod
    def translated(error: Exception) -> errors.DcssError:
        """The typed error for a failure of the driver."""
        code = _code(error)
        if code in _UNIQUE:
            # "UNIQUE constraint failed: people.county, people.number": the columns, in the key's order
            columns = str(error).partition(": ")[2].split(", ")
            collection = columns[0].partition(".")[0]
            return errors.DuplicateKeyError(collection, [column.partition(".")[2] for column in columns])
        if code & 0xFF in _BUSY:
            return _busy()
        if str(error).startswith(_UNDECODABLE):
            return errors.InvariantError(
                "a stored text can't be read, it is no UTF-8; was it changed by hand?"
            )
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        return errors.BackendError(
            f"SQLite failed with {name}; check the disk and the file, and if the file is damaged, "
            "restore it from a backup",
            retryable=False,
        )

    @staticmethod
    def existing_table() -> sa.Select[tuple[str]]:
        """Ask whether a table or view of the name `NAME` exists, whoever made it."""
        catalogue = sa.table("sqlite_master", sa.column("name", sa.Text()))
        return sa.select(catalogue.c.name).where(catalogue.c.name == sa.bindparam("NAME"))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=self._busy_timeout_seconds,
            isolation_level=None,  # the driver begins nothing by itself; begin() says BEGIN
            check_same_thread=False,  # the pool gives a connection to one thread at a time
        )
        try:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten, not only let go
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_first(self) -> None:
        try:
            connection = self._connect()
            try:
                self._switch_to_write_ahead_log(connection)
            finally:
                connection.close()
        except sqlite3.Error as error:
            code = _code(error) & 0xFF
            if code == sqlite3.SQLITE_NOTADB:
                raise errors.ConfigurationError(
                    f"'{self._path}' is not a SQLite database; name another file"
                ) from error
            if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise errors.ConfigurationError(f"'{self._path}' can't be opened for writing") from error
            raise self.translated(error) from error

    def _switch_to_write_ahead_log(self, connection: sqlite3.Connection) -> None:
        # SQLite does not wait for another process that switches too, but says at once that it is busy
        deadline = time.monotonic() + self._busy_timeout_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL").fetchall()
            except sqlite3.Error as error:
                if _code(error) & 0xFF not in _BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR))


def _busy() -> errors.BackendError:
    return errors.BackendError("another transaction is writing to the database; try again", retryable=True)


def _path(url: str) -> str:
    expected = (
        "'sqlite:///agency.db' (relative) or 'sqlite:////var/lib/agency.db' (absolute), without options"
    )
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # a ValueError for a port that is no number
        raise errors.ConfigurationError(f"this is not the URL of a SQLite file; write {expected}") from None
    if parsed.host is not None and not parsed.database:
        raise errors.ConfigurationError(
            f"a SQLite file has three slashes after 'sqlite:', and here are two; write {expected}"
        )
    if parsed.database in (None, "", ":memory:"):
        raise errors.ConfigurationError(
            "a SQLite database in memory is not shared by connections; open 'memory:' instead"
        )
    only_path = sa.URL.create("sqlite", database=parsed.database)
    if parsed != only_path or str(parsed.database).startswith("file:"):
        raise errors.ConfigurationError(f"the URL of a SQLite file holds its path alone; write {expected}")
    return os.path.abspath(str(parsed.database))


def _create_for_owner_only(path: str) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise errors.ConfigurationError(
            f"the database file '{path}' can't be created: {error.strerror}"
        ) from error
