"""AppliedLine: what of a distribution line a list of payments tells, and no more.

Invariant: it is a part of a stored line; figures, alternatives and citations, which are most of it, are read
only by whoever explains a receipt.
"""

from datetime import date

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.payments.distribution.policy import Bucket


@attrs.frozen
class AppliedLine:
    """So much of a receipt went toward one month's support, or is held; the fields of a distribution line."""

    receipt_id: str
    line: int
    case_number: CaseNumber
    on: date
    bucket: Bucket
    payee_id: str | None
    month: Month | None
    amount: Money
    from_held: bool
