"""Posted: what a decision on money has made, ready to be saved."""

from collections.abc import Mapping

import attrs

from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import Posting


@attrs.frozen
class Posted:
    """The accounts that changed, by case; the postings and lines to append, in order; the events."""

    accounts: Mapping[CaseNumber, CaseAccount]
    postings: tuple[Posting, ...]
    lines: tuple[DistributionLine, ...]
    events: tuple[Event, ...]
