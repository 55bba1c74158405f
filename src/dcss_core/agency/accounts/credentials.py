"""`agency.credentials`: change the password and the security answers, from inside a session.

Invariants: the current password is asked again before anything changes, and before anything is hashed; the
slow hash runs outside the writing transaction.
"""

from collections.abc import Sequence

import attrs

from dcss_core.agency.accounts.asking_again import AskedAgain, AskingAgain
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.accounts.reminders import Reminders
from dcss_core.agency.callers.caller import Caller, written_source
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.accounts import ACCOUNTS, SECURITY_ANSWERS, SESSIONS
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.secret import Secret
from dcss_core.errors import NotPermittedError
from dcss_core.users.account import Account
from dcss_core.users.passwords.change import (
    PasswordChangeDecision,
    PasswordChangeOutcome,
    decide_password_change,
    require_may_change,
)
from dcss_core.users.passwords.password import Password
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.recovery.answers import Answer, enrolled_secret
from dcss_core.users.recovery.answers_change import (
    AnswersChangeDecision,
    AnswersChangeOutcome,
    decide_answers_change,
)
from dcss_core.users.recovery.security_questions import AnswerContext, AnswersDue, enrolment_violations
from dcss_core.users.sign_in.session import SessionToken


@attrs.frozen(repr=False)
class Credentials:
    """The verbs on what an account is opened with. `source` is where a request comes from."""

    _resources: Resources
    _door: Door
    _passwords: PasswordChecks
    _asking: AskingAgain

    @verb
    def change_password(
        self, token: SessionToken, *, current: Secret, new: Secret, source: str | None = None
    ) -> PasswordChangeOutcome:
        """Choose another password; on success the caller goes on with a new token.

        Every other session ends. Raises NotPermittedError when the session has ended.
        """
        policies, source = self._resources.account_policies(), written_source(source)
        asked = self._asking.asked(
            "credentials.change_password",
            token,
            current,
            source,
            policies,
            allowed=lambda _, own: require_may_change(own.holder.session.record),
        )
        weighed = self._weighed(asked, new)
        next_token = self._resources.new_token()

        def act(work: UnitOfWork, caller: Admitted) -> PasswordChangeOutcome:
            account = caller.holder.account.record
            decision = decide_password_change(
                account,
                caller.holder.session.record,
                checked=asked.judged(work, account),
                new=weighed,
                token=next_token,
                history=policies.passwords.history,
                sessions=policies.sessions,
                now=work.now,
                factor_demanded=policies.second_factor_demanded,
            )
            _save_change(work, caller, decision, source)
            return decision.outcome

        return self._door.write("credentials.change_password", token, act)

    def _weighed(self, asked: AskedAgain, new: Secret) -> WeighedPassword:
        """What speaks against a new password; of the hash only for whoever gave the current one.

        Anybody else learns what needs no hash, so that no wrong guess costs a run for each earlier password.
        """
        prepared = self._passwords.typed(new)
        if not asked.verdict.matches:
            return WeighedPassword(self._passwords.seen_faults(prepared, asked.account, asked.policies))
        violations = self._passwords.violations(prepared, asked.account, asked.policies)
        new_hash = self._passwords.hashed(prepared) if isinstance(prepared, Password) else None
        return WeighedPassword(violations, new_hash)

    @verb
    def change_answers(
        self, token: SessionToken, *, password: Secret, answers: Sequence[Answer], source: str | None = None
    ) -> AnswersChangeOutcome:
        """Choose other security questions and answers, all of them anew; the password is asked again.

        A set that is refused with the right password counts against its source as a failure does, since its
        reasons may tell what is on file. Raises NotPermittedError without a full session of a parent, and
        where no questions are used.
        """
        policies, source = self._resources.account_policies(), written_source(source)
        asked = self._asking.asked(
            "credentials.change_answers",
            token,
            password,
            source,
            policies,
            allowed=lambda _, own: own.holder.session.record.person_with_cases(),
        )
        if policies.questions is None:
            raise NotPermittedError("no security questions are used here; there is nothing to change")
        context = self._answer_context(asked)
        chosen = tuple(answers)
        violations = enrolment_violations(chosen, policies.questions, context)
        is_enrolled = asked.verdict.matches and not violations
        answers_hash = self._passwords.hashed(enrolled_secret(chosen)) if is_enrolled else None

        def act(work: UnitOfWork, caller: Admitted) -> AnswersChangeOutcome:
            account = caller.holder.account
            decision = decide_answers_change(
                account.record,
                checked=asked.judged(work, account.record),
                violations=violations,
                question_ids=() if violations else tuple(answer.question_id for answer in chosen),
                answers_hash=answers_hash,
                now=work.now,
            )
            _save_answers(work, account, decision)
            notify(work, account.record, decision.events)
            events = decision.events
            if asked.verdict.matches and violations:
                events += asked.counted_as_a_guess(work, account.record)
            work.audit(events, caller.actor, source)
            return decision.outcome

        return self._door.write("credentials.change_answers", token, act)

    def _answer_context(self, asked: AskedAgain) -> AnswerContext:
        """What the answers are compared with: nothing on file for whoever did not give the password.

        Each reason would be a guess at a Social Security number or a birth date, free for a stolen session.
        """
        if not asked.verdict.matches:
            return AnswerContext(asked.account.user_id, "", asked.typed)
        return self._passwords.answer_context(asked.account, asked.typed)

    @verb
    def remind(self, *, by: Caller) -> int:
        """Write to everybody who has to change a password soon, or to choose security questions anew.

        Passwords: where the jurisdiction lets them expire (`accounts.password_max_age_days`), so many days
        before (`accounts.password_reminder_days`). Questions: where one was withdrawn, or another number of
        them is asked. Each is written once; how many letters there were. Call it from a job, once a day.
        """
        return Reminders(self._resources, self._door, by).written()

    @verb
    def answers_due(self, token: SessionToken) -> AnswersDue | None:
        """Why the security answers are to be chosen anew, by `change_answers`; ask after each sign-in.

        None where they need not be. Raises NotPermittedError without a full session of a parent.
        """
        questions = self._resources.account_policies().questions

        def act(work: UnitOfWork, caller: Admitted) -> AnswersDue | None:
            session = caller.holder.session.record
            session.person_with_cases()
            kept = work.get(SECURITY_ANSWERS, session.account_id)
            if questions is None:
                return None
            return kept.record.due(questions, work.now) if kept else AnswersDue.NEVER_CHOSEN

        return self._door.read("credentials.answers_due", token, act)


def _save_change(
    work: UnitOfWork, caller: Admitted, decision: PasswordChangeDecision, source: str | None
) -> None:
    work.replace(ACCOUNTS, caller.holder.account, decision.account)
    work.replace(SESSIONS, caller.holder.session, decision.session)
    work.insert(SESSIONS, [decision.opened] if decision.opened else [])
    notify(work, decision.account, decision.events)
    work.audit(decision.events, caller.actor, source)


def _save_answers(work: UnitOfWork, account: Kept[Account], decision: AnswersChangeDecision) -> None:
    work.replace(ACCOUNTS, account, decision.account)
    if decision.answers is None:
        return
    kept = work.get(SECURITY_ANSWERS, account.record.account_id)
    work.put(SECURITY_ANSWERS, kept, decision.answers)
