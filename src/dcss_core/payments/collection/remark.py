"""Remark: what staff should know about a file besides its receipts.

Decides which remarks there are and which figures each comes with; `payments.views.remarks` words them.
"""

from datetime import date
from enum import Enum

import attrs

from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.records.invariants import check_invariants


class RemarkKind(Enum):
    """What a remark is about."""

    LAST_DAY_TO_SEND_NOT_KNOWN = "last_day_to_send_not_known"
    OWN_LOCATOR_NOT_KNOWN = "own_locator_not_known"
    ADDRESSED_ELSEWHERE = "addressed_elsewhere"


@attrs.frozen
class Remark:
    """A remark and its figures.

    `rule` is the rule that says nothing for the day `on`. `locator` is the code that `entries` entries are
    addressed to, `own_locator` the code they should be.
    """

    kind: RemarkKind
    rule: str | None = None
    on: date | None = None
    locator: LocatorCode | None = None
    entries: int | None = None
    own_locator: str | None = None

    def __attrs_post_init__(self) -> None:
        is_about_rule = self.kind is not RemarkKind.ADDRESSED_ELSEWHERE
        of_rule = (self.rule, self.on)
        of_locator = (self.locator, self.entries, self.own_locator)
        check_invariants(
            self,
            (
                all((each is not None) is is_about_rule for each in of_rule),
                "it names a rule where one is silent",
            ),
            (
                all((each is None) is is_about_rule for each in of_locator),
                "it names the codes where they differ",
            ),
        )
