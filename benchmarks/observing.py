"""What an observer costs: the cheapest verbs with nobody told, with logging that nobody reads, and with more.

The same calls on one agency in memory, whose observer alone changes, in small rounds that take turns, by the
processor's time; the median round of each is shown, and its ratio to the one with nobody told. Logging writes
to a file nobody waits for; OpenTelemetry, where it is installed, keeps its spans in memory.

    python benchmarks/observing.py [ROUNDS]
"""

import logging
import statistics
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

from dcss_core import Actor, Agency, KeyRing, MasterKey, Secret, open_agency
from dcss_core.running import LoggingObserver, Observer, telemetry_observer
from dcss_core.testing import FakeHasher
from dcss_core.testing.residents import registered_parent, session_of

CALLS: Final = 200
_DISPATCH: Final = Actor.system("dispatch")


def verbs_of(agency: Agency) -> dict[str, Callable[[], object]]:
    """A look that reads one count, and a look at a session, as each request of a portal makes it."""
    parent = registered_parent(agency)
    token = session_of(agency, parent)
    return {
        "outbox.pending": lambda: agency.outbox.pending(by=_DISPATCH),
        "sessions.check": lambda: agency.sessions.check(token),
    }


def observers() -> dict[str, Observer | None]:
    """Who may be told."""
    found: dict[str, Observer | None] = {"nobody": None, "logging, unread": LoggingObserver()}
    found["logging, to a file"] = found["logging, unread"]
    if find_spec("opentelemetry.sdk") is not None:
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.trace import TracerProvider

        found["OpenTelemetry's API alone"] = telemetry_observer()
        found["OpenTelemetry's SDK"] = telemetry_observer(TracerProvider(), MeterProvider())
    return found


def measured(call: Callable[[], object]) -> float:
    """Microseconds of the processor for one call, the mean of a round."""
    began = time.process_time_ns()
    for _ in range(CALLS):
        call()
    return (time.process_time_ns() - began) / CALLS / 1_000


def main(rounds: int) -> None:
    """Print a line for each verb and observer."""
    keys = KeyRing((MasterKey("benchmark", Secret("1" * 64)),))
    logger = logging.getLogger("dcss_core")
    handler = logging.FileHandler("/dev/null")
    logger.addHandler(handler)
    with open_agency(
        "memory:", jurisdiction="US-GA", keys=keys, channels=None, observers=(), hasher=FakeHasher()
    ) as agency:
        for verb, call in verbs_of(agency).items():
            took: dict[str, list[float]] = {}
            told = observers()
            for _ in range(rounds):
                for name, observer in told.items():
                    logger.setLevel(logging.DEBUG if name.endswith("a file") else logging.WARNING)
                    agency._resources.observer = observer
                    took.setdefault(name, []).append(measured(call))
            least = statistics.median(took["nobody"])
            for name, each in took.items():
                median = statistics.median(each)
                print(f"{verb:16} {name:26} {median:8.1f} µs  {median / least:5.2f} x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
