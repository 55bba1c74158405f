"""The policies on accounts that are in force, read together from the rules."""

from collections.abc import Callable

import attrs

from dcss_core.base.html.settings import html_settings
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.approvals.policy import ApprovalPolicy
from dcss_core.users.idleness import IdlenessPolicy
from dcss_core.users.passwords.expiry import ReminderPolicy
from dcss_core.users.passwords.policy import PasswordPolicy
from dcss_core.users.recovery.policy import RecoveryPolicy
from dcss_core.users.recovery.security_questions import QuestionPolicy
from dcss_core.users.registration.policy import RegistrationPolicy
from dcss_core.users.sign_in.banner import Banner
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.session import SessionPolicy
from dcss_core.users.sign_in.throttle import ThrottlePolicy
from dcss_core.users.vouched.policy import VouchingPolicy


@attrs.frozen
class AccountPolicies:
    """Every policy on accounts.

    `profile` names the standard that the rules follow; `questions` is None where no security questions
    are used; `second_factor_demanded` says whether everybody must have a second factor,
    `passkey_sign_in` whether a passkey alone signs its owner in, `private_payers_register` whether somebody
    makes an account to pay for a payer.
    """

    profile: str
    passwords: PasswordPolicy
    lockout: LockoutPolicy
    sessions: SessionPolicy
    registration: RegistrationPolicy
    recovery: RecoveryPolicy
    questions: QuestionPolicy | None
    throttles: ThrottlePolicy
    banner: Banner
    approvals: ApprovalPolicy
    vouching: VouchingPolicy
    second_factor_demanded: bool
    passkey_sign_in: bool
    private_payers_register: bool
    agency_names: tuple[str, ...]

    @classmethod
    def readers(cls) -> tuple[Callable[[RulesInForce], object], ...]:
        """Each policy by itself, so that a fault of one hides none of another."""
        return (
            PasswordPolicy.from_rules,
            LockoutPolicy.from_rules,
            SessionPolicy.from_rules,
            RegistrationPolicy.from_rules,
            RecoveryPolicy.from_rules,
            QuestionPolicy.from_rules,
            ThrottlePolicy.from_rules,
            ReminderPolicy.from_rules,
            IdlenessPolicy.from_rules,
            ApprovalPolicy.from_rules,
            VouchingPolicy.from_rules,
            lambda rules: rules.text("accounts.profile"),
            lambda rules: rules.text("accounts.banner"),
            lambda rules: rules.flag("accounts.second_factor_demanded"),
            lambda rules: rules.flag("accounts.passkey_sign_in"),
            lambda rules: rules.flag("accounts.private_payers_register"),
        )

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "AccountPolicies":
        """Read the policies in force; raises RulesError where they contradict themselves."""
        return cls(
            profile=rules.text("accounts.profile"),
            passwords=PasswordPolicy.from_rules(rules),
            lockout=LockoutPolicy.from_rules(rules),
            sessions=SessionPolicy.from_rules(rules),
            registration=RegistrationPolicy.from_rules(rules),
            recovery=RecoveryPolicy.from_rules(rules),
            questions=QuestionPolicy.from_rules(rules),
            throttles=ThrottlePolicy.from_rules(rules),
            banner=Banner(rules.text("accounts.banner")),
            approvals=ApprovalPolicy.from_rules(rules),
            vouching=VouchingPolicy.from_rules(rules),
            second_factor_demanded=rules.flag("accounts.second_factor_demanded"),
            passkey_sign_in=rules.flag("accounts.passkey_sign_in"),
            private_payers_register=rules.flag("accounts.private_payers_register"),
            agency_names=(rules.text("agency.name"),),
        )

    @property
    def departs_from(self) -> tuple[str, ...]:
        """Every provision from which the rules say that they depart, for a report to an auditor."""
        each = (self.passwords.departs_from, self.recovery.departs_from, self.approvals.departs_from)
        return tuple(dict.fromkeys(statement for some in each for statement in some))

    def _repr_html_(self) -> str:
        return html_settings("Policies on accounts", self)
