"""Charges: support falls due in one case.

Decides whether anything is to be charged. Invariant: a closed case, and one charged through the month
already, is left alone.
"""

from datetime import date, datetime

import attrs

from dcss_core.base.dates import Month
from dcss_core.cases.case import CaseStatus
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.payments.posting.case_file import CaseFile, PolicyOn
from dcss_core.payments.posting.posted import Posted


@attrs.frozen
class ChargingRun:
    """A run that charged through a month, the first one, and when it began."""

    through: Month
    begun_at: datetime


def month_to_charge(through: Month | None, today: date, last_run: Month | None) -> Month:
    """The month to charge through, the present one unless another is given.

    Raises InvalidInputError for a month to come, of which nothing has fallen due yet, and for a present one
    that lies further than a month beyond the last run: either runs were left out, or the clock is wrong.
    """
    present = Month.of(today)
    if through is not None and through > present:
        fault = Fault("through", str(through), f"{present} or a month before it")
        raise InvalidInputError("support falls due when its month begins", faults=[fault])
    if through is None and last_run is not None and present > last_run.plus(1):
        fault = Fault(
            "through", f"no month, and the clock says {present}", f"{present}, if the clock is right"
        )
        raise InvalidInputError(f"the last run charged through {last_run}; name the month", faults=[fault])
    return through or present


def charge_case(file: CaseFile, through: Month, *, policy_on: PolicyOn, at: datetime) -> Posted | None:
    """Charge a case through a month; None where there is nothing to charge."""
    if file.case.status is not CaseStatus.OPEN or file.account.charged_through >= through:
        return None
    charging = file.charged(through, policy_on=policy_on, at=at)
    return Posted(
        {file.case.case_number: charging.account}, charging.postings, charging.lines, charging.events
    )
