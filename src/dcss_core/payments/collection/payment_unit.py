"""PaymentUnit: the state's own payment unit, as remittances address it.

Decides whether a state's number and the locator code of its payment unit can be what they claim.
Invariant: the locator code is a place of the state itself, so that an entry addressed to another state is
known by comparing two numbers.
"""

from typing import Final

import attrs

from dcss_core.base.locator_code import STATE_NUMBERS, LocatorCode
from dcss_core.errors import Fault, InvalidInputError, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce

_STATE: Final = "agency.state_fips"
_LOCATOR: Final = "agency.payment_unit_locator"
PAYMENT_UNIT_RULES: Final = (_STATE, _LOCATOR)
_ANY_STATE, _ANY_PLACE = "13", LocatorCode("1300000")  # stand in for what was refused


@attrs.frozen
class PaymentUnit:
    """The state disbursement unit (42 USC 654b); `state` is its FIPS number. Raises RulesError."""

    state: str
    locator: LocatorCode

    def __attrs_post_init__(self) -> None:
        if self.locator.state != self.state:
            expected = f"a code of state {self.state}, as agency.state_fips says"
            raise RulesError(
                "this payment unit stands in another state",
                faults=[Fault(_LOCATOR, f"'{self.locator}'", expected)],
            )

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "PaymentUnit":
        """Read the payment unit in force."""
        return policy_of_rules(
            lambda read: cls(
                state=read.value(lambda: state_number(rules), _ANY_STATE),
                locator=read.value(lambda: locator_of_payment_unit(rules), _ANY_PLACE),
            ),
            keys={},
            follows=(_LOCATOR,),
        )


def state_number(rules: RulesInForce) -> str:
    """The state's FIPS number in force; raises RulesError for one that was never assigned (FIPS 5-2)."""
    number = rules.text(_STATE)
    if number not in STATE_NUMBERS:
        expected = "the two digits of a state or territory, as '13'"
        raise RulesError("this is no state", faults=[Fault(_STATE, repr(number), expected)])
    return number


def locator_of_payment_unit(rules: RulesInForce) -> LocatorCode:
    """The locator code in force; raises RulesError for a text that is none."""
    written = rules.text(_LOCATOR)
    try:
        return LocatorCode(written)
    except InvalidInputError as refused:
        faults = [attrs.evolve(fault, where=_LOCATOR, found=repr(written)) for fault in refused.faults]
    raise RulesError("this is no federal locator code", faults=faults)
