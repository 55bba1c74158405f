"""The merge delay: how long an entry may wait for its number."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from dcss_core.audit.merge_delay import MergeDelay, longest_merge_delay
from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline

NOW = datetime(2026, 1, 7, 15, tzinfo=UTC)
LIMIT = timedelta(seconds=60)
WAITING = MergeDelay(waiting=3, oldest=NOW, limit=LIMIT, as_of=NOW)


@pytest.mark.parametrize(
    ("waited", "kept"),
    [
        (timedelta(), True),
        (LIMIT, True),
        (LIMIT + timedelta(microseconds=1), False),
        (timedelta(days=400), False),
        (-timedelta(minutes=5), True),  # the clock of whoever wrote it is ahead
    ],
)
def test_the_delay_is_kept_until_the_oldest_waited_longer_than_it_may(waited, kept):
    assert attrs.evolve(WAITING, as_of=NOW + waited).is_kept is kept


def test_where_nothing_waits_the_delay_is_kept():
    assert MergeDelay(waiting=0, oldest=None, limit=LIMIT, as_of=NOW).is_kept


def test_a_failure_to_number_is_an_alarm_at_once():
    assert not attrs.evolve(WAITING, failure="the disk is full").is_kept


def test_the_federal_rules_give_it_a_moment():
    assert longest_merge_delay(baseline().on(NOW.date())) > timedelta()


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_time_at_all_is_no_limit(seconds):
    class Rules:
        def integer(self, key):
            return seconds

    with pytest.raises(RulesError) as refused:
        longest_merge_delay(Rules())
    assert [(fault.where, fault.found) for fault in refused.value.faults] == [
        ("audit.merge_delay_seconds", str(seconds))
    ]


def test_a_second_is_a_limit():
    changes = {"audit.merge_delay_seconds": 1}
    rules = baseline().amended(changes, effective=NOW.date(), citation="a test", key="US-XX")
    assert longest_merge_delay(rules.on(NOW.date())) == timedelta(seconds=1)
