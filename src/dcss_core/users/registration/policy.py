"""RegistrationPolicy: which number a parent shows to register, beside name, birth date and an identifier.

Decides nothing about a single registration. Invariant: an SSN is among what is accepted. To accept NONE opens
registration only to people who have neither SSN nor ITIN on file.
"""

from enum import Enum
from typing import Final

import attrs

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce

_KEY: Final = "accounts.registration_identified_by"


class RegistrationNumber(Enum):
    """A number that a parent shows to register; NONE is for those who have neither SSN nor ITIN."""

    SSN = "ssn"
    ITIN = "itin"
    NONE = "none"


@attrs.frozen
class RegistrationPolicy:
    """The numbers that are accepted; raises RulesError without the SSN, which nearly everybody has."""

    identified_by: tuple[RegistrationNumber, ...]

    def __attrs_post_init__(self) -> None:
        if RegistrationNumber.SSN not in self.identified_by:
            found = ", ".join(each.value for each in self.identified_by) or "none of them"
            raise RulesError(
                "nobody can register under these rules", faults=[Fault(_KEY, found, "ssn among them")]
            )

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "RegistrationPolicy":
        """Read the policy in force; raises RulesError for a number that there is not."""
        known = {each.value: each for each in RegistrationNumber}
        written = rules.texts(_KEY)
        expected = f"one of {', '.join(known)}"
        strange = [Fault(_KEY, repr(text), expected) for text in written if text not in known]
        if strange:
            raise RulesError("these rules name a number that there is not", faults=strange)
        return cls(tuple(known[text] for text in written))
