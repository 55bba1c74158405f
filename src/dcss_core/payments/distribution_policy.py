"""DistributionPolicy: the order in which a collection satisfies debts, as the rules in force state it.

Decides how rule data becomes steps the engine interprets. Invariants: the steps are in the rules'
order and each carries its citation; the policy names the exact rules it was built from, so that a
policy that has moved money can be found again.
"""

import hashlib
import json
from enum import Enum

import attrs

from dcss_core.cases.case import Assistance
from dcss_core.errors import UnknownRuleError
from dcss_core.rules.in_force import RulesInForce


class Bucket(Enum):
    """What a part of a collection goes toward."""

    CURRENT_SUPPORT = "current_support"
    NEVER_ASSIGNED_ARREARS = "never_assigned_arrears"
    FUTURE_SUPPORT = "future_support"


class Payee(Enum):
    """Who receives a part of a collection."""

    FAMILY = "family"


class ArrearsOrder(Enum):
    """In which order arrears of the same bucket are satisfied."""

    OLDEST_FIRST = "oldest_first"
    PRO_RATA = "pro_rata"


class DateOfCollection(Enum):
    """From which day a collection counts (45 CFR 302.51(a)(4))."""

    RECEIPT = "receipt"
    WITHHOLDING = "withholding"


class FutureSupport(Enum):
    """What happens to money for months to come (45 CFR 302.51(b))."""

    HOLD = "hold"
    DISBURSE = "disburse"


@attrs.frozen
class Step:
    """One step of the order: a bucket, who is paid, and the provision that says so."""

    number: int
    bucket: Bucket
    payee: Payee
    rule: str
    citation: str


@attrs.frozen
class DistributionPolicy:
    """The steps for one kind of case, with the choices a state has within them."""

    steps: tuple[Step, ...]
    arrears_order: ArrearsOrder
    future_support: FutureSupport
    future_citation: str
    date_of_collection: DateOfCollection
    jurisdiction: str

    @property
    def version(self) -> str:
        """The jurisdiction and a hash of all that decides, as `US-GA@3f9a…`."""
        deciding = [
            [[step.number, step.bucket.value, step.payee.value] for step in self.steps],
            self.arrears_order.value,
            self.future_support.value,
            self.date_of_collection.value,
        ]
        digest = hashlib.sha256(json.dumps(deciding, separators=(",", ":")).encode()).hexdigest()
        return f"{self.jurisdiction}@{digest[:12]}"

    @classmethod
    def from_rules(cls, rules: RulesInForce, assistance: Assistance) -> "DistributionPolicy | None":
        """The policy for a kind of case; None when the jurisdiction states no order for it."""
        key = f"distribution.{assistance.value}_order"
        try:
            order = rules.cited(key)
        except UnknownRuleError:
            return None
        steps = tuple(
            Step(number, Bucket(row["bucket"]), Payee(row["payee"]), key, order.citation)
            for number, row in enumerate(rules.table(key), start=1)
        )
        return cls(
            steps=steps,
            arrears_order=ArrearsOrder(rules.choice("distribution.arrears_order")),
            future_support=FutureSupport(rules.choice("distribution.future_support")),
            future_citation=rules.cited("distribution.future_support").citation,
            date_of_collection=DateOfCollection(rules.choice("distribution.date_of_collection")),
            jurisdiction=rules.jurisdiction,
        )
