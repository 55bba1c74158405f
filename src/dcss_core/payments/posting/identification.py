"""Identification: staff found the case that held money belongs to.

Decides whether it can be posted there. Invariants: money goes to an open case only, by an order of
distribution that the jurisdiction states; it counts from the day it was received.
"""

from datetime import date, datetime
from typing import Final

from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.cases.case import CaseStatus
from dcss_core.errors import ConflictError, Fault, InvalidInputError, RulesError, RuleViolationError
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus, release
from dcss_core.payments.posting.case_file import CaseFile, PolicyOn
from dcss_core.payments.posting.posted import Posted
from dcss_core.rules.in_force import RulesInForce

_BY_TWO: Final = "permissions.identify_by_two_from"


def require_held(receipt: Receipt) -> None:
    """Refuse a receipt that is not held any more; raises ConflictError."""
    if receipt.status is not ReceiptStatus.HELD:
        raise ConflictError(f"receipt {receipt.receipt_id} is not held; it was posted to a case already")


def identified_by_two_from(rules: RulesInForce) -> Money:
    """The amount from which on two people post held money; 0.00 or more; raises RulesError."""
    amount = rules.money(_BY_TWO)
    if amount < Money("0.00"):
        fault = Fault(_BY_TWO, str(amount), "0.00 or more")
        raise RulesError("no amount of money is below this", faults=[fault])
    return amount


def needs_second_person(receipt: Receipt, rules: RulesInForce) -> bool:
    """Whether it is so much money that two people post it (OWASP ASVS 5.0.0, 2.3.5)."""
    return receipt.amount >= identified_by_two_from(rules)


def identify(
    receipt: Receipt, file: CaseFile, *, policy_on: PolicyOn, today: date, send_by: date | None, at: datetime
) -> tuple[Receipt, Posted]:
    """Post a held receipt to its case, charged through the present month.

    Raises ConflictError as `require_held` does, InvalidInputError for a closed case, RuleViolationError when
    the jurisdiction states no distribution order for the case.
    """
    require_held(receipt)
    case = file.case
    if case.status is CaseStatus.CLOSED:
        fault = Fault("case", f"{case.case_number}, which is closed", "an open case")
        raise InvalidInputError("money can't be posted to a closed case", faults=[fault])
    policy = policy_on(case.assistance, receipt.received_on)
    if policy is None:
        raise RuleViolationError(
            f"the jurisdiction states no distribution order for {case.assistance.value} cases",
            citation="42 USC 657",
        )
    charging = file.charged(Month.of(today), policy_on=policy_on, at=at)
    released = release(receipt, charging.account, policy, send_by=send_by, at=at)
    account = released.account or charging.account
    return released.receipt, Posted(
        {case.case_number: account},
        (*charging.postings, *released.postings),
        (*charging.lines, *released.lines),
        (*charging.events, *released.events),
    )
