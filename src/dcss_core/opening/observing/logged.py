"""LoggingObserver: verbs, jobs and retries as records of the standard library's logging.

Decides the names of loggers and events, and how loud each outcome is. Invariants: the names are promised
(docs/reference/observability.md); a record holds no exception and no traceback; where nobody listens, nothing
is written.
"""

import logging
from collections.abc import Mapping
from time import perf_counter_ns
from typing import Final

from dcss_core.base.printable import counted
from dcss_core.ports.observer import Observable, Observed, Severity

_VERBS: Final = logging.getLogger("dcss_core.verbs")
_JOBS: Final = logging.getLogger("dcss_core.jobs")
_STORAGE: Final = logging.getLogger("dcss_core.storage")
_EVENTS: Final = {Observable.VERB: "dcss.verb.ended", Observable.JOB: "dcss.job.ended"}
_RETRIED: Final = "dcss.storage.retried"
_LEVELS: Final = {
    Severity.REFUSED: logging.INFO,
    Severity.BUSY: logging.WARNING,
    Severity.BROKEN: logging.ERROR,
}
_A_MILLISECOND: Final = 1_000_000
logging.getLogger("dcss_core").addHandler(logging.NullHandler())  # nothing on standard error unless asked


class LoggingObserver:
    """Logs verbs to `dcss_core.verbs`, jobs to `dcss_core.jobs` and retries to `dcss_core.storage`."""

    __slots__ = ()

    def begins(self, what: Observable, name: str) -> Observed:
        """Note when it began."""
        return _Logged(what, name, perf_counter_ns())

    def retries(self, verb: str, code: str, attempt: int) -> None:
        """Log at INFO that a transaction is run anew."""
        if _STORAGE.isEnabledFor(logging.INFO):
            extra = {"event": _RETRIED, "dcss_verb": verb, "dcss_outcome": code, "dcss_attempt": attempt}
            _STORAGE.info("%s: run anew after %s", verb or "the library", code, extra=extra)


class _Logged:
    """Something that began; no attrs class, for each verb makes one."""

    __slots__ = ("_began", "_name", "_what")

    def __init__(self, what: Observable, name: str, began: int) -> None:
        self._what, self._name, self._began = what, name, began

    def ends(
        self, outcome: str, severity: Severity, *, result: str, retries: int, counts: Mapping[str, int]
    ) -> None:
        """Log it at the level of its outcome; a round that did something at INFO."""
        logger = _VERBS if self._what is Observable.VERB else _JOBS
        if severity is Severity.FINE:
            level = logging.INFO if counts and any(counts.values()) else logging.DEBUG
        else:
            level = _LEVELS[severity]
        if not logger.isEnabledFor(level):
            return
        took = (perf_counter_ns() - self._began) // _A_MILLISECOND
        extra: dict[str, object] = {
            "event": _EVENTS[self._what],
            f"dcss_{self._what.value}": self._name,
            "dcss_outcome": outcome,
            "dcss_duration_ms": took,
            "dcss_retries": retries,
        }
        if self._what is Observable.JOB:
            extra["dcss_counts"] = dict(counts)
            done = "".join(f", {counted(count, name)}" for name, count in counts.items() if count)
            logger.log(level, "%s: %s%s in %d ms", self._name, outcome, done, took, extra=extra)
        else:
            extra["dcss_result"] = result
            logger.log(level, "%s: %s in %d ms", self._name, outcome, took, extra=extra)
