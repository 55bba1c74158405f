"""TelemetryObserver: verbs, jobs and retries as spans and metrics of OpenTelemetry.

Decides the names of spans, attributes and metrics. Invariants: the names are promised
(docs/reference/observability.md); no span holds an exception; nothing of OpenTelemetry is imported before
somebody asks for it, and nothing is sent but by what the host has set up.
"""

from collections.abc import Mapping
from datetime import timedelta
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Final

import attrs

from dcss_core.errors import ConfigurationError
from dcss_core.ports.observer import Observable, Observed, Severity

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram, MeterProvider
    from opentelemetry.trace import Span, Tracer, TracerProvider

_SCOPE: Final = "dcss_core"
_PACKAGE: Final = "opentelemetry"
_ERRORS: Final = (Severity.BUSY, Severity.BROKEN)


def telemetry_observer(
    tracer_provider: "TracerProvider | None" = None, meter_provider: "MeterProvider | None" = None
) -> "TelemetryObserver":
    """An observer for `open_agency(…, observers=[telemetry_observer()])`.

    It uses the providers that the host has set up, unless others are given. Raises ConfigurationError where
    OpenTelemetry is not installed.
    """
    try:
        from opentelemetry import metrics, trace
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] != _PACKAGE:
            raise
        raise ConfigurationError(
            'OpenTelemetry is not installed: install the extra "telemetry" of dcss-core, in a clone by: '
            'pip install ".[telemetry]"'
        ) from None
    meter = metrics.get_meter(_SCOPE, meter_provider=meter_provider)
    return TelemetryObserver(
        tracer=trace.get_tracer(_SCOPE, tracer_provider=tracer_provider),
        durations={
            what: meter.create_histogram(
                f"dcss.{what.value}.duration", unit="s", description=f"How long a {what.value} took."
            )
            for what in Observable
        },
        items=meter.create_counter("dcss.job.items", description="What rounds of jobs did."),
        retried=meter.create_counter("dcss.storage.retries", description="Transactions that were run anew."),
    )


@attrs.frozen(repr=False)
class TelemetryObserver:
    """Makes a span and a measurement of each verb and of each round of a job."""

    _tracer: "Tracer"
    _durations: "Mapping[Observable, Histogram]"
    _items: "Counter"
    _retried: "Counter"

    def begins(self, what: Observable, name: str) -> Observed:
        """Begin a span, within that of whoever calls."""
        from opentelemetry import context, trace

        span = self._tracer.start_span(f"dcss.{what.value} {name}", attributes={f"dcss.{what.value}": name})
        token = context.attach(trace.set_span_in_context(span))
        return _Traced(self._durations[what], self._items, what, name, span, token, perf_counter_ns())

    def retries(self, verb: str, code: str, attempt: int) -> None:
        """Count it, and say so on the span of the verb."""
        from opentelemetry import trace

        told = {"dcss.verb": verb, "dcss.outcome": code}
        self._retried.add(1, told)
        trace.get_current_span().add_event("dcss.storage.retried", {**told, "dcss.attempt": attempt})


@attrs.frozen(repr=False)
class _Traced:
    """A span that has begun."""

    duration: "Histogram"
    items: "Counter"
    what: Observable
    name: str
    span: "Span"
    token: Any
    began: int

    def ends(
        self, outcome: str, severity: Severity, *, result: str, retries: int, counts: Mapping[str, int]
    ) -> None:
        """End the span with what came of it, and measure."""
        from opentelemetry import context
        from opentelemetry.trace import StatusCode

        named = {f"dcss.{self.what.value}": self.name}
        took = timedelta(microseconds=(perf_counter_ns() - self.began) // 1_000)
        try:
            self.span.set_attributes({"dcss.outcome": outcome, "dcss.retries": retries})
            if result:
                self.span.set_attribute("dcss.result", result)
            for item, count in counts.items():
                self.span.set_attribute(f"dcss.count.{item}", count)
                if count:
                    self.items.add(count, {**named, "dcss.item": item})
            if severity in _ERRORS:
                self.span.set_status(StatusCode.ERROR, outcome)
            self.duration.record(took.total_seconds(), {**named, "dcss.outcome": outcome})
        finally:
            self.span.end()
            context.detach(self.token)
