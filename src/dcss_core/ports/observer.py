"""Observer: who is told how verbs and jobs go, to log, trace and count them.

Decides what an error weighs. Invariants: an observer is told names, codes, counts and durations, and nothing
that somebody typed or that is stored of a person; it never sees an exception, whose text might hold either;
whatever it raises stops nothing.
"""

from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from typing import Final, Protocol

from dcss_core.errors import (
    BackendError,
    ConflictError,
    DcssError,
    InvalidInputError,
    NotPermittedError,
    RuleViolationError,
)


class Observable(Enum):
    """What an observer is told of."""

    VERB = "verb"
    JOB = "job"


class Severity(Enum):
    """What an outcome asks of whoever runs the agency."""

    FINE = "fine"
    REFUSED = "refused"
    """Somebody's request was refused, as it should be."""
    BUSY = "busy"
    """Something outside failed that may work the next time."""
    BROKEN = "broken"
    """Somebody has to look at it."""


OK: Final = "ok"
INCOMPLETE: Final = "incomplete"
"""The outcome of a job's round that did what it could: a channel, a subscriber or a sink failed."""
INTERRUPTED: Final = "interrupted"
DEFECT: Final = "defect"
"""The outcome of what raised anything but an error of the library's own."""
NOTHING: Final[Mapping[str, int]] = {}
_REFUSALS: Final = (InvalidInputError, RuleViolationError, ConflictError, NotPermittedError)


class Observed(Protocol):
    """One verb, or one round of a job, that has begun."""

    def ends(
        self, outcome: str, severity: Severity, *, result: str, retries: int, counts: Mapping[str, int]
    ) -> None:
        """It ended, in the thread in which it began.

        `outcome` is "ok" or the code of an error; `result` the name of the public class of what came of it,
        or nothing; `retries` how often a transaction was run anew; `counts` what a round did.
        """
        ...


class Observer(Protocol):
    """Is told that something begins, and by what it returns, that it ended."""

    def begins(self, what: Observable, name: str) -> Observed:
        """A verb begins, as `payments.receive`, or a round of a job, as `outbox`."""
        ...

    def retries(self, verb: str, code: str, attempt: int) -> None:
        """A transaction of a verb is run anew after the so-many-th attempt failed with this code."""
        ...


def begun(observer: Observer | None, what: Observable, name: str) -> Observed | None:
    """Tell an observer that something begins; None where there is none, or it failed."""
    if observer is None:
        return None
    try:
        return observer.begins(what, name)
    except Exception:  # whoever watches must not stop what is watched
        return None


def ended(
    observed: Observed | None,
    outcome: str = OK,
    severity: Severity = Severity.FINE,
    *,
    result: str = "",
    retries: int = 0,
    counts: Mapping[str, int] = NOTHING,
) -> None:
    """Tell that it ended."""
    if observed is None:
        return
    try:  # costs less than suppress() does, and each verb passes here
        observed.ends(outcome, severity, result=result, retries=retries, counts=counts)
    except Exception:
        return


def retried(observer: Observer | None, verb: str, code: str, attempt: int) -> None:
    """Tell that a transaction is run anew."""
    if observer is not None:
        with suppress(Exception):
            observer.retries(verb, code, attempt)


def outcome_of(error: BaseException) -> tuple[str, Severity]:
    """What is told of an error: its code and what it weighs, and none of its words."""
    if isinstance(error, DcssError):
        if isinstance(error, BackendError) and error.retryable:
            return error.code, Severity.BUSY
        return error.code, Severity.REFUSED if isinstance(error, _REFUSALS) else Severity.BROKEN
    return (DEFECT, Severity.BROKEN) if isinstance(error, Exception) else (INTERRUPTED, Severity.BUSY)
