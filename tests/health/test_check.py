"""HealthCheck and Health: the whole stands as its worst part, and each part says what to do."""

from datetime import UTC, datetime, timedelta

import pytest

from dcss_core.errors import InvariantError
from dcss_core.health.check import failing, judged
from dcss_core.running import Health, HealthStatus, HealthSubject

NOW = datetime(2026, 1, 7, 15, tzinfo=UTC)
OUTBOX = HealthSubject.OUTBOX


@pytest.mark.parametrize(
    ("age", "status", "seconds"),
    [
        (None, HealthStatus.OK, None),
        (timedelta(seconds=-5), HealthStatus.OK, 0),
        (timedelta(seconds=60), HealthStatus.OK, 60),
        (timedelta(seconds=60, microseconds=1), HealthStatus.LATE, 60),
    ],
)
def test_something_is_late_when_it_waited_longer_than_its_limit(age, status, seconds):
    found = judged(OUTBOX, age, timedelta(seconds=60))
    assert (found.status, found.age_seconds, found.limit_seconds) == (status, seconds, 60)


def test_the_whole_stands_as_its_worst_part():
    fine = judged(OUTBOX, None, timedelta(seconds=60))
    late = judged(OUTBOX, timedelta(seconds=61), timedelta(seconds=60))
    broken = failing(HealthSubject.STORAGE, "backend")
    assert Health.of([fine, fine], NOW).status is HealthStatus.OK
    assert Health.of([fine, late], NOW).status is HealthStatus.LATE
    assert Health.of([late, broken, fine], NOW).status is HealthStatus.FAILING
    with pytest.raises(InvariantError):
        Health(HealthStatus.OK, NOW, (late,))


@pytest.mark.parametrize("subject", HealthSubject)
def test_whatever_is_not_ok_says_what_to_do(subject):
    for check in (
        judged(subject, timedelta(seconds=2), timedelta(seconds=1)),
        failing(subject, "backend"),
    ):
        assert check.sentence.endswith(".") or check.sentence.endswith("?")
        assert check.sentence in str(check)


def test_a_check_is_one_line():
    late = judged(
        HealthSubject.SUBSCRIPTION, timedelta(seconds=9), timedelta(seconds=5), name="https/1", behind=3
    )
    assert str(late).startswith("subscription https/1: late, 9 s of 5 s, 3 entries behind. A subscriber")
