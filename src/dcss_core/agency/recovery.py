"""`agency.recovery`: a forgotten password or user id, recovered by the owner alone.

Decides nothing that `users` does not decide. Invariants: one public answer to each failure; questions are
shown for every number, real ones or decoys, and two runs of the slow hash made for every attempt to answer
them; whatever opens an account goes to the address on file and nowhere else; nothing here signs anybody in
or ends a lock; every attempt is counted and audited together.
"""

from collections.abc import Sequence

import attrs

from dcss_core.agency.account_filing import ACCOUNTS
from dcss_core.agency.account_letters import letterhead_on, notify
from dcss_core.agency.account_policies import AccountPolicies
from dcss_core.agency.identity_records import Subject, subject_of
from dcss_core.agency.issued_codes import IssuedCodes
from dcss_core.agency.password_checks import PasswordChecks
from dcss_core.agency.recovery_records import save_throttle, throttle_of
from dcss_core.agency.resources import Resources
from dcss_core.agency.source import written_source
from dcss_core.agency.staff_check import write_as
from dcss_core.agency.throttling import count_failure, is_throttled
from dcss_core.agency.unit_of_work import UnitOfWork
from dcss_core.agency.user_id_reminders import UserIdReminder
from dcss_core.audit.actor import Actor
from dcss_core.base.expected_types import checked
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import NotPermittedError
from dcss_core.users.answers import Answer, answers_secret
from dcss_core.users.assigned_password import RANDOM_BYTES, assigned_password
from dcss_core.users.issued_code import CodeRequested
from dcss_core.users.password_choice import PasswordChoiceOutcome
from dcss_core.users.password_policy import PasswordContext
from dcss_core.users.recovery import ResetDecision, ResetOutcome, ResetRefused, decide_reset
from dcss_core.users.recovery_events import RecoveryReopened
from dcss_core.users.recovery_policy import RecoveryMethod
from dcss_core.users.recovery_throttle import RecoveryThrottle
from dcss_core.users.security_questions import Question, QuestionPolicy, decoy_questions
from dcss_core.users.staff_member import StaffRole
from dcss_core.users.throttle import ThrottledFlow
from dcss_core.users.user_id import key_of
from dcss_core.users.user_id_reminder import UserIdRequested

_BY_SOURCE = ThrottledFlow.RECOVERY_BY_SOURCE


@attrs.frozen(repr=False)
class Recovery:
    """The verbs of recovery. `source` is where a request comes from, such as an IP address."""

    _resources: Resources
    _passwords: PasswordChecks

    @checked
    def request_code(self, user_id: str, *, source: str | None = None) -> CodeRequested:
        """Have a code sent to the address on file; the one answer to everybody.

        It is good for `choose_password` alone, once and for minutes, and replaces one sent before. Raises
        NotPermittedError where the jurisdiction issues no codes.
        """
        return self._codes(user_id, source).request()

    @checked
    def choose_password(
        self, user_id: str, code: Secret, new_password: Secret, *, source: str | None = None
    ) -> PasswordChoiceOutcome:
        """Choose a new password with a code; nobody is signed in by it, and every session ends.

        CodeRefused is the one answer to whatever is wrong with user id or code; ChoiceRefused tells the
        holder of a good code what is wrong with the new password, and the code stays good. Raises
        NotPermittedError where the jurisdiction issues no codes.
        """
        return self._codes(user_id, source).choose(code, new_password)

    @checked
    def send_user_id(self, *, full_name: str, ssn: Ssn, source: str | None = None) -> UserIdRequested:
        """Have a forgotten user id sent to the address on file; the one answer to everybody."""
        policies = self._resources.account_policies()
        return UserIdReminder(self._resources, policies, full_name, ssn, written_source(source)).outcome()

    @checked
    def questions(self, ssn: Ssn) -> tuple[Question, ...]:
        """The questions to ask somebody with this SSN; for one we don't know, a set that looks alike.

        Raises NotPermittedError where the jurisdiction does not reset passwords by questions.
        """
        offered = self._resources.account_policies().questions
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
        policies, source = self._resources.account_policies(), written_source(source)
        seen = self._resources.read(lambda work: subject_of(work, self._resources, ssn))
        answers_match = self._answers_match(seen, answers_secret(full_name, answers))
        random = self._resources.randomness.token_bytes(RANDOM_BYTES)
        assigned = assigned_password(random, policies.passwords, self._context(seen, policies))
        assigned_hash = self._passwords.hashed(assigned)

        def verb(work: UnitOfWork) -> ResetOutcome:
            subject = subject_of(work, self._resources, ssn)
            throttle = throttle_of(work, self._resources, ssn)
            decision = decide_reset(
                subject.account.record if subject.account else None,
                throttle.record,
                answers_match=answers_match and subject.answers == seen.answers,
                has_address=subject.person is not None and subject.person.email is not None,
                assigned=assigned,
                assigned_hash=assigned_hash,
                policy=policies.recovery,
                history=policies.passwords.history,
                now=work.now,
                is_throttled=is_throttled(work, _BY_SOURCE, source),
            )
            save_throttle(work, throttle, decision.throttle)
            self._save(work, subject, decision)
            events = decision.events
            if isinstance(decision.outcome, ResetRefused):
                events += count_failure(work, _BY_SOURCE, source, policies.throttles)
            work.audit(events, Actor.public(), source)
            return decision.outcome

        return self._resources.write(verb)

    @checked
    def reopen(self, ssn: Ssn, *, by: Actor) -> bool:
        """Let somebody whose recovery was closed try again; whether it was closed.

        For the help desk, once they know whom they speak to; the failures counted so far are forgotten.
        Raises NotPermittedError without that role.
        """

        def verb(work: UnitOfWork) -> bool:
            throttle = throttle_of(work, self._resources, ssn)
            if not throttle.record.is_closed:
                return False
            account = subject_of(work, self._resources, ssn).account
            save_throttle(work, throttle, RecoveryThrottle(throttle.record.index))
            work.audit([RecoveryReopened(account.record.account_id if account else None)], by)
            return True

        return write_as(self._resources, by, StaffRole.HELP_DESK, verb)

    def _codes(self, user_id: str, source: str | None) -> IssuedCodes:
        policies = self._resources.account_policies()
        if not policies.recovery.offers(RecoveryMethod.ISSUED_CODE):
            raise NotPermittedError("no codes are issued here; recover the password another way")
        return IssuedCodes(
            self._resources, self._passwords, policies, key_of(user_id), written_source(source)
        )

    def _answers_match(self, seen: Subject, secret: Secret) -> bool:
        if seen.answers is None:  # the same work as for somebody with answers
            self._resources.hasher.spend(secret)
            return False
        return self._resources.hasher.verify(secret, seen.answers.answers_hash)

    def _context(self, subject: Subject, policies: AccountPolicies) -> PasswordContext:
        user_id = subject.account.record.user_id if subject.account else ""
        names = (subject.person.name.full,) if subject.person else ()
        return PasswordContext(user_id, names=names, agency_names=policies.agency_names)

    def _save(self, work: UnitOfWork, subject: Subject, decision: ResetDecision) -> None:
        if subject.account is None or decision.account is None:
            return
        work.replace(ACCOUNTS, subject.account, decision.account)
        if decision.notice is not None:
            good_until = self._resources.local_time(decision.notice.good_until)
            head = letterhead_on(work, self._resources)
            letter = head.password_assigned(decision.notice.password, good_until)
            notify(work, decision.account, letter, f"assigned/{self._resources.new_id()}")


def _questions_of(subject: Subject, policy: QuestionPolicy, digest: bytes) -> tuple[Question, ...]:
    if subject.answers is None:
        return decoy_questions(policy.catalogue, digest, policy.count)
    chosen = set(subject.answers.question_ids)
    return tuple(question for question in policy.catalogue if question.question_id in chosen)
