"""Interrupts: raised between two instructions of the library, or by a real signal of a timer.

An instruction is chosen first and one of its passes then, so that one that is passed once, right after a
commit say, is as likely as the body of a loop. Frames of the library are those of its modules and of the
functions it writes itself, but for the stand-ins of `dcss_core.testing`, which play the outside.
"""

import dis
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Final

import attrs

_LOCKS: Final = "threading"
"""Of the standard library only what holds locks in Python code: an interrupt may come there too."""

_HALF_AN_EXCEPTION: Final = dis.opmap["PUSH_EXC_INFO"]
"""Half way into a handler, where no error can come in reality; one that is raised there unsettles Python."""

Place = tuple[CodeType, int]


def _is_ours(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__")  # what the library writes itself has none
    if name is None or name == _LOCKS:
        return True
    return name.startswith("dcss_core") and not name.startswith("dcss_core.testing")


def _where(place: Place) -> tuple[str, int, str, int]:
    code, offset = place
    return code.co_filename, code.co_firstlineno, code.co_qualname, offset


def _can_be_interrupted(place: Place) -> bool:
    code, offset = place
    return code.co_code[offset] != _HALF_AN_EXCEPTION


@attrs.define
class Passes:
    """The instructions that a call passes, each with how often."""

    counted: Counter[Place] = attrs.field(factory=Counter)

    def follow(self, frame: FrameType, happens: str, argument: Any) -> Any:
        if not _is_ours(frame):
            return None
        frame.f_trace = self.step  # Python 3.13 counts instructions only of a frame that has it already
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self.step

    def step(self, frame: FrameType, happens: str, argument: Any) -> Any:
        if happens == "opcode":
            self.counted[frame.f_code, frame.f_lasti] += 1
        return self.step

    def chosen(self, chance: random.Random, interrupt: type[BaseException]) -> "Point":
        """One of the instructions, at one of its passes."""
        place = chance.choice(sorted(filter(_can_be_interrupted, self.counted), key=_where))
        return Point(*place, chance.randint(1, self.counted[place]), interrupt)


@attrs.define
class Point:
    """An instruction at its so-many-th pass, where an exception is raised once."""

    code: CodeType
    offset: int
    at_pass: int
    interrupt: type[BaseException]
    came: bool = False

    def follow(self, frame: FrameType, happens: str, argument: Any) -> Any:
        if frame.f_code is not self.code:
            return None
        frame.f_trace = self.step  # Python 3.13 counts instructions only of a frame that has it already
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self.step

    def step(self, frame: FrameType, happens: str, argument: Any) -> Any:
        if happens == "opcode" and frame.f_lasti == self.offset:
            self.at_pass -= 1
            if self.at_pass == 0:
                self.came = True
                raise self.interrupt
        return self.step

    def __str__(self) -> str:
        line = next((line for start, end, line in self.code.co_lines() if start <= self.offset < end), None)
        return f"{self.code.co_filename}:{line} in {self.code.co_qualname}, byte {self.offset}"


@contextmanager
def followed_by(follow: Callable[[FrameType, str, Any], Any]) -> Iterator[None]:
    """What is called here is followed, instruction by instruction."""
    before = sys.gettrace()
    sys.settrace(follow)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def alarm_raises(error: type[BaseException]) -> Iterator[Callable[[float], None]]:
    """Gives a function that sets the timer, whose signal raises this."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, ring)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
