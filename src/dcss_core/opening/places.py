"""Places: so many may be at work at once, in the order in which they came.

Decides whose turn it is without a lock or a count, which an interrupt could leave wrong for good. Invariants:
a place is held by the frame alone that works there, so it is free once that frame is gone, whatever
interrupted it; never more are at work at once than there are places, and never more wait than `most_waiting`;
who waits sleeps, and is woken by the interpreter itself.
"""

from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar
from weakref import ref

import attrs

from dcss_core.errors import BusyError

T = TypeVar("T")


class _Place:
    """One who works or waits."""

    __slots__ = ("__weakref__",)


@attrs.define(eq=False)
class Places:
    """A number of places, and the line of all who have one or wait for one."""

    number: int
    most_waiting: int
    _line: dict["ref[_Place]", None] = attrs.field(factory=dict, init=False)

    def work(self, work: Callable[[], T]) -> T:
        """Do some work, once there is a place; raises what the work raises, BusyError where too many wait."""
        place = _Place()
        try:
            self._wait(ref(place))
            return work()
        finally:
            del place  # at once, although an exception keeps this frame

    def _wait(self, mine: "ref[_Place]") -> None:
        self._line[mine] = None
        line = list(self._line)
        before = line[: line.index(mine)]
        if sum(each() is not None for each in before) >= self.number + self.most_waiting:
            raise BusyError(
                "more passwords are to be hashed at once than this machine can; ask again in a few seconds"
            )
        gone: SimpleQueue[object] = SimpleQueue()
        watched = [_watched(each, gone.put) for each in before]
        for _ in range(len(watched) - self.number + 1):
            gone.get()
        for each in before:
            if each() is None:
                self._line.pop(each, None)


def _watched(each: "ref[_Place]", tell: Callable[[object], None]) -> "ref[_Place] | None":
    """Have the interpreter tell when somebody is gone; tell it now if they are."""
    try:
        return ref(each(), tell)  # type: ignore[arg-type]  # in no variable: an interrupt would keep the place
    except TypeError:  # there is no reference to None: they are gone
        tell(each)
        return None
