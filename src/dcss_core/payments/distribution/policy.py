"""DistributionPolicy: the order in which a collection satisfies debts, as the rules in force state it.

Decides how rule data becomes steps the engine interprets. Invariants: the steps are in the rules'
order and each carries its citation; support of months to come is the last of them, so that every
cent finds its place; the policy names the exact rules it was built from, so that a policy that has
moved money can be found again.
"""

import hashlib
import json
from enum import Enum
from functools import cached_property
from typing import TypeVar

import attrs

from dcss_core.base.html.table import html_table
from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.cases.case import Assistance
from dcss_core.errors import Fault, RulesError, UnknownRuleError
from dcss_core.rules.in_force import RulesInForce

E = TypeVar("E", bound=Enum)


class Bucket(OrderedEnum):
    """What a part of a collection goes toward."""

    CURRENT_SUPPORT = "current_support"
    NEVER_ASSIGNED_ARREARS = "never_assigned_arrears"
    FUTURE_SUPPORT = "future_support"


class Payee(OrderedEnum):
    """Who receives a part of a collection."""

    FAMILY = "family"


class ArrearsOrder(Enum):
    """In which order arrears of the same bucket are satisfied."""

    OLDEST_FIRST = "oldest_first"
    PRO_RATA = "pro_rata"


class BetweenObligations(Enum):
    """How money is spread over several obligations that fell due in one month."""

    PRO_RATA = "pro_rata"
    EQUAL = "equal"


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
    arrears_citation: str
    between_obligations: BetweenObligations
    between_citation: str
    future_support: FutureSupport
    future_citation: str
    date_of_collection: DateOfCollection
    jurisdiction: str

    @cached_property
    def version(self) -> str:
        """The jurisdiction and a hash of all that decides, as `US-GA@3f9a…`."""
        deciding = [
            [[step.number, step.bucket.value, step.payee.value] for step in self.steps],
            self.arrears_order.value,
            self.between_obligations.value,
            self.future_support.value,
            self.date_of_collection.value,
        ]
        digest = hashlib.sha256(json.dumps(deciding, separators=(",", ":")).encode()).hexdigest()
        return f"{self.jurisdiction}@{digest[:12]}"

    @classmethod
    def from_rules(cls, rules: RulesInForce, assistance: Assistance) -> "DistributionPolicy | None":
        """The policy for a kind of case; None when the jurisdiction states no order for it.

        Raises RulesError, with every fault, for an order the engine can't follow.
        """
        key = f"distribution.{assistance.value}_order"
        if not rules.declares(key):
            return None
        try:
            order = rules.cited(key)
        except UnknownRuleError:
            return None
        rows = [(str(row["bucket"]), str(row["payee"])) for row in rules.table(key)]
        _refuse_impossible(key, rules, rows)
        return cls(
            steps=tuple(
                Step(number, Bucket(bucket), Payee(payee), key, order.citation)
                for number, (bucket, payee) in enumerate(rows, start=1)
            ),
            arrears_order=ArrearsOrder(rules.choice("distribution.arrears_order")),
            arrears_citation=rules.cited("distribution.arrears_order").citation,
            between_obligations=BetweenObligations(rules.choice("distribution.between_obligations")),
            between_citation=rules.cited("distribution.between_obligations").citation,
            future_support=FutureSupport(rules.choice("distribution.future_support")),
            future_citation=rules.cited("distribution.future_support").citation,
            date_of_collection=DateOfCollection(rules.choice("distribution.date_of_collection")),
            jurisdiction=rules.jurisdiction,
        )

    def _repr_html_(self) -> str:
        steps = [
            (f"step {step.number}", f"{step.bucket.value}, paid to the {step.payee.value}", step.citation)
            for step in self.steps
        ]
        choices = [
            ("order of arrears", self.arrears_order.value, self.arrears_citation),
            ("between obligations", self.between_obligations.value, self.between_citation),
            ("future support", self.future_support.value, self.future_citation),
            ("date of collection", self.date_of_collection.value, None),
        ]
        headings = ("what", "how", "because")
        caption = f"Distribution, {self.version}"
        return html_table(caption, headings, [*steps, *choices], has_row_headings=True)


def _refuse_impossible(key: str, rules: RulesInForce, rows: list[tuple[str, str]]) -> None:
    faults = []
    seen: set[str] = set()
    for number, (bucket, payee) in enumerate(rows, start=1):
        where = f"{key}, step {number}"
        faults += _unless_one_of(Bucket, bucket, f"{where}: bucket")
        faults += _unless_one_of(Payee, payee, f"{where}: payee")
        if bucket in seen:
            faults.append(Fault(f"{where}: bucket", f"'{bucket}' again", "each bucket once"))
        seen.add(bucket)
    if not rows or rows[-1][0] != Bucket.FUTURE_SUPPORT.value:
        last = f"'{rows[-1][0]}'" if rows else "no step"
        expected = f"'{Bucket.FUTURE_SUPPORT.value}', which takes what is left (45 CFR 302.51(b))"
        faults.append(Fault(f"{key}, last step", last, expected))
    if faults:
        raise RulesError(
            f"the distribution order of {rules.jurisdiction} on {rules.day} can't be followed; mend its rule "
            "file",
            faults=faults,
        )


def _unless_one_of(kind: type[E], found: str, where: str) -> list[Fault]:
    known = [member.value for member in kind]
    return [] if found in known else [Fault(where, repr(found), f"one of {', '.join(known)}")]
