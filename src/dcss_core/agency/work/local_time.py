"""Local time: an instant by the agency's own clock.

Decides which day it is at the agency: the day in the jurisdiction's own time zone, whatever the machine's.
"""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.jurisdiction import Jurisdiction

_TIME_ZONE: Final = "agency.time_zone"


def local_time(jurisdiction: Jurisdiction, instant: datetime) -> datetime:
    """An instant by the agency's own clock; raises RulesError for a time zone that is none."""
    zone = jurisdiction.on(instant.date()).text(_TIME_ZONE)
    try:
        return instant.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # "America" is a folder of the database
        raise RulesError(
            f"the time zone of {jurisdiction.key} is not known",
            faults=[Fault(_TIME_ZONE, repr(zone), "a name of the IANA database, as 'America/New_York'")],
        ) from None


def day_of(jurisdiction: Jurisdiction, instant: datetime) -> date:
    """The day an instant falls on at the agency; raises RulesError for a time zone that is none."""
    return local_time(jurisdiction, instant).date()
