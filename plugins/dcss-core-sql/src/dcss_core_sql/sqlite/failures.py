"""Failures: which typed error a failure of SQLite becomes.

Decides what may be tried again and what is certain about a commit. Invariant: no message holds a stored
value.
"""

import re
import sqlite3
from typing import Final

from dcss_core import errors

_UNIQUE: Final = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }
)
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
# What the driver itself says of text that is no UTF-8, before the column's name and the text.
_UNDECODABLE: Final = "Could not decode to UTF-8 column "
# What SQLite says of statements whose tables were changed meanwhile; only such names stand in them.
_MISSING: Final = re.compile(
    r"no such table: (?P<table>[a-z0-9_.]+)|no such column: (?P<column>[a-z0-9_.]+)|"
    r"table [a-z0-9_]+ has no column named (?P<new>[a-z0-9_]+)"
)
_COLUMN: Final = re.compile(f"{_UNDECODABLE}'([a-z0-9_]+)' with text ")


def primary_code(error: Exception) -> int:
    """SQLite's code for a failure, without what refines it."""
    return _code(error) & 0xFF


def is_busy(error: Exception) -> bool:
    """Whether another connection is in the way, so that waiting helps."""
    return primary_code(error) in _BUSY


def busy() -> errors.BackendError:
    """What a transaction is told that waited long enough."""
    return errors.BackendError("another transaction is writing to the database; try again", retryable=True)


def translated(error: Exception) -> errors.DcssError:
    """The typed error for a failure of the driver."""
    if isinstance(error, OverflowError):
        return errors.InvariantError("a number has more than 64 bits; was one changed by hand?")
    if _code(error) in _UNIQUE:
        # "UNIQUE constraint failed: people.county, people.number": the columns, in the key's order
        columns = str(error).partition(": ")[2].split(", ")
        collection = columns[0].partition(".")[0]
        return errors.DuplicateKeyError(collection, [column.partition(".")[2] for column in columns])
    if is_busy(error):
        return busy()
    if isinstance(error, sqlite3.ProgrammingError):  # its cursor or connection was closed
        return errors.BackendError(
            "this transaction ended when its block was gone; begin it by a `with` statement", retryable=False
        )
    if shows_a_value(error):
        return _undecodable(error)
    if missing := _MISSING.fullmatch(str(error)):
        table, column = missing["table"], missing["column"] or missing["new"]
        what = f"the table {table}" if column is None else f"the column {column}"
        return errors.BackendError(
            f"the database has lost {what}, so somebody changed it by hand; restore it from a backup",
            retryable=False,
        )
    return errors.BackendError(
        f"SQLite failed with {_name(error)}; check the disk and the file, and if the file is damaged, "
        "restore it from a backup",
        retryable=False,
    )


def _undecodable(error: Exception) -> errors.InvariantError:
    column = _COLUMN.match(str(error))
    return errors.InvariantError(
        "a stored text can't be read, it is no UTF-8; was it changed by hand?",
        faults=[] if column is None else [errors.Fault(column[1], "text that is no UTF-8", "text")],
    )


def shows_a_value(error: Exception) -> bool:
    """Whether the driver's own words hold what is stored."""
    return str(error).startswith(_UNDECODABLE)


def at_opening(error: sqlite3.Error, path: str) -> errors.DcssError:
    """The typed error for a failure of the first statements on a file."""
    code = primary_code(error)
    if code == sqlite3.SQLITE_NOTADB:
        return errors.ConfigurationError(f"'{path}' is not a SQLite database; name another file")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return errors.ConfigurationError(f"'{path}' can't be opened for writing")
    return translated(error)


def translated_at_commit(error: Exception) -> errors.DcssError:
    """The typed error for a failure of the commit itself.

    What could not be written to the disk may stand in the write-ahead log whole all the same, and then
    comes back when the file is opened after a crash; whatever else fails, nothing is saved.
    """
    if primary_code(error) != sqlite3.SQLITE_IOERR:
        return translated(error)
    return errors.OutcomeUnknownError(
        f"SQLite failed with {_name(error)} while it committed, so what was written is saved or not; "
        "check the disk, and look before you write it again"
    )


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR))


def _name(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", type(error).__name__))
