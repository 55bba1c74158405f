"""Forks: a process that was forked never touches the connections of the one it came from.

Decides what happens to open databases around a fork. Invariants: what a database does before a fork, it does
in its parent; in the child every inherited database refuses every call, and what it inherited is never freed,
not even when the child ends, for that would say goodbye to the server, or let go of locks, in the name of the
parent.
"""

import atexit
import os
import weakref
from collections.abc import Sequence
from typing import Final, Protocol

from dcss_core import errors


class Forkable(Protocol):
    """A database that may be open when its process forks."""

    def before_fork(self) -> None:
        """Make ready for it, in the parent."""

    def after_fork(self) -> Sequence[object]:
        """Refuse every call from now on, in the child, and give the connections, never to be freed."""


_open: Final[dict[int, weakref.ref[Forkable]]] = {}
_kept: Final[list[object]] = []


def watch(database: Forkable) -> None:
    """Guard an open database from now on."""
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
            database.before_fork()
        except (errors.DcssError, OSError):
            continue  # it counts as in use then


def _in_child() -> None:
    for database in _databases():
        _kept.extend(database.after_fork())
    _open.clear()
    if _kept:
        atexit.register(_never_let_go)


def _never_let_go() -> None:
    # A Python that ends lets go of everything, and the drivers would close what they must not touch.
    import ctypes

    while _kept:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_kept.pop()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_child=_in_child)
