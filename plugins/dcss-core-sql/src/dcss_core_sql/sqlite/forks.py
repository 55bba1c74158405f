"""Forks: a process that was forked never touches the connections of the one it came from.

Decides what happens to open databases around a fork. SQLite keeps in the memory of a process which locks it
holds on which file; after a fork the child has those notes without the locks. A connection it inherited, and
even one of its own to the same file, would then believe in locks that nobody holds, and what the child
commits is lost when the parent closes. Invariants: before a fork the connections that nobody uses are closed,
so that the child inherits no notes and may open the file; in the child every inherited database refuses every
call, what it inherited is never closed, not even when the child ends, and a file of which a connection was in
use at the fork is not opened.
"""

import atexit
import os
import sqlite3
import weakref
from typing import Final, Protocol

from dcss_core import errors
from dcss_core.errors import BackendError
from dcss_core_sql.sqlite.location import Identity, Location


class Forkable(Protocol):
    """A database that may be open when its process forks."""

    location: Location
    file: Identity

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, or one is being made."""

    def close_idle(self) -> None:
        """Close the connections that no transaction uses."""

    def disown(self) -> list[sqlite3.Connection]:
        """Refuse every call from now on, leave the connections alone, and give those there are."""


_open: Final[dict[int, weakref.ref[Forkable]]] = {}
_inherited: Final[set[Identity]] = set()
_kept: Final[list[sqlite3.Connection]] = []


def watch(database: Forkable) -> None:
    """Guard an open database from now on; raises BackendError for a file that can't be opened here."""
    if database.file in _inherited:
        raise BackendError(
            f"this process was forked while a transaction on '{database.location.path}' was open, and SQLite "
            "can't open the file here; fork when no transaction is open, or start the process anew",
            retryable=False,
        )
    key = id(database)
    _open[key] = weakref.ref(database, lambda _: _open.pop(key, None))


def forget(database: Forkable) -> None:
    """Guard a closed database no longer."""
    _open.pop(id(database), None)


def _databases() -> list[Forkable]:
    return [database for reference in list(_open.values()) if (database := reference()) is not None]


def _before() -> None:
    for database in _databases():
        try:
            database.close_idle()
        except (sqlite3.Error, errors.DcssError):
            continue  # it counts as in use then


def _in_child() -> None:
    for database in _databases():
        if database.is_open:
            _inherited.add(database.file)
        _kept.extend(database.disown())
    _open.clear()
    if _kept:
        atexit.register(_never_let_go)


def _never_let_go() -> None:
    # A Python that ends lets go of everything, and SQLite would close what it must not touch.
    import ctypes

    while _kept:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_kept.pop()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_child=_in_child)
