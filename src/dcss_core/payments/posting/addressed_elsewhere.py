"""Entries that are addressed to another state's payment unit.

Decides which remarks staff get. Only remarks: case number and SSN say whose money it is, and a wrong address
keeps nobody waiting.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial

from dcss_core.base.locator_code import LocatorCode
from dcss_core.errors import RuleNotInForceError, UnknownRuleError
from dcss_core.payments.collection.payment_unit import PAYMENT_UNIT_RULES, PaymentUnit
from dcss_core.payments.collection.remark import Remark, RemarkKind
from dcss_core.rules.in_force import RulesInForce


def addressed_elsewhere(
    addressed: Mapping[LocatorCode, int], rules: RulesInForce, received_on: date
) -> tuple[Remark, ...]:
    """A remark for each locator code of another state, with how many entries have it."""
    if not addressed:
        return ()
    unknown = next(filter(partial(_is_unknown, rules), PAYMENT_UNIT_RULES), None)
    if unknown is not None:
        return (Remark(RemarkKind.OWN_LOCATOR_NOT_KNOWN, rule=unknown, on=received_on),)
    ours = PaymentUnit.from_rules(rules)
    return tuple(
        Remark(RemarkKind.ADDRESSED_ELSEWHERE, locator=code, entries=count, own_locator=str(ours.locator))
        for code, count in sorted(addressed.items())
        if code.state != ours.state
    )


def _is_unknown(rules: RulesInForce, key: str) -> bool:
    try:
        rules.cited(key)
    except (RuleNotInForceError, UnknownRuleError):
        return True
    return False
