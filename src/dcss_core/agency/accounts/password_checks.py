"""Password checks: the slow hash, the policy and the list of breached passwords, asked together.

Invariants: a password is verified with exactly one run of the hash, whether or not there is an account; a
list of breached passwords is asked outside of any transaction, and only about a password that nothing else
speaks against; that it did not answer is in the audit log.
"""

import attrs

from dcss_core.agency.filing.accounts import SECOND_FACTORS
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.secret import Secret
from dcss_core.cases.people.person import Person
from dcss_core.ports.breach_check import SeenInBreaches
from dcss_core.users.account import Account
from dcss_core.users.events import BreachListUnavailable
from dcss_core.users.hashing.password_hash import SALT_BYTES, PasswordHash
from dcss_core.users.passwords.assigned import RANDOM_BYTES, assigned_password
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.passwords.password import Password, PasswordViolation, prepare_password
from dcss_core.users.passwords.policy import PasswordContext
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.security_questions import AnswerContext
from dcss_core.users.recovery.worthless_answers import Particulars
from dcss_core.users.second_factor.factor import factor_standing
from dcss_core.users.sign_in.session import FactorStanding


@attrs.frozen(repr=False)
class PasswordChecks:
    """What verbs ask about passwords."""

    _resources: Resources

    def matches(self, password: Password, account: Account | None) -> bool:
        """Exactly one run of the hash, whether or not there is an account."""
        if account is None:
            self._resources.hasher.spend(password)
            return False
        return self._resources.hasher.verify(password, account.password_hash)

    def hashed(self, secret: Secret) -> PasswordHash:
        """Hash with a fresh salt: one run."""
        return self._resources.hasher.hash(secret, salt=self._resources.randomness.token_bytes(SALT_BYTES))

    def assigned(self, policies: AccountPolicies, context: PasswordContext) -> tuple[Password, PasswordHash]:
        """A password that the agency assigns to somebody, and its hash: one run."""
        # What it is made from stands in no variable: a traceback may show those, long after the letter left.
        assigned = assigned_password(
            self._resources.randomness.token_bytes(RANDOM_BYTES), policies.passwords, context
        )
        return assigned, self.hashed(assigned)

    def rehashed(self, password: Password, account: Account | None) -> PasswordHash | None:
        """The same password hashed anew where it was hashed in a way of the past."""
        outdated = account is not None and self._resources.hasher.needs_rehash(account.password_hash)
        return self.hashed(password) if outdated else None

    def typed(self, typed: Secret) -> Password | PasswordViolation:
        """What was typed, normalised as the policy in force says."""
        return prepare_password(typed, self._resources.account_policies().passwords.normalize)

    def typed_or_empty(self, typed: Secret) -> Password:
        """A password to verify: what can't be one is as wrong as an empty one, at the same cost."""
        prepared = self.typed(typed)
        return prepared if isinstance(prepared, Password) else Password("")

    def violations(
        self,
        prepared: Password | PasswordViolation,
        account: Account,
        policies: AccountPolicies,
        *,
        is_forced: bool = False,
    ) -> tuple[PasswordViolation, ...]:
        """Every reason against a new password of this account: one run, and one for each earlier password.

        For somebody who has shown that the account is theirs. `is_forced` says that it must be changed now,
        so that no minimum age holds.
        """
        if not isinstance(prepared, Password):
            return (prepared,)
        same = self._resources.hasher.verify(prepared, account.password_hash)
        earlier = [self._resources.hasher.verify(prepared, each) for each in account.earlier_hashes]
        assigned = account.assigned_until is not None
        context = attrs.evolve(
            self.context(account, policies),
            same_as_current=same and not assigned,
            same_as_assigned=same and assigned,
            used_before=any(earlier),
            current_age=self._resources.now() - account.password_set_at,
            is_forced=is_forced or account.change_reason is not None,
        )
        found = policies.passwords.violations(prepared, context)
        return found or self.breach_violations(prepared, policies)

    def seen_faults(
        self, prepared: Password | PasswordViolation, account: Account, policies: AccountPolicies
    ) -> tuple[PasswordViolation, ...]:
        """What anybody sees against a new password of this account: no run, and no list is asked."""
        if not isinstance(prepared, Password):
            return (prepared,)
        return policies.passwords.violations(prepared, self.context(account, policies))

    def breach_violations(
        self, password: Password, policies: AccountPolicies
    ) -> tuple[PasswordViolation, ...]:
        """The reason against a password that stands in a list of breached ones; asks the list."""
        checking = policies.passwords.breach_check
        if checking is BreachChecking.OFF:
            return ()
        violation = checking.violation(self._times_seen(password), most=policies.passwords.max_breaches)
        return () if violation is None else (violation,)

    def context(self, account: Account, policies: AccountPolicies) -> PasswordContext:
        """What is known of the owner of an account; nothing is asked about breaches."""
        with_mfa, full_name = self._resources.read(lambda work: self._known(work, account, policies))
        return PasswordContext(
            account.user_id,
            names=(full_name,) if full_name else (),
            agency_names=policies.agency_names,
            with_mfa=with_mfa,
            breach_count=0,
        )

    def answer_context(self, account: Account, typed: Password) -> AnswerContext:
        """What the owner of an account may not give as a security answer, besides the password they typed."""
        person = self._resources.read(lambda work: _person(work, account))
        if person is None:
            return AnswerContext(account.user_id, "", typed)
        identifiers = tuple(str(each) for each in (person.irn, person.client_id) if each is not None)
        particulars = Particulars(person.ssn, person.birth_date, identifiers)
        return AnswerContext(account.user_id, person.name.full, typed, particulars)

    def _known(self, work: UnitOfWork, account: Account, policies: AccountPolicies) -> tuple[bool, str]:
        factor = work.get(SECOND_FACTORS, account.account_id)
        standing = factor_standing(
            factor.record if factor else None, demanded=policies.second_factor_demanded
        )
        return standing is not FactorStanding.NOT_USED, _full_name(work, account)

    def _times_seen(self, password: Password) -> int | None:
        if self._resources.breach_check is None:
            return None
        answer = self._resources.breach_check.look_up(password)
        if isinstance(answer, SeenInBreaches):
            return answer.times
        unanswered = BreachListUnavailable("breaches", answer.reason)
        self._resources.write(lambda work: work.audit([unanswered], Actor.system("breach-check")))
        return None


def _full_name(work: UnitOfWork, account: Account) -> str:
    person = _person(work, account)
    return person.name.full if person else ""


def _person(work: UnitOfWork, account: Account) -> Person | None:
    kept = work.get(PEOPLE, account.person_id) if account.person_id is not None else None
    return kept.record if kept else None
