"""Recovery by questions: from what was typed to a reset password, or to one more failure.

Invariants: two runs of the slow hash whatever was typed, and whether or not there is anybody; their verdict
counts only for the answers it was given for; nothing is done for a source that is closed; the owner is told
when recovery closes, by a letter that is owed for everybody alike.
"""

import attrs

from dcss_core.agency.accounts.letters import code_address_of, notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.counted import save_throttle, subject_read_alike, throttle_of
from dcss_core.agency.callers.found import Subject, on_file
from dcss_core.agency.callers.throttling import count_failure, is_throttled, is_turned_away
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.sending.owing import owe_letters
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.cases.people.person import Person
from dcss_core.letters.carried import CarriedPassword
from dcss_core.users.events import PasswordResetFailed, ResetRefusal
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import Password
from dcss_core.users.passwords.policy import PasswordContext
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.answers import TypedAnswers
from dcss_core.users.recovery.by_questions import ResetDecision, ResetOutcome, ResetRefused, decide_reset
from dcss_core.users.recovery.security_questions import SecurityAnswers
from dcss_core.users.sign_in.throttle import ThrottledFlow

_BY_SOURCE = ThrottledFlow.RECOVERY_BY_SOURCE


@attrs.frozen
class _Found:
    """What was found out outside the writing transaction, about the answers as they were seen there."""

    answers: SecurityAnswers | None
    answers_match: bool
    assigned: Password
    assigned_hash: PasswordHash


@attrs.frozen(repr=False)
class PasswordResetting:
    """One attempt."""

    _resources: Resources
    _passwords: PasswordChecks
    _policies: AccountPolicies
    ssn: TaxpayerNumber
    full_name: str
    typed: TypedAnswers
    source: str | None

    def outcome(self) -> ResetOutcome:
        """Make the attempt, count it and record it."""
        throttled = PasswordResetFailed(None, ResetRefusal.SOURCE_THROTTLED)
        if is_turned_away(self._resources, _BY_SOURCE, self.source, self._policies.throttles, throttled):
            return ResetRefused()
        found = self._found_out()
        return self._resources.write(lambda work: self._settled(work, found))

    def _found_out(self) -> _Found:
        seen = self._resources.read(lambda work: subject_read_alike(work, self.ssn))
        answers = self._enrolled(seen)
        matches = self._matches(seen.person, answers)
        return _Found(answers, matches, *self._passwords.assigned(self._policies, self._context(seen)))

    def _enrolled(self, subject: Subject) -> SecurityAnswers | None:
        """The answers, while they are such as are asked for; others can't be given, so they reset nothing."""
        questions = self._policies.questions
        fits = questions is not None and subject.answers is not None and subject.answers.fit(questions)
        return subject.answers if fits else None

    def _matches(self, person: Person | None, answers: SecurityAnswers | None) -> bool:
        hasher, typed = self._resources.hasher, self.typed
        if person is None or answers is None:  # the same work as for somebody with answers
            hasher.spend(typed.enrolled_now)
            return False
        if answers.are_hashed_with_name:
            return hasher.verify(typed.enrolled_with_name, answers.answers_hash)
        are_right = hasher.verify(typed.enrolled_now, answers.answers_hash)
        is_named = on_file(person).is_named(self.full_name)  # also where the answers are wrong, for the time
        return are_right and is_named

    def _context(self, subject: Subject) -> PasswordContext:
        user_id = subject.account.record.user_id if subject.account else ""
        names = (subject.person.name.full,) if subject.person else ()
        return PasswordContext(user_id, names=names, agency_names=self._policies.agency_names)

    def _settled(self, work: UnitOfWork, found: _Found) -> ResetOutcome:
        subject = subject_read_alike(work, self.ssn)
        throttle = throttle_of(work, self.ssn)
        decision = decide_reset(
            subject.account.record if subject.account else None,
            throttle.record,
            answers_match=found.answers_match and self._enrolled(subject) == found.answers,
            has_address=code_address_of(work, subject.account.record if subject.account else None)
            is not None,
            assigned=found.assigned,
            assigned_hash=found.assigned_hash,
            policy=self._policies.recovery,
            history=self._policies.passwords.history,
            now=work.now,
            is_throttled=is_throttled(work, _BY_SOURCE, self.source),
        )
        save_throttle(work, throttle, decision.throttle)
        self._save(work, subject, decision)
        is_refused = isinstance(decision.outcome, ResetRefused)
        counted = count_failure(work, _BY_SOURCE, self.source, self._policies.throttles) if is_refused else ()
        owe_letters(work, decision.events, self.source)
        work.audit((*decision.events, *counted), Actor.public(), self.source)
        return decision.outcome

    def _save(self, work: UnitOfWork, subject: Subject, decision: ResetDecision) -> None:
        if subject.account is None or decision.account is None:
            return
        work.replace(ACCOUNTS, subject.account, decision.account)
        if decision.notice is not None:
            good_until = work.local_time(decision.notice.good_until)
            carried = CarriedPassword(decision.notice.password, good_until)
            notify(work, decision.account, decision.events, carried)
