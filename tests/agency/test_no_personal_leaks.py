"""The canary of what is observed: a whole day, of which no log, span, metric or health says whom it is about.

Names, addresses, numbers, telephone numbers, answers and passwords are typed where they belong and where they
don't, stand in files, and in the words of channels, subscribers, sinks and storages that fail.
"""

import json
import logging
import re

import pytest

from dcss_core import Actor, CaseNumber, DateRange, Month, Secret, json_converter
from dcss_core.audit import ExportReason
from dcss_core.errors import BackendError
from dcss_core.running import LoggingObserver, run_jobs, telemetry_observer
from dcss_core.testing import SentPayment, remittance_file

from .leaks.of_accounts import everything, sessions_of
from .leaks.of_staff import staff_at_work
from .leaks.scene import Scene

PHONE, ADDRESS, SOURCE = "404-555-0177", "77 Peachtree Battle Avenue", "198.51.100.77"
BANK_ACCOUNT = "0123456789"  # the one of every entry that the builder writes
OF_NOBODY = "0007777777"
NAMES = ("Jane", "Roe", "John", "Doe", "Casey", "PEACH TREE", "kettles", "lanterns")
AUDIT = Actor.system("audit")


class Heard(logging.Handler):
    """Everything that any logger says, with all that its record holds."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.records = []

    def emit(self, record):
        self.format(record)  # by which exc_text is made
        self.records.append(record)

    def texts(self):
        return [f"{record.getMessage()} {vars(record)!r} {record.exc_text}" for record in self.records]


class Canaries:
    """What must be seen nowhere."""

    def __init__(self, *values):
        self.values = {value for value in values if value}

    def keep_secret(self, *secrets):  # the flows name their tokens and new passwords by it
        self.values |= {secret.reveal() for secret in secrets if secret.reveal()}

    def seen_in(self, texts):
        found = [
            (value[:40], re.compile(rf"\b{re.escape(value[:200])}\b", re.IGNORECASE)) for value in self.values
        ]
        return [(value, text[:300]) for text in texts for value, words in found if words.search(text)]


def canaries_of(*parents):
    found = Canaries(*NAMES, PHONE, ADDRESS, SOURCE, BANK_ACCOUNT, OF_NOBODY, "0004567890")
    for each in parents:
        ssn = each.ssn.reveal()
        found.keep_secret(each.ssn, each.password, each.email)
        found.values |= {f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}", str(each.irn), each.user_id}
        found.values.add(each.birth_date.isoformat())
    return found


@pytest.fixture
def heard():
    handler, root, own = Heard(), logging.getLogger(), logging.getLogger("dcss_core")
    levels = root.level, own.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    own.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(levels[0])
    own.setLevel(levels[1])


class Telemetry:
    """Spans and metrics as they would be sent."""

    def __init__(self):
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        self.spans, self.metrics, self.tracing = (
            InMemorySpanExporter(),
            InMemoryMetricReader(),
            TracerProvider(),
        )
        self.tracing.add_span_processor(SimpleSpanProcessor(self.spans))
        self.metering = MeterProvider(metric_readers=[self.metrics])
        self.observer = telemetry_observer(self.tracing, self.metering)

    def texts(self):
        return [
            *(span.to_json() for span in self.spans.get_finished_spans()),
            self.metrics.get_metrics_data().to_json(),
        ]

    def close(self):
        self.metering.shutdown()
        self.tracing.shutdown()


@pytest.fixture
def telemetry():
    pytest.importorskip("opentelemetry.sdk", reason="spans are read with it: pip install opentelemetry-sdk")
    made = Telemetry()
    yield made
    made.close()


@pytest.mark.parametrize(
    "said",
    [
        lambda log: log.error("for Jane"),
        lambda log: log.error("for %s", "Jane"),
        lambda log: log.error("for somebody", extra={"whom": "jane"}),
        lambda log: log.error("for somebody", exc_info=ValueError("Jane")),
    ],
)
def test_the_canary_is_heard_wherever_it_stands_in_a_record(heard, said):
    """That the search finds something is what makes finding nothing mean anything."""
    said(logging.getLogger("dcss_core.verbs"))
    assert Canaries("Jane").seen_in(heard.texts())


def tried(act):
    try:
        return act()
    except Exception:  # whatever is raised, what is said of it is looked at
        return None


def money(agency, clerk, case_number):
    """Files that are sound, damaged, or of nobody, and what is looked up of them."""
    job, reconciliation = Actor.system("remittance"), Actor.system("reconciliation")
    payments = agency.payments
    sound = remittance_file(SentPayment(), SentPayment(case=OF_NOBODY), SentPayment(case=None))
    yield lambda: payments.receive(sound, by=job)
    yield lambda: payments.receive(sound, by=job)
    yield lambda: payments.receive(sound.replace(b"900", b"9 0")[:-7], by=job)
    yield lambda: payments.receive(ADDRESS.encode(), by=job)
    yield lambda: payments.charge(by=Actor.system("charging"))
    yield lambda: payments.charge(Month(2099, 1), by=Actor.system("charging"))
    held = tried(lambda: payments.held(by=clerk)) or ()
    for each in held:
        yield lambda each=each: payments.identify(each.receipt.receipt_id, case_number, by=clerk)
        yield lambda each=each: payments.explain(each.receipt.receipt_id, by=clerk)
    yield lambda: payments.explain(PHONE, by=clerk)
    yield lambda: payments.history(case_number, by=clerk)
    yield lambda: payments.history(CaseNumber(OF_NOBODY), by=clerk)
    yield lambda: payments.statement(case_number, first=Month(2026, 1), last=Month(2026, 1), by=clerk)
    yield lambda: payments.employment_ends(by=clerk)
    yield lambda: payments.balances(by=reconciliation)
    yield lambda: payments.verify(by=reconciliation)
    yield lambda: agency.cases.find(case_number, by=clerk)
    yield lambda: agency.cases.find(case_number, by=Actor.staff(PHONE))


def wrong_fields(agency):
    """What belongs elsewhere is typed where it is looked at, kept or refused."""
    banner = agency.accounts.banner().version
    for typed in (PHONE, ADDRESS, "jane.roe@example.com", "900-01-4321"):
        yield lambda typed=typed: agency.accounts.sign_in(typed, Secret(typed), banner=banner, source=SOURCE)
        yield lambda typed=typed: agency.accounts.sign_in(typed, typed, banner=banner)
        yield lambda typed=typed: agency.accounts.sign_in(typed, Secret("x"), no_such_field=typed)
        yield lambda typed=typed: agency.recovery.request_code(typed)
        yield lambda typed=typed: agency.audit.about(f"account:{typed}", by=AUDIT)
        yield lambda typed=typed: list(
            agency.audit.export(subject=typed, reason=ExportReason.SUBPOENA, reference=typed, by=AUDIT)
        )
        yield lambda typed=typed: agency.audit.entries(by=Actor.system(typed))


def read_by_auditors(agency):
    """The audit log holds who it was about, and is read, proven and handed out."""
    audit = agency.audit
    yield lambda: list(audit.entries(by=AUDIT))
    yield lambda: audit.about("case:0004567890", by=AUDIT)
    yield lambda: audit.inclusion_proof(1, by=AUDIT)
    yield lambda: audit.consistency_proof(1, by=AUDIT)
    yield lambda: audit.verify(by=AUDIT)
    yield lambda: list(
        audit.export(
            period=DateRange(Month(2026, 1).first_day), reason=ExportReason.SUBPOENA, reference="1", by=AUDIT
        )
    )


def lived(scene, clerk):
    """The day, with what fails outside in words that name somebody."""
    agency, outside, jane = scene.agency, scene.outside, scene.jane
    outside.subscriber("bus").script = [RuntimeError(f"no place for {jane.name.full}, {ADDRESS}")]
    outside.sink("wall").script = [BackendError(f"the letter to {PHONE} came back", retryable=True)]
    for flows in (
        everything(scene),
        sessions_of(scene),
        staff_at_work(scene),
        money(agency, clerk, scene.case_number),
        wrong_fields(agency),
        read_by_auditors(agency),
    ):
        for flow in flows:
            tried(flow)
    scene.mail.always = RuntimeError(f"550 {jane.email.reveal()} {PHONE}")
    scene.clock.move(hours=3)
    totals = run_jobs(agency, once=True)
    scene.clock.move(hours=3)
    return json.dumps(json_converter().unstructure(list(totals)))


@pytest.mark.on_every_storage
def test_a_whole_day_is_observed_and_nobody_is_named(
    opener,
    storage_url,
    outside,
    case_application,
    intake,
    jane,
    john,
    form_of,
    clerk_of,
    clock,
    heard,
    telemetry,
):
    observers = [LoggingObserver(), telemetry.observer]
    agency = opener(
        storage_url, subscribers=["script:bus"], checkpoint_sinks=["script:wall"], observers=observers
    )
    canaries = canaries_of(jane, john)
    agency.cases.open(case_application, by=intake)
    tried(lambda: agency.cases.open(case_application, by=intake))
    scene = Scene(agency, canaries, outside, clock, form_of, case_application.case_number, jane)
    totals = lived(scene, clerk_of(agency))
    health = json.dumps(json_converter().unstructure(agency.health())) + str(agency.health())
    verbs = {record.dcss_verb for record in heard.records if record.name == "dcss_core.verbs"}
    assert len(verbs) > 40
    assert {record.name for record in heard.records} >= {"dcss_core.verbs", "dcss_core.jobs"}
    assert '"failing"' in health or '"late"' in health
    assert canaries.seen_in([*heard.texts(), *telemetry.texts(), health, totals]) == []


@pytest.mark.parametrize("retryable", [True, False])
def test_a_storage_that_fails_in_words_that_name_somebody_is_observed_without_them(
    fragile, outside, case_application, intake, jane, john, form_of, clock, heard, retryable
):
    agency, storage = fragile
    canaries = canaries_of(jane, john)
    agency.cases.open(case_application, by=intake)
    storage.error = BackendError(
        f"the row of {jane.name.full}, {jane.ssn.reveal()}, is locked", retryable=retryable
    )
    scene, failures = Scene(agency, canaries, outside, clock, form_of, case_application.case_number, jane), 0
    for flow in everything(scene):
        storage.fail_at = storage.calls + 2
        tried(flow)
        failures += storage.calls >= storage.fail_at
        storage.fail_at = None
        tried(flow)
    storage.fail_on = ("find", "outbox")
    run_jobs(agency, once=True)
    health = json.dumps(json_converter().unstructure(agency.health()))
    assert failures > 10
    assert '"failing"' in health
    assert canaries.seen_in([*heard.texts(), health]) == []
