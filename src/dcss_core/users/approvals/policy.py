"""ApprovalPolicy: for which acts it takes two people, and how long a first word is good.

Decides what a jurisdiction departs from. Invariant: whoever lets one person, or a job, do alone what is of
high value is told so in `departs_from`, for an auditor to see (OWASP ASVS 5.0.0, 2.3.5).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import attrs

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import Gathering, policy_of_rules
from dcss_core.rules.in_force import RulesInForce

HIGH_VALUE: Final = (
    "oversight.close",
    "payments.identify",
    "remitters.change",
    "remitters.invite_administrator",
    "remitters.open",
    "second_factors.remove_for",
    "staff.appoint",
    "staff.set_roles",
)
"""Verbs that can wait for a second person, and do unless a jurisdiction says otherwise."""

_SET_UP: Final = "staff.appoint"  # a job appoints administrators alone while fewer than two are in use
_GOOD_FOR: Final = "permissions.approval_hours"
_LONGEST: Final = timedelta(days=7)


@attrs.frozen
class ApprovalPolicy:
    """Which verbs need `two_people`, and for how long the first one's word is good; raises RulesError.

    `jobs_alone` are those that a job may do, which needs no second one; the set-up of an agency is none.
    """

    two_people: tuple[str, ...]
    good_for: timedelta
    jobs_alone: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        faults = [*self._faults()]
        if faults:
            raise RulesError("nothing can be approved under these rules", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "ApprovalPolicy":
        """Read the policy in force."""

        def make(read: Gathering) -> ApprovalPolicy:
            rows = {str(row["verb"]): row for row in rules.table("permissions.verbs")}
            valued = [(verb, rows[verb]) for verb in HIGH_VALUE if verb in rows]
            return cls(
                tuple(verb for verb, row in valued if row["people"] == 2),
                read.span(rules, _GOOD_FOR),
                tuple(verb for verb, row in valued if row["jobs"] and verb != _SET_UP),
            )

        return policy_of_rules(make, keys={"good_for": _GOOD_FOR})

    @property
    def departs_from(self) -> tuple[str, ...]:
        """What is of high value and done by one person alone, as a statement of a provision."""
        by_one = [verb for verb in HIGH_VALUE if verb not in self.two_people]
        found = (("one person", by_one), ("a job", self.jobs_alone))
        alone = "; ".join(f"by {whom}: {', '.join(verbs)}" for whom, verbs in found if verbs)
        return (f"OWASP ASVS 5.0.0, 2.3.5 ({alone})",) if alone else ()

    def _faults(self) -> Iterator[Fault]:
        if not timedelta(0) < self.good_for <= _LONGEST:
            hours = self.good_for // timedelta(hours=1)
            yield Fault("good_for", f"{hours}", f"1 to {_LONGEST // timedelta(hours=1)}")
