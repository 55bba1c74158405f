"""Contact policy: how a new contact point is confirmed, and from when on it may receive codes for recovery.

Decides from the rules alone. Invariant: a code to confirm lasts no longer than NIST SP 800-63B-4 §4.2.1.2
lets one last that goes the same way.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce

_MINUTES: Final[Mapping[ContactKind, str]] = {
    ContactKind.EMAIL: "accounts.contact_code_minutes_email",
    ContactKind.MOBILE: "accounts.contact_code_minutes_mobile",
    ContactKind.POSTAL: "accounts.contact_code_minutes_postal",
}
_LONGEST: Final[Mapping[ContactKind, timedelta]] = {  # NIST SP 800-63B-4 §4.2.1.2
    ContactKind.EMAIL: timedelta(hours=24),
    ContactKind.MOBILE: timedelta(minutes=10),
    ContactKind.POSTAL: timedelta(days=21),
}
_COOLING: Final = "accounts.contact_cooling_hours"
_MOST_HOURS: Final = 720
_MINUTE: Final = timedelta(minutes=1)
MOST_WRONG_CODES: Final = 5
"""Codes of 140 bits are not guessed; who types wrong ones has another's letter before them."""


@attrs.frozen
class ContactPolicy:
    """How long a code to confirm is good, by kind, and how long a new contact point waits for recovery.

    Raises RulesError, all faults at once.
    """

    code_minutes: Mapping[ContactKind, int]
    cooling_hours: int

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(_MINUTES[kind], shown_number(minutes), f"1 to {_LONGEST[kind] // _MINUTE}")
            for kind, minutes in self.code_minutes.items()
            if not 1 <= minutes <= _LONGEST[kind] // _MINUTE
        ]
        if not 1 <= self.cooling_hours <= _MOST_HOURS:
            faults.append(Fault(_COOLING, shown_number(self.cooling_hours), f"1 to {_MOST_HOURS}"))
        if faults:
            raise RulesError("contact points can't be changed like this", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "ContactPolicy":
        """Read the policy in force."""
        return policy_of_rules(
            lambda _: cls(
                {kind: rules.integer(key) for kind, key in _MINUTES.items()}, rules.integer(_COOLING)
            ),
            keys={},
        )

    def code_for(self, kind: ContactKind) -> timedelta:
        """How long a code to confirm is good."""
        return timedelta(minutes=self.code_minutes[kind])

    @property
    def cooling(self) -> timedelta:
        """How long a new contact point waits before codes for recovery go there."""
        return timedelta(hours=self.cooling_hours)
