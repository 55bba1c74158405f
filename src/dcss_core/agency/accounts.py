"""`agency.accounts`: register, sign in, change password and security answers, sign out.

Decides nothing that `users` does not decide. Invariants: the slow hash runs outside the writing
transaction and as often whatever the outcome (once more only for somebody let in, whose hash is made
anew); its verdict counts only for the password it was given for; every attempt is in the audit log, in
the transaction that counts it.
"""

from collections.abc import Sequence
from functools import partial

import attrs

from dcss_core.agency.account_filing import ACCOUNTS, SECURITY_ANSWERS, SESSIONS
from dcss_core.agency.account_policies import AccountPolicies
from dcss_core.agency.filing import PEOPLE
from dcss_core.agency.identity_records import (
    account_of_person,
    account_of_user,
    good_session,
    on_file,
    person_named,
)
from dcss_core.agency.letters import Letter, Letterhead, letterhead
from dcss_core.agency.outbox import put_in_outbox
from dcss_core.agency.resources import Resources
from dcss_core.agency.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.expected_types import checked
from dcss_core.base.secret import Secret
from dcss_core.cases.person import PersonName
from dcss_core.errors import InvalidInputError, NotPermittedError
from dcss_core.users.account import Account
from dcss_core.users.answers import Answer, answers_secret
from dcss_core.users.answers_change import (
    AnswersChangeDecision,
    AnswersChangeOutcome,
    decide_answers_change,
)
from dcss_core.users.argon2id import SALT_BYTES
from dcss_core.users.events import SessionEndReason
from dcss_core.users.password import Password, PasswordViolation, prepare_password
from dcss_core.users.password_change import (
    PasswordChangeAccepted,
    PasswordChangeDecision,
    PasswordChangeOutcome,
    decide_password_change,
)
from dcss_core.users.password_hash import PasswordHash
from dcss_core.users.password_policy import PasswordContext
from dcss_core.users.registration import (
    RegistrationDecision,
    RegistrationOutcome,
    decide_registration,
)
from dcss_core.users.registration_form import (
    Registration,
    RegistrationForm,
    RegistrationIncomplete,
    read_registration,
)
from dcss_core.users.security_questions import AnswerContext, enrolment_violations
from dcss_core.users.session import TOKEN_BYTES, Session, SessionToken, end_session
from dcss_core.users.sign_in import SignInOutcome, decide_sign_in
from dcss_core.users.user_id import UserId


@attrs.frozen(repr=False)
class Accounts:
    """The verbs on accounts. `source` is where a request comes from, such as an IP address."""

    _resources: Resources

    def policies(self) -> AccountPolicies:
        """The policies in force today: help texts, questions to choose from, limits."""
        return AccountPolicies.from_rules(self._resources.rules())

    @checked
    def register(
        self, form: RegistrationForm, *, source: str | None = None
    ) -> RegistrationOutcome | RegistrationIncomplete:
        """Make an account for a participant, once.

        RegistrationIncomplete lists everything missing or bad; RegistrationRefused is the one answer to
        wrong particulars, an unknown identifier and a person who has an account already.
        """
        policies = self.policies()
        read = read_registration(
            form,
            passwords=policies.passwords,
            questions=policies.questions,
            agency_names=policies.agency_names,
        )
        if isinstance(read, RegistrationIncomplete):
            return read
        password_hash = self._hash(read.password)
        answers_hash = None
        if policies.questions is not None:
            answers_hash = self._hash(answers_secret(read.full_name, read.answers))

        def verb(work: UnitOfWork) -> RegistrationOutcome:
            decision = self._decide_registration(work, read, password_hash, answers_hash)
            if decision.account is not None:
                work.insert(ACCOUNTS, [decision.account])
                work.insert(SECURITY_ANSWERS, [decision.answers] if decision.answers else [])
                self._notify(work, decision.account, self._letterhead(work).registered(), "registered")
            work.audit(decision.events, Actor.public(), source)
            return decision.outcome

        return self._resources.write(verb)

    @checked
    def sign_in(self, user_id: str, password: Secret, *, source: str | None = None) -> SignInOutcome:
        """Sign in; one public answer, SignInRefused, to everything that goes wrong."""
        key = _key_of(user_id)
        prepared = prepare_password(password)
        if not isinstance(prepared, Password):
            prepared, key = Password(""), ""  # can't be anybody's; goes the whole way all the same
        policies, token = self.policies(), self._new_token()
        decide = partial(decide_sign_in, token=token, lockout=policies.lockout, sessions=policies.sessions)
        known = self._resources.read(lambda work: account_of_user(work, key))
        seen = known.record if known else None
        matches = self._matches(prepared, seen)
        foreseen = decide(seen, password_matches=matches, now=self._resources.now())
        # Only somebody who will be let in: to others a second run would say that the password was right.
        rehashed = self._rehashed(prepared, foreseen.account) if foreseen.session else None

        def verb(work: UnitOfWork) -> SignInOutcome:
            kept = account_of_user(work, key)
            checked = known is not None and kept is not None and _same_password(kept, known)
            decision = decide(
                kept.record if kept else None,
                password_matches=matches and checked,
                now=work.now,
                rehashed=rehashed,
            )
            if kept is not None and decision.account is not None:
                work.replace(ACCOUNTS, kept, decision.account)
            work.insert(SESSIONS, [decision.session] if decision.session else [])
            work.audit(decision.events, _actor(decision.session), source)
            return decision.outcome

        return self._resources.write(verb)

    @checked
    def change_password(
        self, token: SessionToken, *, current: Secret, new: Secret, source: str | None = None
    ) -> PasswordChangeOutcome:
        """Choose another password; on success the caller goes on with a new token and a full session.

        Raises NotPermittedError when the session has ended.
        """
        policies = self.policies()
        _, seen = self._resources.write(lambda work: good_session(work, token))
        names = self._names(seen.record)
        matches = self._matches(_prepared_or_empty(current), seen.record)
        prepared = prepare_password(new)
        violations = self._violations(prepared, seen.record, names, policies)
        # Hashed even when it can't be used: a run left out would say that it is the current password.
        new_hash = self._hash(prepared) if isinstance(prepared, Password) else None
        next_token = self._new_token()

        def verb(work: UnitOfWork) -> PasswordChangeOutcome:
            session, account = good_session(work, token)
            decision = decide_password_change(
                account.record,
                session.record,
                current_matches=matches,
                violations=violations,
                new_hash=new_hash,
                token=next_token,
                history=policies.passwords.history,
                lockout=policies.lockout,
                sessions=policies.sessions,
                now=work.now,
            )
            self._save_change(work, session, account, decision, source)
            return decision.outcome

        return self._resources.write(verb)

    @checked
    def change_answers(
        self, token: SessionToken, *, password: Secret, answers: Sequence[Answer], source: str | None = None
    ) -> AnswersChangeOutcome:
        """Choose other security questions and answers, all of them anew; the password is asked again.

        Raises NotPermittedError without a full session of a parent, and where no questions are used.
        """
        policies = self.policies()
        if policies.questions is None:
            raise NotPermittedError("no security questions are used here; there is nothing to change")
        session, seen = self._resources.write(lambda work: good_session(work, token))
        session.record.person_with_cases()
        names = self._names(seen.record)
        full_name = names.full if names else ""
        prepared = _prepared_or_empty(password)
        matches = self._matches(prepared, seen.record)
        context = AnswerContext(seen.record.user_id, full_name, prepared)
        violations = enrolment_violations(tuple(answers), policies.questions, context)
        answers_hash = self._hash(answers_secret(full_name, answers))

        def verb(work: UnitOfWork) -> AnswersChangeOutcome:
            session, account = good_session(work, token)
            decision = decide_answers_change(
                account.record,
                password_matches=matches,
                violations=violations,
                question_ids=tuple(answer.question_id for answer in answers),
                answers_hash=answers_hash,
                lockout=policies.lockout,
                now=work.now,
            )
            self._save_answers(work, account, decision)
            work.audit(decision.events, _actor(session.record), source)
            return decision.outcome

        return self._resources.write(verb)

    @checked
    def answers_due(self, token: SessionToken) -> bool:
        """Whether the security answers are to be chosen anew, by `change_answers`; ask after each sign-in.

        So they are when the jurisdiction's days for them are over, or when it asks for answers and there
        are none. Raises NotPermittedError without a full session of a parent.
        """
        questions = self.policies().questions

        def verb(work: UnitOfWork) -> bool:
            session = self.good_session(work, token)
            session.person_with_cases()
            kept = work.get(SECURITY_ANSWERS, session.account_id)
            if questions is None:
                return False
            return kept is None or kept.record.are_due_for_renewal(questions, work.now)

        return self._resources.write(verb)

    @checked
    def sign_out(self, token: SessionToken, *, source: str | None = None) -> None:
        """End a session; ending one that has ended already changes nothing."""

        def verb(work: UnitOfWork) -> None:
            kept = work.get(SESSIONS, token.session_id)
            if kept is not None:
                ended, events = end_session(kept.record, work.now, reason=SessionEndReason.SIGNED_OUT)
                work.replace(SESSIONS, kept, ended)
                work.audit(events, _actor(kept.record), source)

        self._resources.write(verb)

    @checked
    def display_name(self, token: SessionToken) -> str:
        """How to greet the person who is signed in; raises NotPermittedError without a full session."""

        def verb(work: UnitOfWork) -> str:
            person = work.get(PEOPLE, self.good_session(work, token).person_with_cases())
            return person.record.name.full if person else ""

        return self._resources.write(verb)

    @checked
    def good_session(self, work: UnitOfWork, token: SessionToken) -> Session:
        """The session of a token, touched; raises NotPermittedError when it has ended."""
        return good_session(work, token)[0].record

    def _decide_registration(
        self,
        work: UnitOfWork,
        read: Registration,
        password_hash: PasswordHash,
        answers_hash: PasswordHash | None,
    ) -> RegistrationDecision:
        person = person_named(work, read.identifier)
        return decide_registration(
            read,
            participant=on_file(person) if person else None,
            has_account=person is not None and account_of_person(work, person.person_id) is not None,
            user_id_taken=account_of_user(work, read.user_id.key) is not None,
            account_id=self._resources.new_id(),
            password_hash=password_hash,
            answers_hash=answers_hash,
            now=work.now,
        )

    def _save_change(
        self,
        work: UnitOfWork,
        session: Kept[Session],
        account: Kept[Account],
        decision: PasswordChangeDecision,
        source: str | None,
    ) -> None:
        work.replace(ACCOUNTS, account, decision.account)
        work.replace(SESSIONS, session, decision.session)
        work.insert(SESSIONS, [decision.opened] if decision.opened else [])
        if isinstance(decision.outcome, PasswordChangeAccepted):
            version = decision.account.credential_version
            letter = self._letterhead(work).password_changed()
            self._notify(work, decision.account, letter, f"password-changed/{version}")
        work.audit(decision.events, _actor(session.record), source)

    def _save_answers(
        self, work: UnitOfWork, account: Kept[Account], decision: AnswersChangeDecision
    ) -> None:
        work.replace(ACCOUNTS, account, decision.account)
        if decision.answers is not None:
            kept = work.get(SECURITY_ANSWERS, account.record.account_id)
            if kept is None:
                work.insert(SECURITY_ANSWERS, [decision.answers])
            else:
                work.replace(SECURITY_ANSWERS, kept, decision.answers)
            occasion = f"answers-changed/{self._resources.new_id()}"
            self._notify(work, account.record, self._letterhead(work).answers_changed(), occasion)

    def _violations(
        self,
        prepared: Password | PasswordViolation,
        account: Account,
        names: PersonName | None,
        policies: AccountPolicies,
    ) -> tuple[PasswordViolation, ...]:
        if not isinstance(prepared, Password):
            return (prepared,)
        same = self._resources.hasher.verify(prepared, account.password_hash)
        earlier = [self._resources.hasher.verify(prepared, each) for each in account.earlier_hashes]
        assigned = account.must_change_password
        context = PasswordContext(
            account.user_id,
            names=(names.full,) if names else (),
            agency_names=policies.agency_names,
            same_as_current=same and not assigned,
            same_as_assigned=same and assigned,
            used_before=any(earlier),
        )
        return policies.passwords.violations(prepared, context)

    def _names(self, account: Account) -> PersonName | None:
        person_id = account.person_id
        if person_id is None:
            return None
        person = self._resources.read(lambda work: work.get(PEOPLE, person_id))
        return person.record.name if person else None

    def _matches(self, password: Password, account: Account | None) -> bool:
        """Exactly one run of the hash, whether or not there is an account."""
        if account is None:
            self._resources.hasher.spend(password)
            return False
        return self._resources.hasher.verify(password, account.password_hash)

    def _rehashed(self, password: Password, account: Account | None) -> PasswordHash | None:
        outdated = account is not None and self._resources.hasher.needs_rehash(account.password_hash)
        return self._hash(password) if outdated else None

    def _hash(self, secret: Secret) -> PasswordHash:
        salt = self._resources.randomness.token_bytes(SALT_BYTES)
        return self._resources.hasher.hash(secret, salt=salt)

    def _new_token(self) -> SessionToken:
        return SessionToken.from_bytes(self._resources.randomness.token_bytes(TOKEN_BYTES))

    def _letterhead(self, work: UnitOfWork) -> Letterhead:
        return letterhead(self._resources.jurisdiction.on(self._resources.day_of(work.now)))

    def _notify(self, work: UnitOfWork, account: Account, letter: Letter, occasion: str) -> None:
        person = work.get(PEOPLE, account.person_id) if account.person_id else None
        if person is not None and person.record.email is not None:
            put_in_outbox(
                work,
                letter,
                message_id=f"account/{account.account_id}/{occasion}",
                person_id=person.record.person_id,
                address=person.record.email,
            )


def _key_of(user_id: str) -> str:
    try:
        return UserId(user_id).key
    except InvalidInputError:
        return ""  # no account has it


def _prepared_or_empty(typed: Secret) -> Password:
    prepared = prepare_password(typed)
    return prepared if isinstance(prepared, Password) else Password("")


def _same_password(kept: Kept[Account], seen: Kept[Account]) -> bool:
    # Not the hash: another sign-in may have made it anew, of the same password.
    mine, theirs = kept.record, seen.record
    return (mine.account_id, mine.credential_version) == (theirs.account_id, theirs.credential_version)


def _actor(session: Session | None) -> Actor:
    return Actor.parent(session.account_id) if session else Actor.public()
