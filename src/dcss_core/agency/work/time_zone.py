"""The agency's time zone: by which clock its days begin and end."""

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce

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
