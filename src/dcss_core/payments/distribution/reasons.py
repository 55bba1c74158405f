"""Reasons of a distribution line: the figures it was worked out from, and what was not done instead.

Decides which figures and alternatives there are, as codes that can be stored, counted and compared;
`payments.views` words them. Invariants: a figure comes with exactly what its name speaks of; an alternative
a state has chosen against carries the citation of that choice, and no other does.
"""

from enum import Enum
from typing import Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.base.records.invariants import check_invariants


class InputName(Enum):
    """Which figure went into a decision."""

    LEFT_TO_DISTRIBUTE = "left_to_distribute"
    OWED_FOR_MONTH = "owed_for_month"
    OWED_IN_ALL_THAT_SHARE = "owed_in_all_that_share"
    OWED_AFTER_EARLIER_STEPS = "owed_after_earlier_steps"
    LEFT_OVER = "left_over"


@attrs.frozen
class Input:
    """A figure that went into a decision.

    `month` is the month it is owed for, `debts` the number of debts that share; None for every other figure.
    """

    name: InputName
    amount: Money
    month: Month | None = None
    debts: int | None = None

    def __attrs_post_init__(self) -> None:
        is_owed, is_shared = (
            self.name is InputName.OWED_FOR_MONTH,
            self.name is InputName.OWED_IN_ALL_THAT_SHARE,
        )
        check_invariants(
            self,
            (is_owed is (self.month is not None), "what is owed for a month names it, and nothing else does"),
            (is_shared is (self.debts is not None), "what is shared counts the debts, and nothing else does"),
            (self.debts is None or self.debts > 1, "it takes two debts to share"),
        )


class Alternative(Enum):
    """What was not done with the money of a line."""

    ARREARS_FIRST = "arrears_first"
    KEPT_THOUGH_DUE = "kept_though_due"
    HELD_THOUGH_DUE = "held_though_due"
    PRO_RATA_OVER_MONTHS = "pro_rata_over_months"
    OLDEST_MONTHS_IN_FULL = "oldest_months_in_full"
    SENT_AHEAD = "sent_ahead"
    HELD_FOR_MONTHS_TO_COME = "held_for_months_to_come"
    EQUAL_BETWEEN_OBLIGATIONS = "equal_between_obligations"
    PRO_RATA_BETWEEN_OBLIGATIONS = "pro_rata_between_obligations"


_RULED_OUT_BY_THE_ORDER: Final = frozenset(
    {Alternative.ARREARS_FIRST, Alternative.KEPT_THOUGH_DUE, Alternative.HELD_THOUGH_DUE}
)


@attrs.frozen
class NotTaken:
    """An alternative that was not taken; `citation` is of the state's choice against it, if it is one."""

    alternative: Alternative
    citation: str | None = None

    def __attrs_post_init__(self) -> None:
        is_choice = self.alternative not in _RULED_OUT_BY_THE_ORDER
        check_invariants(
            self, (is_choice is (self.citation is not None), "a state's choice is cited, and nothing else is")
        )
