"""Observers: each verb is told of once, with its name, outcome and retries, and nobody is stopped by it."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dcss_core import Actor, KeyRing, MasterKey, Secret, open_agency
from dcss_core.agency.callers.verbs import VERBS
from dcss_core.agency.work.deadline import _name_of
from dcss_core.errors import (
    BackendError,
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    InvariantError,
    NotFoundError,
    NotPermittedError,
)
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.ports.observer import outcome_of
from dcss_core.running import Job, LoggingObserver, Severity, run_jobs, telemetry_observer
from dcss_core.testing import FakeHasher, case_application

NAMES = (Path(__file__).parents[3] / "docs" / "reference" / "observability.md").read_text(encoding="utf-8")
OF_NO_STORAGE = {"accounts.banner", "accounts.policies"}  # they say what the rules say
OF_NO_ARGUMENT = {"accounts.ask_for_passkey"}  # that one is too many is Python's own error, a caller's defect
AUDIT = Actor.system("audit")
INTAKE = Actor.system("intake")


class Told:
    """An observer that keeps what it is told."""

    def __init__(self):
        self.began = []
        self.ended = []
        self.again = []

    def begins(self, what, name):
        self.began.append((what.value, name))
        return Ending(self, name)

    def retries(self, verb, code, attempt):
        self.again.append((verb, code, attempt))


class Ending:
    def __init__(self, told, name):
        self.told, self.name = told, name

    def ends(self, outcome, severity, *, result, retries, counts):
        self.told.ended.append((self.name, outcome, severity, result, retries))


class Deaf(Told):
    """An observer that fails at whatever it is told."""

    def begins(self, what, name):
        raise RuntimeError("deaf")

    def retries(self, verb, code, attempt):
        raise RuntimeError("deaf")


class Forgetful(Told):
    """An observer that fails at whatever ends."""

    def begins(self, what, name):
        return Ending(None, name)


class BusyStorage(MemoryStorage):
    """A storage that is busy so many times."""

    def __init__(self):
        super().__init__()
        self.busy = 0

    def transaction(self, **options):
        if self.busy:
            self.busy -= 1
            raise BackendError("somebody else writes", retryable=True)
        return super().transaction(**options)


class BusyPlugin:
    def __init__(self):
        self.storage = BusyStorage()

    @hookimpl
    def dcss_storage_backends(self):
        return [StorageBackend("busy", "In memory, busy when told", lambda url: self.storage)]


@pytest.fixture
def busy():
    return BusyPlugin()


@pytest.fixture
def opened(busy):
    agencies = []

    def one(*observers, url="busy:", **changes):
        agencies.append(
            open_agency(
                url,
                jurisdiction="US-GA",
                keys=KeyRing((MasterKey("k", Secret("1" * 64)),)),
                channels=None,
                plugins=[busy],
                hasher=FakeHasher(),
                **({"observers": observers} if observers else {}) | changes,
            )
        )
        return agencies[-1]

    yield one
    for each in agencies:
        each.close()


@pytest.fixture
def told():
    return Told()


def test_a_verb_is_told_of_with_what_came_of_it(opened, told):
    opened(told).accounts.sign_in("nobody", Secret("a wrong one"), banner="none")
    assert told.began == [("verb", "accounts.sign_in")]
    assert told.ended == [("accounts.sign_in", "ok", Severity.FINE, "BannerNotAccepted", 0)]


def test_every_verb_has_the_name_that_the_permissions_know_it_by(opened, told):
    agency = opened(told)
    for verb in VERBS:
        area, _, name = verb.partition(".")
        with pytest.raises((InvalidInputError, TypeError)):
            getattr(getattr(agency, area), name)(no_such_argument=1)
    assert {name for _, name in told.began} == VERBS.keys() - OF_NO_STORAGE
    refused = {outcome for name, outcome, *_ in told.ended if name not in OF_NO_ARGUMENT}
    assert refused == {"input.invalid"}


@pytest.mark.parametrize(
    ("method", "name"),
    [("AuditLog.entries", "audit.entries"), ("StaffResets.request", "staff_resets.request")],
)
def test_a_name_is_made_of_the_class_of_the_area(method, name):
    assert _name_of(method) == name


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotFoundError("x"), ("input.not_found", Severity.REFUSED)),
        (ConflictError("x"), ("conflict", Severity.REFUSED)),
        (NotPermittedError("x"), ("not_permitted", Severity.REFUSED)),
        (BackendError("x", retryable=True), ("backend", Severity.BUSY)),
        (BackendError("x", retryable=False), ("backend", Severity.BROKEN)),
        (InvariantError("x"), ("invariant", Severity.BROKEN)),
        (ValueError("x"), ("defect", Severity.BROKEN)),
        (KeyboardInterrupt(), ("interrupted", Severity.BUSY)),
    ],
)
def test_of_an_error_its_code_and_its_weight_are_told(error, told):
    assert outcome_of(error) == told


def test_retries_of_the_storage_are_told_one_by_one_and_counted_in_the_end(opened, told, busy):
    agency = opened(told)
    busy.storage.busy = 3
    agency.cases.open(case_application(), by=INTAKE)
    assert told.again == [("cases.open", "backend", attempt) for attempt in (1, 2, 3)]
    assert told.ended == [("cases.open", "ok", Severity.FINE, "Case", 3)]


def test_an_error_is_raised_as_it_was_and_told_of_by_its_code(opened, told):
    with pytest.raises(NotPermittedError):
        opened(told).payments.held(by=Actor.system("nobody"))
    assert told.ended == [("payments.held", "not_permitted", Severity.REFUSED, "", 0)]


@pytest.mark.parametrize("failing", [Deaf, Forgetful])
def test_an_observer_that_fails_stops_nothing_and_no_other(opened, told, busy, failing):
    agency = opened(failing(), told, failing())
    busy.storage.busy = 1
    agency.cases.open(case_application(), by=INTAKE)
    assert [name for name, *_ in told.ended] == ["cases.open"]
    assert len(told.again) == 1
    alone = opened(failing(), url="memory:")
    alone.cases.open(case_application(), by=INTAKE)
    assert alone.audit.verify(by=AUDIT).size == 1


# --- logging ------------------------------------------------------------------------------------------


def test_logging_is_told_unless_somebody_else_is(opened, caplog):
    caplog.set_level(logging.DEBUG, logger="dcss_core")
    opened(url="memory:").cases.open(case_application(), by=INTAKE)
    [record] = [each for each in caplog.records if each.name == "dcss_core.verbs"]
    assert (record.levelname, record.event) == ("DEBUG", "dcss.verb.ended")
    assert (record.dcss_verb, record.dcss_outcome, record.dcss_result) == ("cases.open", "ok", "Case")
    assert (record.dcss_retries, type(record.dcss_duration_ms)) == (0, int)
    assert record.getMessage().startswith("cases.open: ok in ")


def test_with_no_observers_nothing_is_told(opened, caplog):
    caplog.set_level(logging.DEBUG)
    agency = opened(url="memory:", observers=())
    assert agency.observer is None
    agency.cases.open(case_application(), by=INTAKE)
    assert [each for each in caplog.records if each.name.startswith("dcss_core")] == []


def test_how_loud_an_outcome_is(opened, caplog, busy):
    caplog.set_level(logging.DEBUG, logger="dcss_core")
    agency = opened(LoggingObserver())
    with pytest.raises(NotPermittedError):
        agency.payments.held(by=Actor.system("nobody"))
    busy.storage.busy = 100
    with pytest.raises(BackendError):
        agency.payments.held(by=Actor.system("nobody"))
    logged = [(each.name, each.levelname, each.dcss_outcome) for each in caplog.records]
    assert logged[0] == ("dcss_core.verbs", "INFO", "not_permitted")
    assert logged[1] == ("dcss_core.storage", "INFO", "backend")
    assert logged[-1] == ("dcss_core.verbs", "WARNING", "backend")


def test_where_nobody_listens_nothing_is_printed():
    program = (
        "from dcss_core import *\n"
        "from dcss_core.running import LoggingObserver, Observable, Severity\n"
        "LoggingObserver().begins(Observable.VERB, 'x').ends('defect', Severity.BROKEN, result='',"
        " retries=0, counts={})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


# --- OpenTelemetry ---------------------------------------------------------------------------------------


@pytest.fixture
def traced():
    """An observer, the spans that ended, and what was measured."""
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans, measured, tracing = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(spans))
    metering = MeterProvider(metric_readers=[measured])
    yield telemetry_observer(tracing, metering), spans, measured
    metering.shutdown()
    tracing.shutdown()


def points(measured):
    [resource] = measured.get_metrics_data().resource_metrics
    [scope] = resource.scope_metrics
    return {metric.name: list(metric.data.data_points) for metric in scope.metrics}


def test_a_verb_is_a_span_and_a_measurement(opened, traced, busy):
    observer, spans, measured = traced
    agency = opened(observer)
    busy.storage.busy = 2
    agency.cases.open(case_application(), by=INTAKE)
    [span] = spans.get_finished_spans()
    assert span.name == "dcss.verb cases.open"
    assert dict(span.attributes) == {
        "dcss.verb": "cases.open",
        "dcss.outcome": "ok",
        "dcss.result": "Case",
        "dcss.retries": 2,
    }
    assert [event.name for event in span.events] == ["dcss.storage.retried"] * 2
    found = points(measured)
    [duration] = found["dcss.verb.duration"]
    assert (duration.count, dict(duration.attributes)) == (
        1,
        {"dcss.verb": "cases.open", "dcss.outcome": "ok"},
    )
    [retries] = found["dcss.storage.retries"]
    assert retries.value == 2


def test_a_failed_verb_is_a_span_in_error_without_its_words(opened, traced, busy):
    observer, spans, _ = traced
    agency = opened(observer)
    busy.storage.busy = 100
    with pytest.raises(BackendError):
        agency.cases.open(case_application(), by=INTAKE)
    [span] = spans.get_finished_spans()
    assert (span.status.status_code.name, span.status.description) == ("ERROR", "backend")
    assert {event.name for event in span.events} == {"dcss.storage.retried"}


def test_a_span_lies_within_that_of_the_host_and_leaves_it_as_it_was(opened, traced):
    from opentelemetry import trace

    observer, spans, _ = traced
    agency = opened(observer)
    host = observer._tracer.start_span("a request")
    with trace.use_span(host):
        agency.audit.merge_delay(by=AUDIT)
        agency.audit.verifier_keys(by=AUDIT)
        assert trace.get_current_span() is host
    assert {span.parent.span_id for span in spans.get_finished_spans()} == {host.context.span_id}


def test_without_opentelemetry_the_refusal_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ConfigurationError, match='install the extra "telemetry" of dcss-core'):
        telemetry_observer()


def test_opentelemetry_is_imported_only_when_it_is_asked_for():
    program = (
        "import sys\nfrom dcss_core import *\nfrom dcss_core.running import LoggingObserver\n"
        "k = KeyRing((MasterKey('k', Secret('1' * 64)),))\n"
        "open_agency('memory:', jurisdiction='US-GA', keys=k, channels=None).accounts.policies()\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- the names that are promised -------------------------------------------------------------------------


def test_every_name_in_a_record_a_span_and_a_metric_is_promised_and_none_is_promised_that_is_not_there(
    opened, traced, busy, caplog
):
    caplog.set_level(logging.DEBUG, logger="dcss_core")
    observer, spans, measured = traced
    agency = opened(observer, LoggingObserver())
    agency.cases.open(case_application(), by=INTAKE)
    busy.storage.busy = 1
    run_jobs(agency, jobs=[Job.CHARGING], once=True)
    found = points(measured)
    names = {
        *(each.name for each in caplog.records),
        *(each.event for each in caplog.records),
        *(key for each in caplog.records for key in vars(each) if key == "event" or key.startswith("dcss_")),
        *(key for span in spans.get_finished_spans() for key in span.attributes if "count" not in key),
        *(event.name for span in spans.get_finished_spans() for event in span.events),
        *(key for span in spans.get_finished_spans() for event in span.events for key in event.attributes),
        *found,
        *(key for each in found.values() for point in each for key in point.attributes),
    }
    promised = set(re.findall(r"`(dcss[._][\w.]+|dcss_core\.\w+|event)`", NAMES))
    assert names == {each for each in promised if not each.startswith(("dcss_core.running", "dcss.count."))}
    assert {span.name for span in spans.get_finished_spans()} >= {"dcss.verb cases.open", "dcss.job charging"}
