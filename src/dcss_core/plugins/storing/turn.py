"""Turn: who writes, one after the other, in the order in which they came.

Decides whose turn it is without a lock that an interrupt could leave locked. Each who writes or waits holds a
token, and a line of weak references to all tokens says who came first. Invariants: whoever has the first
token that is left may write; a token is let go in one assignment, or with whatever held it; nothing but its
turn refers to it, so that no frame of an interrupted call keeps it.
"""

from queue import Empty, SimpleQueue
from threading import TIMEOUT_MAX
from time import monotonic
from typing import TypeAlias
from weakref import ref

import attrs


class _Token:
    __slots__ = ("__weakref__",)


@attrs.define(eq=False)
class _InLine:
    """One who writes or waits; the interpreter itself puts something into `gone` when the token is gone."""

    token: "ref[_Token]"
    gone: "SimpleQueue[object]"


WritersLine: TypeAlias = dict[_InLine, None]
"""All who write or wait to write in one storage, in the order in which they came."""


class Turn:
    """The turn of one who wants to write."""

    __slots__ = ("_line", "_token")

    def __init__(self, line: WritersLine) -> None:
        self._line = line
        self._token: _Token | None = None

    def take(self, wait_seconds: float) -> bool:
        """Stand in line and wait for one's turn; False when it does not come in so many seconds.

        Afterwards, and after an exception, one stands in line until `give_up`.
        """
        end = monotonic() + min(wait_seconds, TIMEOUT_MAX)
        gone: SimpleQueue[object] = SimpleQueue()
        self._token = _Token()
        mine = _InLine(ref(self._token, gone.put), gone)
        self._line[mine] = None
        line = list(self._line)
        for other in reversed(line[: line.index(mine)]):
            if other.token() is not None:
                try:
                    other.gone.get(timeout=max(0.0, end - monotonic()))
                except Empty:
                    return False
            self._line.pop(other, None)
        return True

    def give_up(self) -> None:
        """Leave the line, so that the next one's turn comes."""
        self._token = None
