"""Why money is held, in words for staff.

Decides the wording only; `payments.ledger` decides which reasons there are.
"""

from collections.abc import Mapping
from typing import Final

from dcss_core.payments.ledger.ledger import HoldReason

_SENTENCES: Final[Mapping[HoldReason, str]] = {
    HoldReason.FUTURE_SUPPORT: "Paid for months to come; it is applied when they fall due.",
    HoldReason.CASE_UNKNOWN: "The case number the remitter gave is not one of ours.",
    HoldReason.CASE_CLOSED: "The case the remitter named is closed.",
    HoldReason.SSN_DOES_NOT_MATCH_CASE: "The SSN the remitter gave is not the noncustodial parent's.",
    HoldReason.NO_CHILD_SUPPORT_ADDENDUM: "The entry came without a child-support addendum (DED).",
    HoldReason.AMOUNTS_DIFFER: "The addendum states another amount than the entry pays.",
    HoldReason.OTHER_PURPOSE: "The addendum says that it is a tax offset or a recovery of costs.",
    HoldReason.POSSIBLE_DUPLICATE: (
        "The same entry was received already, in this file or under another effective entry date."
    ),
    HoldReason.NO_DISTRIBUTION_RULE: "The jurisdiction states no distribution order for this kind of case.",
}


def hold_reason_in_words(reason: HoldReason) -> str:
    """The reason as one plain sentence."""
    return _SENTENCES[reason]
