"""Every instant that is written down is in UTC, whatever clock the host brings."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dcss_core import Actor
from dcss_core.errors import InvariantError

pytestmark = pytest.mark.on_every_storage


class Clock:
    """A clock that gives what it was given."""

    def __init__(self, instant):
        self.instant = instant

    def now(self):
        return self.instant


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 1, 7, 10, 0),
        datetime(2026, 1, 7, 10, 0, tzinfo=timezone(timedelta(hours=-5))),
        "2026-01-07T10:00:00+00:00",
        None,
    ],
    ids=["naive", "Atlanta", "text", "nothing"],
)
def test_a_clock_that_is_not_in_utc_opens_no_agency(opener, instant):
    with pytest.raises(InvariantError, match="UTC"):
        opener("memory:", clock=Clock(instant))


def test_an_entry_of_the_audit_log_is_dated_in_utc(opener, storage_url, case_application, intake):
    agency = opener(storage_url, clock=Clock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)))
    agency.cases.open(case_application, by=intake)
    assert [entry.at.isoformat() for _, entry in agency.audit.entries(by=Actor.system("audit"))] == [
        "2026-01-07T15:00:00+00:00"
    ]
