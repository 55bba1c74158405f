"""`run_jobs()` on an open agency: what each job does, and how it ends."""

import logging
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dcss_core import Actor, KeyRing, MasterKey, Secret, open_agency
from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.running import Job, Stopping, run_jobs
from dcss_core.running.job import INTERVALS
from dcss_core.running.rounds import round_of
from dcss_core.testing import FakeHasher, FrozenClock, ScriptedPlugin, case_application, synthetic_parent
from dcss_core.testing.residents import Appointing
from dcss_core.users import StaffRole

NAMES = (Path(__file__).parents[2] / "docs" / "reference" / "observability.md").read_text(encoding="utf-8")
INTAKE = Actor.system("intake")
FAST = {job: timedelta(milliseconds=100) for job in Job}
NOTHING = {"delivered": 0, "put_off": 0, "given_up": 0}


@pytest.fixture
def outside():
    return ScriptedPlugin()


@pytest.fixture
def clock():
    return FrozenClock(datetime(2026, 1, 7, 15, tzinfo=UTC))


@pytest.fixture(params=["memory:", "sqlite"])
def agency(request, outside, clock, tmp_path):
    url = request.param if request.param == "memory:" else f"sqlite:///{tmp_path}/agency.db"
    with open_agency(
        url,
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k", Secret("1" * 64)),)),
        channels=["letters:mail"],
        subscribers=["script:bus"],
        checkpoint_sinks=["script:wall"],
        plugins=[outside],
        clock=clock,
        hasher=FakeHasher(),
    ) as opened:
        yield opened


@pytest.fixture
def appoint(agency):
    """Appoints somebody, who gets a letter; the first administrator is there already, and has had one."""
    appointing = Appointing(agency)
    appointing(StaffRole.HELP_DESK)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    return lambda: appointing(StaffRole.HELP_DESK)


@pytest.fixture
def lived(agency, appoint, outside):
    """A case was opened, and somebody was appointed, who gets a letter."""
    agency.cases.open(case_application(), by=INTAKE)
    appoint()
    outside.channel("mail").delivered.clear()
    return agency


def counts(totals):
    return {each.job: dict(each.counts) for each in totals}


def test_a_single_shot_does_what_there_is_to_do(lived, outside, clock):
    clock.move(hours=2)
    totals = run_jobs(lived, once=True)
    assert [each.job for each in totals] == list(Job)
    assert {each.last_outcome for each in totals} == {"ok"}
    told = counts(totals)
    assert told[Job.CHARGING] == {"cases": 1}  # January
    assert told[Job.OUTBOX] == {"delivered": 1, "put_off": 0, "given_up": 0}
    assert told[Job.SUBSCRIPTIONS]["events"] == len(outside.subscriber("bus").taken) > 0
    assert told[Job.CHECKPOINTS] == {"signed": 1, "failed": 0}
    assert lived.health().is_ok
    again = counts(run_jobs(lived, once=True, jobs=[Job.CHARGING, Job.OUTBOX]))
    assert again == {Job.CHARGING: {"cases": 0}, Job.OUTBOX: NOTHING}


def test_a_single_shot_sends_more_letters_than_one_round_takes(agency, appoint, outside):
    for _ in range(45):
        appoint()
    outside.channel("mail").delivered.clear()
    [total] = run_jobs(agency, once=True, jobs=[Job.OUTBOX])
    assert (total.rounds, total.counts["delivered"]) == (3, 45)
    assert len(outside.channel("mail").delivered) == 45


def test_a_subscriber_that_fails_is_told_and_is_no_error(lived, outside):
    outside.subscriber("bus").always = BackendError("away", retryable=True)
    [total] = run_jobs(lived, once=True, jobs=[Job.SUBSCRIPTIONS])
    assert (total.last_outcome, total.failed) == ("incomplete", 1)
    assert total.counts == {"events": 0, "failed": 1}


def test_a_sink_that_fails_is_told_and_is_no_error(lived, outside, clock):
    lived.audit.sequence(by=Actor.system("audit"))
    clock.move(hours=2)
    outside.sink("wall").script = [BackendError("the disk is full", retryable=False)]
    [total] = run_jobs(lived, once=True, jobs=[Job.CHECKPOINTS])
    assert (total.last_outcome, total.counts) == ("incomplete", {"signed": 0, "failed": 1})


def test_a_round_of_letters_of_which_none_got_through_is_incomplete(lived, outside):
    outside.channel("mail").always = BackendError("away", retryable=True)
    [total] = run_jobs(lived, once=True, jobs=[Job.OUTBOX])
    assert (total.last_outcome, total.counts) == ("incomplete", {"delivered": 0, "put_off": 1, "given_up": 0})


def test_a_job_that_is_refused_is_told_by_its_code(lived, clock):
    run_jobs(lived, once=True, jobs=[Job.CHARGING])
    clock.move(days=90)  # further than a month beyond the last run: somebody has to name the month
    [total] = run_jobs(lived, once=True, jobs=[Job.CHARGING])
    assert (total.last_outcome, total.failed) == ("input.invalid", 1)


def test_rounds_are_logged_with_what_they_did(lived, caplog):
    caplog.set_level(logging.DEBUG, logger="dcss_core.jobs")
    run_jobs(lived, once=True, jobs=[Job.OUTBOX, Job.RETENTION])
    outbox, retention = [each for each in caplog.records if each.name == "dcss_core.jobs"]
    assert (outbox.levelname, outbox.event, outbox.dcss_job) == ("INFO", "dcss.job.ended", "outbox")
    assert outbox.dcss_counts == {"delivered": 1, "put_off": 0, "given_up": 0}
    assert outbox.getMessage().startswith("outbox: ok, 1 delivered in ")
    assert (retention.levelname, retention.dcss_outcome) == ("DEBUG", "ok")  # it had nothing to do


def test_jobs_go_on_until_somebody_asks_and_what_comes_meanwhile_is_done(lived, appoint, outside):
    stopping, totals = Stopping(), []
    process = threading.Thread(
        target=lambda: totals.extend(run_jobs(lived, intervals=FAST, stopping=stopping))
    )
    process.start()
    wait_for(lambda: len(outside.channel("mail").delivered) == 1)
    appoint()
    wait_for(lambda: len(outside.channel("mail").delivered) == 2)
    stopping.ask()
    process.join(timeout=10)
    assert not process.is_alive()
    assert {each.job for each in totals} == set(Job)
    assert {each.last_outcome for each in totals} == {"ok"}


def test_a_long_job_keeps_no_other_waiting_and_its_round_is_finished(lived, outside):
    holds, stopping, totals = threading.Event(), Stopping(), []
    came = threading.Event()

    class Slow:
        def receive(self, event):
            came.set()
            holds.wait(10)

    bus = outside.subscriber("bus")
    bus.receive = Slow().receive
    process = threading.Thread(
        target=lambda: totals.extend(
            run_jobs(lived, jobs=[Job.SUBSCRIPTIONS, Job.OUTBOX], intervals=FAST, stopping=stopping)
        )
    )
    process.start()
    assert came.wait(10)
    wait_for(lambda: len(outside.channel("mail").delivered) == 1)  # while a subscriber takes its time
    stopping.ask()
    process.join(timeout=0.3)
    assert process.is_alive()
    holds.set()
    process.join(timeout=10)
    assert not process.is_alive()
    told = {each.job: each for each in totals}
    assert (told[Job.SUBSCRIPTIONS].rounds, told[Job.SUBSCRIPTIONS].last_outcome) == (1, "ok")


class OutageStorage(MemoryStorage):
    """A storage that is away when it is told so."""

    is_away = False

    def transaction(self, **options):
        if self.is_away:
            raise BackendError("no server", retryable=True)
        return super().transaction(**options)


class OutagePlugin:
    def __init__(self):
        self.storage = OutageStorage()

    @hookimpl
    def dcss_storage_backends(self):
        return [StorageBackend("outage", "In memory, away when told", lambda url: self.storage)]


def test_after_an_outage_of_the_storage_every_job_goes_on(caplog):
    plugin, stopping, totals = OutagePlugin(), Stopping(), []
    with open_agency(
        "outage:",
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k", Secret("1" * 64)),)),
        channels=None,
        plugins=[plugin],
        hasher=FakeHasher(),
    ) as agency:
        plugin.storage.is_away = True
        process = threading.Thread(
            target=lambda: totals.extend(run_jobs(agency, intervals=FAST, stopping=stopping))
        )
        process.start()

        def failed():
            return {each.dcss_job for each in caplog.records if each.name == "dcss_core.jobs"}

        wait_for(lambda: failed() == {job.value for job in Job})
        assert agency.health().checks[0].code == "backend"
        plugin.storage.is_away = False
        agency.cases.open(case_application(), by=INTAKE)
        wait_for(lambda: agency.audit.merge_delay(by=Actor.system("audit")).waiting == 0)
        time.sleep(1)
        stopping.ask()
        process.join(timeout=10)
    assert not process.is_alive()
    assert {each.levelname for each in caplog.records if each.name == "dcss_core.jobs"} == {"WARNING"}
    assert {(each.last_outcome, each.failed > 0) for each in totals} == {("ok", True)}


def test_charging_is_stopped_between_two_cases_and_goes_on_the_next_time(agency):
    for number in range(5):
        payer, payee = synthetic_parent(2 * number + 1), synthetic_parent(2 * number + 2)
        agency.cases.open(case_application(f"000456789{number}", payer=payer, payee=payee), by=INTAKE)
    # The third look at whether to stop is the one before the third case.
    looks = iter([False, False, True])
    stopped = round_of(agency, Job.CHARGING, lambda: next(looks))
    assert stopped.outcome == "stopped"
    [total] = run_jobs(agency, once=True, jobs=[Job.CHARGING])
    assert total.counts == {"cases": 3}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"jobs": []}, "jobs"),
        ({"jobs": ["outbox"]}, "jobs"),
        ({"intervals": {Job.OUTBOX: timedelta()}}, "intervals[Job.OUTBOX]"),
        ({"intervals": {Job.OUTBOX: 5}}, "intervals[Job.OUTBOX]"),
    ],
)
def test_what_cannot_be_run_is_refused(agency, changes, where):
    with pytest.raises(ConfigurationError) as refused:
        run_jobs(agency, once=True, **changes)
    assert [fault.where for fault in refused.value.faults] == [where]


def test_every_job_has_an_interval():
    assert set(INTERVALS) == set(Job)


def test_the_counts_of_each_job_are_those_that_the_reference_promises(lived):
    table = NAMES.partition("| job | counts |")[2].partition("\n\n")[0]
    promised = {
        job: re.findall(r"`(\w+)`", counts)
        for job, counts in re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
    }
    assert {each.job.value: list(each.counts) for each in run_jobs(lived, once=True)} == promised


def wait_for(is_so):
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about within ten seconds")
