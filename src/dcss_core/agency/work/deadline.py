"""Deadline: how long one verb may wait for others, over all its transactions.

Decides when a verb's patience began: with the outermost verb of a thread, or with the last step of a verb
that says it goes step by step. The steady clock measures how long something takes; no date comes from it.
Invariant: however many transactions a verb or a step has, and however often one is tried anew, it waits no
longer than the storage is patient.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from time import monotonic
from typing import ParamSpec, TypeVar
from weakref import ref

import attrs

from dcss_core.base.expected_types import check_of

P = ParamSpec("P")
R = TypeVar("R")


@attrs.define(eq=False)
class AtWork:
    """Something a thread is at work on, since an instant; nobody but the frame that does it holds it.

    So it is over when that frame is gone, whatever interrupted it.
    """

    begun: float = attrs.field(factory=monotonic)


class _Thread(threading.local):
    """The verb that this thread is at work on."""

    verb: "ref[AtWork] | None" = None

    @property
    def at_work(self) -> AtWork | None:
        return None if self.verb is None else self.verb()


_THREAD = _Thread()


def verb(call: Callable[P, R]) -> Callable[P, R]:
    """Make a method a verb: its arguments have the types it names, and it has one deadline.

    A verb that is called inside another one shares the deadline of that.
    """
    check = check_of(call)

    @wraps(call)
    def begun(*args: P.args, **kwargs: P.kwargs) -> R:
        check(*args, **kwargs)
        if _THREAD.at_work is not None:
            return call(*args, **kwargs)
        own = AtWork()
        try:
            _THREAD.verb = ref(own)
            return call(*args, **kwargs)
        finally:
            _THREAD.verb = None

    return begun


def begin_next_step() -> None:
    """Have the verb at work in this thread wait for others as long as it could at first.

    For a verb in many transactions, each of which stands by itself.
    """
    at_work = _THREAD.at_work
    if at_work is not None:
        at_work.begun = monotonic()


def steady_time() -> timedelta:
    """This machine's own steady clock: only the difference of two readings says something."""
    return timedelta(seconds=monotonic())


@attrs.frozen
class Deadline:
    """An instant of this machine's own steady clock, in seconds; None for one that is over."""

    at: float | None

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline of the verb at work in this thread, or of work that begins now."""
        at_work = _THREAD.at_work
        return cls((monotonic() if at_work is None else at_work.begun) + seconds)

    @classmethod
    def over(cls) -> "Deadline":
        """A deadline that is over: nobody is waited for."""
        return cls(None)

    @property
    def left(self) -> float:
        """The seconds that are left; 0 when it is over."""
        return 0 if self.at is None else max(self.at - monotonic(), 0)
