"""`agency.recovery`: a forgotten password, reset by security questions.

Decides nothing that `users.recovery` does not decide. Invariants: two runs of the slow hash for every
attempt, whoever's number it is; questions are shown for every number, real ones or decoys; the new
password goes to the address on file and nowhere else; every attempt is counted and audited together.
"""

from collections.abc import Sequence
from typing import ClassVar

import attrs

from dcss_core.agency.account_filing import ACCOUNTS, RECOVERY_THROTTLES
from dcss_core.agency.account_policies import AccountPolicies
from dcss_core.agency.identity_records import Subject, subject_of
from dcss_core.agency.letters import letterhead
from dcss_core.agency.outbox import put_in_outbox
from dcss_core.agency.resources import Resources
from dcss_core.agency.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.expected_types import checked
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import NotPermittedError
from dcss_core.users.answers import Answer, answers_secret
from dcss_core.users.argon2id import SALT_BYTES
from dcss_core.users.assigned_password import RANDOM_BYTES, assigned_password
from dcss_core.users.password_policy import PasswordContext
from dcss_core.users.recovery import (
    RecoveryThrottle,
    ResetDecision,
    ResetOutcome,
    decide_reset,
)
from dcss_core.users.security_questions import Question, QuestionPolicy, decoy_questions


@attrs.frozen
class RecoveryReopened(Event):
    """Staff let somebody whose recovery was closed try again."""

    kind: ClassVar[str] = "recovery_reopened"
    about: ClassVar[tuple[str, str]] = ("account", "account_id")
    account_id: str | None


@attrs.frozen(repr=False)
class Recovery:
    """The verbs of recovery."""

    _resources: Resources

    @checked
    def questions(self, ssn: Ssn) -> tuple[Question, ...]:
        """The questions to ask somebody with this SSN; for one we don't know, a set that looks alike.

        Raises NotPermittedError where the jurisdiction does not reset passwords by questions.
        """
        offered = self._policies().questions
        if offered is None:
            raise NotPermittedError("passwords are not reset by security questions here; call your office")
        digest = self._resources.sealer.decoy_digest(ssn)
        subject = self._resources.read(lambda work: subject_of(work, self._resources, ssn))
        return _questions_of(subject, offered, digest)

    @checked
    def reset_password(
        self, *, full_name: str, ssn: Ssn, answers: Sequence[Answer], source: str | None = None
    ) -> ResetOutcome:
        """Reset the password of whoever answers all their questions; one public answer to any failure.

        On success an assigned password is on its way to the address on file; it is good for one
        sign-in, and only for choosing another.
        """
        policies = self._policies()
        seen = self._resources.read(lambda work: subject_of(work, self._resources, ssn))
        answers_match = self._answers_match(seen, answers_secret(full_name, answers))
        hasher, random = self._resources.hasher, self._resources.randomness
        assigned = assigned_password(
            random.token_bytes(RANDOM_BYTES), policies.passwords, _context(seen, policies)
        )
        assigned_hash = hasher.hash(assigned, salt=random.token_bytes(SALT_BYTES))

        def verb(work: UnitOfWork) -> ResetOutcome:
            subject = subject_of(work, self._resources, ssn)
            throttle = self._throttle(work, ssn)
            decision = decide_reset(
                subject.account.record if subject.account else None,
                throttle.record if throttle else self._new_throttle(ssn),
                answers_match=answers_match and subject.answers == seen.answers,
                has_address=subject.person is not None and subject.person.email is not None,
                assigned=assigned,
                assigned_hash=assigned_hash,
                policy=policies.recovery,
                history=policies.passwords.history,
                now=work.now,
            )
            if throttle is None:
                work.insert(RECOVERY_THROTTLES, [decision.throttle])
            else:
                work.replace(RECOVERY_THROTTLES, throttle, decision.throttle)
            self._save(work, subject, decision)
            work.audit(decision.events, Actor.public(), source)
            return decision.outcome

        return self._resources.write(verb)

    @checked
    def reopen(self, ssn: Ssn, *, by: Actor) -> bool:
        """Let somebody whose recovery was closed try again; whether it was closed.

        For staff, once they know whom they speak to; the failures counted so far are forgotten.
        """

        def verb(work: UnitOfWork) -> bool:
            throttle = self._throttle(work, ssn)
            if throttle is None or throttle.record.closed_at is None:
                return False
            account = subject_of(work, self._resources, ssn).account
            work.replace(RECOVERY_THROTTLES, throttle, RecoveryThrottle(throttle.record.index))
            work.audit([RecoveryReopened(account.record.account_id if account else None)], by)
            return True

        return self._resources.write(verb)

    def _answers_match(self, seen: Subject, secret: Secret) -> bool:
        if seen.answers is None:  # the same work as for somebody with answers
            self._resources.hasher.spend(secret)
            return False
        return self._resources.hasher.verify(secret, seen.answers.answers_hash)

    def _throttle(self, work: UnitOfWork, ssn: Ssn) -> Kept[RecoveryThrottle] | None:
        # Under an older key's index too: a new key must not forget the failures.
        for index in self._resources.sealer.indexes_of(ssn):
            kept = work.get(RECOVERY_THROTTLES, index)
            if kept is not None:
                return kept
        return None

    def _new_throttle(self, ssn: Ssn) -> RecoveryThrottle:
        return RecoveryThrottle(self._resources.sealer.index_of(ssn))

    def _policies(self) -> AccountPolicies:
        return AccountPolicies.from_rules(self._resources.rules())

    def _save(self, work: UnitOfWork, subject: Subject, decision: ResetDecision) -> None:
        notice, person = decision.notice, subject.person
        if subject.account is not None and decision.account is not None:
            work.replace(ACCOUNTS, subject.account, decision.account)
        if notice is not None and person is not None and person.email is not None:
            head = letterhead(self._resources.jurisdiction.on(self._resources.day_of(work.now)))
            put_in_outbox(
                work,
                head.password_assigned(notice.password, self._resources.local_time(notice.good_until)),
                message_id=f"account/{notice.account_id}/assigned/{self._resources.new_id()}",
                person_id=person.person_id,
                address=person.email,
            )


def _context(subject: Subject, policies: AccountPolicies) -> PasswordContext:
    user_id = subject.account.record.user_id if subject.account else ""
    names = (subject.person.name.full,) if subject.person else ()
    return PasswordContext(user_id, names=names, agency_names=policies.agency_names)


def _questions_of(subject: Subject, policy: QuestionPolicy, digest: bytes) -> tuple[Question, ...]:
    if subject.answers is None:
        return decoy_questions(policy.catalogue, digest, policy.count)
    chosen = set(subject.answers.question_ids)
    return tuple(question for question in policy.catalogue if question.question_id in chosen)
