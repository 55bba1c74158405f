"""Local time: an instant by the agency's own clock.

Decides which day it is at the agency: the day in the jurisdiction's own time zone, whatever the machine's.
"""

from datetime import date, datetime

from dcss_core.agency.work.time_zone import time_zone
from dcss_core.rules.jurisdiction import Jurisdiction


def local_time(jurisdiction: Jurisdiction, instant: datetime) -> datetime:
    """An instant by the agency's own clock; raises RulesError for a time zone that is none."""
    return instant.astimezone(time_zone(jurisdiction.on(instant.date())))


def day_of(jurisdiction: Jurisdiction, instant: datetime) -> date:
    """The day an instant falls on at the agency; raises RulesError for a time zone that is none."""
    return local_time(jurisdiction, instant).date()
