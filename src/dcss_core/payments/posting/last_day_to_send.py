"""The last day to send the family's part of a collection.

Decides it by the state's own holidays: two business days after receipt in the state disbursement unit
(42 USC 654b(c)(1)). Where those are not known yet the money is posted all the same, without the day.
"""

from datetime import date

from dcss_core.errors import RuleNotInForceError, UnknownRuleError
from dcss_core.payments.collection.family_limit import family_limit
from dcss_core.payments.collection.remark import Remark, RemarkKind
from dcss_core.rules.calendar import STATE_HOLIDAYS, business_calendar
from dcss_core.rules.jurisdiction import Jurisdiction


def last_day_to_send(law: Jurisdiction, received_on: date) -> tuple[date | None, tuple[Remark, ...]]:
    """The last day to send what was received on a day, and what staff should know where there is none."""
    limit = family_limit(law.on(received_on))
    try:
        return business_calendar(law).add_business_days(received_on, limit), ()
    except (RuleNotInForceError, UnknownRuleError):
        return None, (Remark(RemarkKind.LAST_DAY_TO_SEND_NOT_KNOWN, rule=STATE_HOLIDAYS, on=received_on),)
