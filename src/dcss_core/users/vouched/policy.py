"""Vouching policy: which issuers are believed, for what, how far and for how long.

Decides from the rules alone. Invariant: an issuer that is not listed vouches for nobody.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, NotPermittedError, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.sign_in.session import Assurance

_IS_ON: Final = "accounts.vouching"
_TABLE: Final = "accounts.vouched_issuers"
_MOST_SECONDS: Final = 3600
_CLOCKS_MAY_DIFFER: Final = timedelta(minutes=1)


@attrs.frozen
class TrustedIssuer:
    """What is believed of one issuer: up to which assurance, how old, and whether a first account is made."""

    name: str
    makes_accounts: bool
    assurance: Assurance
    good_for: timedelta

    def believed(self, claimed: Assurance) -> Assurance:
        """How sure the agency is of a sign-in of which the issuer says so much."""
        is_two = claimed is Assurance.AAL2 and self.assurance is Assurance.AAL2
        return Assurance.AAL2 if is_two else Assurance.AAL1

    def is_in_time(self, at: datetime, now: datetime) -> bool:
        """Whether an assertion of an instant is neither too old nor from the future."""
        return now - self.good_for < at <= now + _CLOCKS_MAY_DIFFER


@attrs.frozen
class VouchingPolicy:
    """The issuers that are believed, by name; raises RulesError with every row that can't be."""

    issuers: Mapping[str, TrustedIssuer]

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "VouchingPolicy":
        """Read the policy in force."""
        if not rules.flag(_IS_ON):
            return cls({})
        known = {each.value: each for each in Assurance}
        issuers, faults = {}, []
        for row in rules.table(_TABLE):
            name, assurance, seconds = str(row["issuer"]), str(row["assurance"]), int(str(row["seconds"]))
            if assurance not in known:
                faults.append(Fault(f"{_TABLE}, {name}: assurance", assurance, f"one of {', '.join(known)}"))
            if not 1 <= seconds <= _MOST_SECONDS:
                found = shown_number(seconds)
                faults.append(Fault(f"{_TABLE}, {name}: seconds", found, f"1 to {_MOST_SECONDS}"))
            if not faults:
                issuers[name] = TrustedIssuer(
                    name, bool(row["makes_accounts"]), known[assurance], timedelta(seconds=seconds)
                )
        if faults:
            raise RulesError("nobody outside can vouch under these rules", faults=faults)
        return cls(issuers)

    def of(self, issuer: str) -> TrustedIssuer:
        """What is believed of an issuer; raises NotPermittedError for one that the rules do not list."""
        if issuer not in self.issuers:
            raise NotPermittedError("the rules let this issuer vouch for nobody; list it, or ask another")
        return self.issuers[issuer]
