"""RecoveryPolicy: by which methods a forgotten password is recovered, and their limits.

Decides nothing about a single recovery. Invariants: a jurisdiction offers at least one method; one that
lets people answer security questions has accepted that risk in writing and says from which provisions
it departs (NIST SP 800-63B-4 §4.2.1: a documented risk analysis); no limit exceeds what the standard
bounds. A reset that staff start is always possible and stands in no rule.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, InvalidInputError, RulesError
from dcss_core.rules.gathering import Gathering, policy_of_rules
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.recovery.throttle import ParticularsLimit

_MOST_FAILURES: Final = 100  # NIST SP 800-63B-4 §3.2.2
_LONGEST_CODE: Final = timedelta(hours=24)  # NIST SP 800-63B-4 §4.2.1.2, by e-mail
_LONGEST_BY_TEXT: Final = timedelta(minutes=10)  # NIST SP 800-63B-4 §4.2.1.2, by text message
_MOST_LETTERS: Final = 100  # each stands in the row until its window is over
_METHODS: Final = "accounts.recovery_methods"
_KEYS: Final = {
    "recovery_failure_limit": "accounts.recovery_failure_limit",
    "issued_code_failure_limit": "accounts.issued_code_failure_limit",
    "recovery_letter_limit": "accounts.recovery_letter_limit",
    "recovery_failure_window": "accounts.recovery_failure_window_hours",
    "assigned_password": "accounts.assigned_password_hours",
    "recovery_letter_window": "accounts.recovery_letter_window_minutes",
    "staff_reset": "accounts.staff_reset_hours",
    "issued_code": "accounts.issued_code_minutes",
    "text_code": "accounts.text_code_minutes",
}


class RecoveryMethod(Enum):
    """How somebody who forgot the password gets another without staff."""

    ISSUED_CODE = "issued_code"
    SECURITY_QUESTIONS = "security_questions"


@attrs.frozen
class RecoveryPolicy:
    """The methods of recovery and their limits; raises RulesError, all faults at once.

    `failure_limit` within `window` is for one SSN, `code_failure_limit` for one code, `letter_limit`
    within `letter_window` for one account and one sort of letter. `code_for` is of a code by e-mail,
    `text_code_for` of one by text message.
    """

    methods: tuple[RecoveryMethod, ...]
    failure_limit: int
    window: timedelta
    assigned_for: timedelta
    code_for: timedelta
    text_code_for: timedelta
    code_failure_limit: int
    letter_limit: int
    letter_window: timedelta
    staff_reset_for: timedelta
    risk_acceptance: str = ""
    departs_from: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        faults = [*self._faults_of_methods(), *self._faults_of_counts(), *self._faults_of_spans()]
        if faults:
            raise RulesError("passwords can't be recovered under these rules", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "RecoveryPolicy":
        """Read the policy in force."""

        none: tuple[RecoveryMethod, ...] = ()

        def make(read: Gathering) -> RecoveryPolicy:
            methods = read.value(lambda: recovery_methods(rules), none)
            by_questions = RecoveryMethod.SECURITY_QUESTIONS in methods
            accepted = rules.text("accounts.security_question_risk_acceptance") if by_questions else ""
            return cls(
                methods=methods,
                failure_limit=rules.integer("accounts.recovery_failure_limit"),
                window=read.span(rules, "accounts.recovery_failure_window_hours"),
                assigned_for=read.span(rules, "accounts.assigned_password_hours"),
                code_for=read.span(rules, "accounts.issued_code_minutes"),
                text_code_for=read.span(rules, "accounts.text_code_minutes"),
                code_failure_limit=rules.integer("accounts.issued_code_failure_limit"),
                letter_limit=rules.integer("accounts.recovery_letter_limit"),
                letter_window=read.span(rules, "accounts.recovery_letter_window_minutes"),
                staff_reset_for=read.span(rules, "accounts.staff_reset_hours"),
                risk_acceptance=accepted,
                departs_from=rules.texts("accounts.security_question_departs_from") if by_questions else (),
            )

        return policy_of_rules(make, keys=_KEYS, follows=(_METHODS,))

    @property
    def particulars(self) -> ParticularsLimit:
        """How many wrong particulars close recovery, or registration, for one person."""
        return ParticularsLimit(self.failure_limit, self.window)

    def offers(self, method: RecoveryMethod) -> bool:
        """Whether people can recover their password this way."""
        return method in self.methods

    def code_lasts(self, way: ContactKind) -> timedelta:
        """How long a code is good that goes this way; raises InvalidInputError for one that none goes."""
        lasts = {ContactKind.EMAIL: self.code_for, ContactKind.MOBILE: self.text_code_for}.get(way)
        if lasts is None:
            fault = Fault("way", way.value, f"{ContactKind.EMAIL.value} or {ContactKind.MOBILE.value}")
            raise InvalidInputError("no code for a new password goes this way", faults=[fault])
        return lasts

    def _faults_of_methods(self) -> Iterator[Fault]:
        if not self.methods:  # NIST SP 800-63B-4 §4.2.1
            yield Fault(_METHODS, "none", "at least one")
        is_accepted = bool(self.risk_acceptance and self.departs_from)
        if self.offers(RecoveryMethod.SECURITY_QUESTIONS) and not is_accepted:
            expected = "this method only with a risk acceptance and what it departs from"
            yield Fault(_METHODS, repr(RecoveryMethod.SECURITY_QUESTIONS.value), expected)

    def _faults_of_counts(self) -> Iterator[Fault]:
        for name, count in (
            ("recovery_failure_limit", self.failure_limit),
            ("issued_code_failure_limit", self.code_failure_limit),
        ):
            if not 1 <= count <= _MOST_FAILURES:
                yield Fault(name, shown_number(count), f"1 to {_MOST_FAILURES}")
        if not 1 <= self.letter_limit <= _MOST_LETTERS:
            expected = f"1 to {_MOST_LETTERS}"
            yield Fault("recovery_letter_limit", shown_number(self.letter_limit), expected)

    def _faults_of_spans(self) -> Iterator[Fault]:
        for name, span in (
            ("recovery_failure_window", self.window),
            ("assigned_password", self.assigned_for),
            ("recovery_letter_window", self.letter_window),
            ("staff_reset", self.staff_reset_for),
        ):
            if span <= timedelta(0):
                yield Fault(name, str(span), "a positive time")
        if not timedelta(0) < self.code_for <= _LONGEST_CODE:
            yield Fault("issued_code", str(self.code_for), "a positive time of at most 24 hours")
        if not timedelta(0) < self.text_code_for <= _LONGEST_BY_TEXT:
            expected = "a positive time of at most 10 minutes"
            yield Fault("text_code", str(self.text_code_for), expected)


def recovery_methods(rules: RulesInForce) -> tuple[RecoveryMethod, ...]:
    """The methods in force; raises RulesError for one that there is not."""
    known = {method.value: method for method in RecoveryMethod}
    written = rules.texts(_METHODS)
    expected = f"one of {', '.join(known)}"
    strange = [Fault(_METHODS, repr(text), expected) for text in written if text not in known]
    if strange:
        raise RulesError("these rules name a method of recovery that there is not", faults=strange)
    return tuple(known[text] for text in written)
