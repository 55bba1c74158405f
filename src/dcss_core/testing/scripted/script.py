"""Scripted: what every stand-in does with the answers it was told to give.

Decides which answer is next. Invariants: answers come in turn, each once, whichever thread asks; an exception
among them is raised, not returned.
"""

import threading
from typing import Generic, TypeVar

import attrs

A = TypeVar("A")


@attrs.define(eq=False, slots=False)
class Scripted(Generic[A]):
    """A stand-in: `script` answers the next calls, in turn, and `always` all that come after.

    Where an answer is None, the stand-in does what it is there for; so `script = [error, None, error]` fails
    at the first call and the third. `closed` counts how often it was closed.
    """

    script: list[A | BaseException | None] = attrs.field(factory=list, kw_only=True, repr=False)
    always: A | BaseException | None = attrs.field(default=None, kw_only=True, repr=False)
    closed: int = attrs.field(default=0, init=False)
    _lock: threading.RLock = attrs.field(factory=threading.RLock, init=False, repr=False)

    def next_answer(self) -> A | None:
        """Give the answer that is next, None where nothing was told; raises it where it is an exception."""
        with self._lock:
            answer = self.script.pop(0) if self.script else self.always
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """Count it; what came is kept, for it is looked at afterwards."""
        with self._lock:
            self.closed += 1
