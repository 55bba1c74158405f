"""Deadline: how long one verb may wait for others, over all its transactions; who is told how it went.

Decides when a verb's patience began: with the outermost verb of a thread, or with the last step of a verb
that says it goes step by step. The steady clock measures how long something takes; no date comes from it.
Invariants: however many transactions a verb or a step has, and however often one is tried anew, it waits no
longer than the storage is patient; only the outermost verb of a thread is told of.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from time import monotonic
from typing import Final, ParamSpec, TypeVar
from weakref import ref

import attrs

from dcss_core.base.expected_types import check_of
from dcss_core.errors import DcssError
from dcss_core.ports.observer import Observable, Observer, begun, ended, outcome_of

P = ParamSpec("P")
R = TypeVar("R")
_AREAS: Final = {"AuditLog": "audit"}
_BEFORE_A_WORD: Final = re.compile("(?<!^)(?=[A-Z])")


@attrs.define(eq=False)
class AtWork:
    """Something a thread is at work on, since an instant; nobody but the frame that does it holds it.

    So it is over when that frame is gone, whatever interrupted it.
    """

    begun: float = attrs.field(factory=monotonic)
    verb: str = ""
    retries: int = 0
    refusal_is_noted: bool = False


class _Thread(threading.local):
    """The verb that this thread is at work on."""

    verb: "ref[AtWork] | None" = None
    is_to_stop: Callable[[], bool] | None = None

    @property
    def at_work(self) -> AtWork | None:
        return None if self.verb is None else self.verb()


_THREAD = _Thread()


class StoppedBetweenSteps(Exception):  # noqa: N818  # no error: what it did stands, and the next run goes on
    """Somebody asked a verb that goes step by step to stop, and it did before its next step."""


def verb(call: Callable[P, R]) -> Callable[P, R]:
    """Make a method a verb: its arguments have the types it names, it has one deadline, and it is told of.

    A verb that is called inside another one shares the deadline of that.
    """
    check, name = check_of(call), _name_of(call.__qualname__)

    @wraps(call)
    def begun_verb(*args: P.args, **kwargs: P.kwargs) -> R:
        if _THREAD.at_work is not None:
            check(*args, **kwargs)
            return call(*args, **kwargs)
        own, observed = AtWork(), begun(_observer_of(args), Observable.VERB, name)
        own.verb = name
        try:
            _THREAD.verb = ref(own)
            check(*args, **kwargs)
            result = call(*args, **kwargs)
        except BaseException as error:
            if isinstance(error, DcssError) and not own.refusal_is_noted:
                _have_noted(name, args, kwargs, error)
            ended(observed, *outcome_of(error), retries=own.retries)
            raise
        finally:
            _THREAD.verb = None
        if observed is not None:
            ended(observed, result=_shown(result), retries=own.retries)
        return result

    return begun_verb


def _name_of(method: str) -> str:
    """A verb as callers write it: `second_factors.begin` of `SecondFactors.begin`."""
    area, _, own = method.rpartition(".")
    return f"{_AREAS.get(area) or _BEFORE_A_WORD.sub('_', area).lower()}.{own}"


def _observer_of(args: tuple[object, ...]) -> Observer | None:
    door = getattr(args[0], "_door", None) if args else None
    observer: Observer | None = getattr(door, "observer", None)
    return observer


def _have_noted(name: str, args: tuple[object, ...], kwargs: Mapping[str, object], error: DcssError) -> None:
    """Have the door note that a verb refused whoever called it, before or beside any transaction."""
    note = getattr(getattr(args[0], "_door", None), "note_refusal", None) if args else None
    if note is not None:
        note(name, kwargs.get("by", kwargs.get("token", args[1] if len(args) > 1 else None)), error)


def _shown(result: object) -> str:
    """The name of a value of the library's own, as `SignInRefused`; of anything else nothing."""
    kind = type(result)
    return kind.__name__ if kind.__module__.startswith("dcss_core.") else ""


def note_refusal() -> None:
    """Have it known that the refusal of the verb at work in this thread stands in the audit log."""
    at_work = _THREAD.at_work
    if at_work is not None:
        at_work.refusal_is_noted = True


def verb_at_work() -> AtWork | None:
    """The verb this thread is at work on."""
    return _THREAD.at_work


@contextmanager
def stopping_between_steps(is_to_stop: Callable[[], bool]) -> Iterator[None]:
    """Have a verb of this thread that goes step by step stop before its next step, as soon as it is asked to.

    It raises StoppedBetweenSteps.
    """
    _THREAD.is_to_stop = is_to_stop
    try:
        yield
    finally:
        _THREAD.is_to_stop = None


def begin_next_step() -> None:
    """Begin the next step of a verb in many transactions, each of which stands by itself.

    Raises StoppedBetweenSteps where it was asked to stop.
    """
    if _THREAD.is_to_stop is not None and _THREAD.is_to_stop():
        raise StoppedBetweenSteps
    renew_patience()


def renew_patience() -> None:
    """Have the verb at work in this thread wait for others as long as it could at first."""
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
