"""The checkpoint interval: the most that may stand in a log without a signature."""

from datetime import date, timedelta

import pytest

from dcss_core.audit.checkpoint_interval import CheckpointInterval
from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline

DAY = date(2026, 11, 2)


def under(entries, minutes):
    changes = {"audit.checkpoint_events": entries, "audit.checkpoint_minutes": minutes}
    return baseline().amended(changes, effective=DAY, citation="a test", key="US-XX").on(DAY)


def test_it_is_read_in_entries_and_minutes():
    assert CheckpointInterval.from_rules(under(200, 45)) == CheckpointInterval(200, timedelta(minutes=45))


def test_one_entry_and_any_time_are_an_interval():
    shortest = CheckpointInterval(1, timedelta(microseconds=1))
    assert (shortest.entries, shortest.age) == (1, timedelta(microseconds=1))


def test_what_is_no_interval_is_refused_with_every_fault():
    with pytest.raises(RulesError) as caught:
        CheckpointInterval(0, timedelta(0))
    assert [(fault.where, fault.found) for fault in caught.value.faults] == [
        ("audit.checkpoint_events", "0"),
        ("audit.checkpoint_minutes", "0:00:00"),
    ]
