"""`agency.health()`: what is late or fails is told with age, limit and what to do, and never raised."""

from datetime import timedelta

import pytest

from dcss_core import Actor, json_converter
from dcss_core.errors import BackendError, InvalidInputError
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.running import Health, HealthStatus, HealthSubject
from dcss_core.testing import FakeHasher

OK, LATE, FAILING = HealthStatus
DISPATCH = Actor.system("dispatch")
AUDIT = Actor.system("audit")


class ManyWriters(MemoryStorage):
    """A storage in memory whose log a job numbers."""

    writes_one_at_a_time = False


class ManyWritersPlugin:
    @hookimpl
    def dcss_storage_backends(self):
        return [StorageBackend("many", "In memory, numbered by a job", lambda url: ManyWriters())]


def check_of(health, subject):
    [found] = [each for each in health.checks if each.subject is subject]
    return found


def standing(health, subject):
    found = check_of(health, subject)
    return found.status, found.age_seconds, found.limit_seconds


def test_an_agency_at_rest_is_ok_in_everything_it_has(opener, outside):
    agency = opener("memory:", subscribers=["script:bus"], checkpoint_sinks=["script:wall"])
    health = agency.health()
    assert health.is_ok
    assert [each.subject for each in health.checks] == list(HealthSubject)
    assert {each.sentence for each in health.checks} == {""}


def test_of_what_an_agency_does_not_have_nothing_is_said(agency):
    told = [each.subject for each in agency.health().checks]
    assert told == [HealthSubject.STORAGE, HealthSubject.AUDIT_LOG, HealthSubject.OUTBOX]


@pytest.mark.on_every_storage
def test_a_letter_that_is_due_and_was_not_tried_is_late(agency, administrator, clock):
    clock.move(minutes=15)
    assert standing(agency.health(), HealthSubject.OUTBOX) == (OK, 900, 900)
    clock.move(seconds=1)
    health = agency.health()
    assert health.status is LATE
    assert standing(health, HealthSubject.OUTBOX) == (LATE, 901, 900)
    assert "`outbox`" in check_of(health, HealthSubject.OUTBOX).sentence
    agency.outbox.dispatch(by=DISPATCH)
    assert standing(agency.health(), HealthSubject.OUTBOX) == (OK, None, 900)


def test_whoever_asks_says_how_long_a_letter_may_wait(agency, administrator, clock):
    clock.move(seconds=31)
    assert agency.health(outbox=timedelta(seconds=30)).status is LATE
    with pytest.raises(InvalidInputError, match="timedelta"):
        agency.health(outbox=30)


def test_a_clock_that_is_behind_makes_nothing_late(agency, administrator, clock):
    clock.move(days=-1)
    assert standing(agency.health(), HealthSubject.OUTBOX) == (OK, None, 900)
    assert agency.health().is_ok


@pytest.mark.on_every_storage
def test_a_subscriber_is_late_by_the_oldest_event_it_has_not_had(
    opener, storage_url, outside, case_application, intake, clock
):
    agency = opener(storage_url, subscribers=["script:bus"])
    agency.cases.open(case_application, by=intake)
    agency.audit.sequence(by=Actor.system("audit"))  # a subscriber is given what is numbered
    clock.move(minutes=20)
    found = check_of(agency.health(), HealthSubject.SUBSCRIPTION)
    assert (found.status, found.age_seconds, found.behind) == (LATE, 1200, 1)
    assert found.name.startswith("script/")
    agency.subscriptions.dispatch(by=DISPATCH)
    found = check_of(agency.health(), HealthSubject.SUBSCRIPTION)
    assert (found.status, found.age_seconds, found.behind) == (OK, None, 0)


def test_an_entry_that_waits_longer_for_its_number_than_the_rule_says_is_late(
    opener, outside, case_application, intake, clock
):
    agency = opener("many:", plugins=[outside, ManyWritersPlugin()])
    agency.cases.open(case_application, by=intake)
    clock.move(seconds=61)  # audit.merge_delay_seconds is 60
    assert standing(agency.health(), HealthSubject.AUDIT_LOG) == (LATE, 61, 60)
    agency.audit.sequence(by=AUDIT)
    assert standing(agency.health(), HealthSubject.AUDIT_LOG) == (OK, None, 60)


def test_a_checkpoint_is_late_after_twice_the_time_in_which_the_job_publishes(
    opener, outside, case_application, intake, clock
):
    agency = opener("memory:", checkpoint_sinks=["script:wall"])
    agency.cases.open(case_application, by=intake)
    agency.health()  # by which it is numbered
    clock.move(minutes=120)  # audit.checkpoint_minutes is 60
    assert standing(agency.health(), HealthSubject.CHECKPOINT) == (OK, 7200, 7200)
    clock.move(seconds=1)
    assert standing(agency.health(), HealthSubject.CHECKPOINT) == (LATE, 7201, 7200)
    agency.audit.publish_if_due(by=AUDIT)
    assert standing(agency.health(), HealthSubject.CHECKPOINT) == (OK, None, 7200)


def test_a_sink_that_cannot_be_read_is_failing_and_its_words_are_not_repeated(opener, outside):
    outside.sink("wall").unreadable = BackendError("no way to /home/jane", retryable=True)
    health = opener("memory:", checkpoint_sinks=["script:wall"]).health()
    assert check_of(health, HealthSubject.CHECKPOINT).status is FAILING
    assert "jane" not in str(health)


def test_a_storage_that_is_away_is_an_answer_and_nothing_else_is_looked_at(fragile):
    agency, storage = fragile
    storage.fail_on = ("find", "agency_identity")
    health = agency.health()
    assert (health.status, [each.subject for each in health.checks]) == (FAILING, [HealthSubject.STORAGE])
    assert health.checks[0].code == "backend"
    assert "does not answer" in health.checks[0].sentence


def test_whichever_call_of_the_storage_fails_health_is_a_value(fragile, case_application, intake):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    before = storage.calls
    assert agency.health().is_ok
    for call in range(1, storage.calls - before + 2):
        storage.fail_at = storage.calls + call
        assert isinstance(agency.health(), Health)
        storage.fail_at = None


def test_health_is_json_and_is_read_back(agency, administrator, clock):
    clock.move(hours=1)
    health = agency.health()
    converter = json_converter()
    written = converter.unstructure(health)
    assert written["status"] == "late"
    assert converter.structure(written, Health) == health


def test_closing_without_signing_leaves_the_sinks_alone(opener, outside, case_application, intake):
    agency = opener("memory:", checkpoint_sinks=["script:wall"], hasher=FakeHasher())
    agency.cases.open(case_application, by=intake)
    agency.close(signs=False)
    assert outside.sink("wall").attempts == []
