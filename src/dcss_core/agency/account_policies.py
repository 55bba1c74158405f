"""The policies on accounts that are in force, read together from the rules."""

import attrs

from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.lockout import LockoutPolicy
from dcss_core.users.password_policy import PasswordPolicy
from dcss_core.users.recovery import RecoveryPolicy
from dcss_core.users.security_questions import QuestionPolicy
from dcss_core.users.session import SessionPolicy


@attrs.frozen
class AccountPolicies:
    """Every policy on accounts; `questions` is None where no security questions are used."""

    passwords: PasswordPolicy
    lockout: LockoutPolicy
    sessions: SessionPolicy
    recovery: RecoveryPolicy
    questions: QuestionPolicy | None
    agency_names: tuple[str, ...]

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "AccountPolicies":
        """Read the policies in force; raises RulesError where they contradict themselves."""
        recovery = RecoveryPolicy.from_rules(rules)
        return cls(
            passwords=PasswordPolicy.from_rules(rules),
            lockout=LockoutPolicy.from_rules(rules),
            sessions=SessionPolicy.from_rules(rules),
            recovery=recovery,
            questions=QuestionPolicy.from_rules(rules) if recovery.offered else None,
            agency_names=(rules.text("agency.name"),),
        )
