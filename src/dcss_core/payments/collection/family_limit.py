"""The family's limit: within how many business days of receipt the family's money is sent.

Decides which limits there can be: at least one business day, for the day of receipt is not counted, and no
more than a year of them, so that a slip of the pen is no search through the whole calendar. That federal law
allows two (42 USC 654b(c)(1)) is in the rules themselves.
"""

from typing import Final

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce

_KEY: Final = "disbursement.family_limit_business_days"
_MOST: Final = 260  # the weekdays of a year


def family_limit(rules: RulesInForce) -> int:
    """The limit in force, in business days; raises RulesError."""
    limit = rules.integer(_KEY)
    if not 1 <= limit <= _MOST:
        faults = [Fault(_KEY, shown_number(limit), f"1 to {_MOST} business days")]
        raise RulesError("no money can be sent within this limit", faults=faults)
    return limit
