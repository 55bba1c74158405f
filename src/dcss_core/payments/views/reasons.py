"""Why a line of a distribution is as it is, in words.

Decides the wording only; `payments.distribution` decides which figures and alternatives there are.
"""

from collections.abc import Mapping
from typing import Final

from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken

_FIGURES: Final[Mapping[InputName, str]] = {
    InputName.LEFT_TO_DISTRIBUTE: "left to distribute",
    InputName.OWED_FOR_MONTH: "owed for {month}",
    InputName.OWED_IN_ALL_THAT_SHARE: "owed in all {debts} debts that share",
    InputName.OWED_AFTER_EARLIER_STEPS: "owed after the earlier steps",
    InputName.LEFT_OVER: "left over",
}

_INSTEAD: Final[Mapping[Alternative, str]] = {
    Alternative.ARREARS_FIRST: (
        "Current support comes before arrears; nothing went to arrears while support of {month} was open."
    ),
    Alternative.KEPT_THOUGH_DUE: "{month} has fallen due, so that nothing is kept for it any longer.",
    Alternative.HELD_THOUGH_DUE: "The month has fallen due, so the money is not held.",
    Alternative.PRO_RATA_OVER_MONTHS: (
        "Pro rata would have paid a part of every open month "
        "(distribution.arrears_order = oldest_first, {citation})."
    ),
    Alternative.OLDEST_MONTHS_IN_FULL: (
        "Oldest first would have paid the earliest months in full "
        "(distribution.arrears_order = pro_rata, {citation})."
    ),
    Alternative.SENT_AHEAD: (
        "Sending it to the family now, which the state does not choose "
        "(distribution.future_support = hold, {citation})."
    ),
    Alternative.HELD_FOR_MONTHS_TO_COME: (
        "Holding it until the months fall due, which the state does not choose "
        "(distribution.future_support = disburse, {citation})."
    ),
    Alternative.EQUAL_BETWEEN_OBLIGATIONS: (
        "Equal parts would have taken no account of how much is owed to each "
        "(distribution.between_obligations = pro_rata, {citation})."
    ),
    Alternative.PRO_RATA_BETWEEN_OBLIGATIONS: (
        "Pro rata would have given each obligation its part of all that is owed "
        "(distribution.between_obligations = equal, {citation})."
    ),
}


def figures_in_words(line: DistributionLine) -> str:
    """The figures a line was worked out from, with their names."""
    return "; ".join(map(_figure, line.inputs))


def instead_in_words(line: DistributionLine) -> str:
    """What was not done instead of a line, and by whose choice."""
    return " ".join(_instead(each, line) for each in line.not_taken)


def _figure(figure: Input) -> str:
    name = _FIGURES[figure.name].format(month=figure.month, debts=figure.debts)
    return f"{name} {figure.amount.display()}"


def _instead(not_taken: NotTaken, line: DistributionLine) -> str:
    return _INSTEAD[not_taken.alternative].format(month=line.month, citation=not_taken.citation)
