"""Local time: an instant by the agency's own clock.

Decides which day it is at the agency: the day in the jurisdiction's own time zone, whatever the machine's.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dcss_core.errors import Fault, InvariantError, RulesError
from dcss_core.ports.clock import Clock
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.jurisdiction import Jurisdiction

_KEY: Final = "agency.time_zone"


def time_zone(rules: RulesInForce) -> ZoneInfo:
    """The time zone in force; raises RulesError for one that is none."""
    name = rules.text(_KEY)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # "America" is a folder of the database
        raise RulesError(
            f"the time zone of {rules.jurisdiction} is not known",
            faults=[Fault(_KEY, repr(name), "a name of the IANA database, as 'America/New_York'")],
        ) from None


def present_instant(clock: Clock) -> datetime:
    """The instant a clock gives, in UTC; raises InvariantError for anything else."""
    now = clock.now()
    if type(now) is datetime and now.tzinfo is UTC:
        return now
    if not isinstance(now, datetime) or now.utcoffset() is None or now.utcoffset():
        raise InvariantError("the clock must give aware instants in UTC")
    return now


def local_time(jurisdiction: Jurisdiction, instant: datetime) -> datetime:
    """An instant by the agency's own clock; raises RulesError for a time zone that is none."""
    return instant.astimezone(time_zone(jurisdiction.on(instant.date())))


def day_as_instants(jurisdiction: Jurisdiction, day: date) -> tuple[datetime, datetime]:
    """The instants between which it is a day at the agency; the second is not of that day any more."""
    zone = time_zone(jurisdiction.on(day))
    begins = datetime.combine(day, time.min, zone).astimezone(UTC)
    if day == date.max:
        return begins, datetime.max.replace(tzinfo=UTC)
    return begins, datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)


def day_of(jurisdiction: Jurisdiction, instant: datetime) -> date:
    """The day an instant falls on at the agency; raises RulesError for a time zone that is none."""
    return local_time(jurisdiction, instant).date()
