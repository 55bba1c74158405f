"""Several observers as one.

Invariant: one that fails keeps nothing from the others.
"""

from collections.abc import Mapping, Sequence

import attrs

from dcss_core.opening.observing.logged import LoggingObserver
from dcss_core.ports.observer import Observable, Observed, Observer, Severity, begun, ended, retried


def together(observers: Sequence[Observer] | None) -> Observer | None:
    """The one to tell: logging where nothing is said, nobody where none is named."""
    if observers is None:
        return LoggingObserver()
    if len(observers) < 2:
        return observers[0] if observers else None
    return _Together(tuple(observers))


@attrs.frozen
class _Together:
    observers: tuple[Observer, ...]

    def begins(self, what: Observable, name: str) -> "_AllObserved":
        return _AllObserved([begun(each, what, name) for each in self.observers])

    def retries(self, verb: str, code: str, attempt: int) -> None:
        for each in self.observers:
            retried(each, verb, code, attempt)


@attrs.frozen
class _AllObserved:
    each: list[Observed | None]

    def ends(
        self, outcome: str, severity: Severity, *, result: str, retries: int, counts: Mapping[str, int]
    ) -> None:
        for observed in reversed(self.each):  # as what was begun last ends first
            ended(observed, outcome, severity, result=result, retries=retries, counts=counts)
