"""`agency.recovery`: a forgotten password or user id, recovered by the owner alone.

Invariants: one public answer to each failure; questions are shown for every number, real ones or decoys, by
as many reads, and two runs of the slow hash made for every attempt to answer them; whatever opens an
account goes to the address on file and nowhere else; nothing here signs anybody in or ends a lock; every
attempt is counted and audited together.
"""

from collections.abc import Sequence

import attrs

from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.caller import Caller, written_source
from dcss_core.agency.callers.counted import (
    every_throttle_of_registration,
    reopened,
    subject_read_alike,
    throttle_of,
)
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import account_of_person, person_with
from dcss_core.agency.callers.throttling import count_failure, is_throttled, is_turned_away
from dcss_core.agency.recovery.by_questions import PasswordResetting
from dcss_core.agency.recovery.issued_codes import IssuedCodes
from dcss_core.agency.recovery.user_id_reminders import UserIdReminder
from dcss_core.agency.work.database_mark import decoys_of
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.sealing import decoy_digest
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.reads import NothingToDo
from dcss_core.base.events import Event
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.people.itin import Itin
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import NotPermittedError
from dcss_core.users.recovery.answers import Answer, TypedAnswers
from dcss_core.users.recovery.by_questions import ResetOutcome
from dcss_core.users.recovery.events import QuestionsNotShown, QuestionsShown, RecoveryReopened
from dcss_core.users.recovery.issued_code import CodeRequested
from dcss_core.users.recovery.password_choice import PasswordChoiceOutcome
from dcss_core.users.recovery.policy import RecoveryMethod
from dcss_core.users.recovery.security_questions import Question, questions_to_show
from dcss_core.users.recovery.user_id_reminder import UserIdRequested
from dcss_core.users.registration.registration import RegistrationReopened
from dcss_core.users.sign_in.throttle import ThrottledFlow
from dcss_core.users.user_id import key_of

_BY_SOURCE = ThrottledFlow.RECOVERY_BY_SOURCE


@attrs.frozen(repr=False)
class Recovery:
    """The verbs of recovery. `source` is where a request comes from, such as an IP address."""

    _resources: Resources
    _door: Door
    _passwords: PasswordChecks

    @verb
    def request_code(
        self, user_id: str, *, way: ContactKind = ContactKind.EMAIL, source: str | None = None
    ) -> CodeRequested:
        """Have a code sent to the e-mail address or the mobile telephone on file; one answer to everybody.

        It is good for `choose_password` alone, once and for minutes, and replaces one sent before, whichever
        way that went. Raises NotPermittedError where the jurisdiction issues no codes, InvalidInputError for
        `POSTAL`, by which none goes, ConfigurationError where no channel takes such addresses.
        """
        codes = self._codes(user_id, source)
        codes.check_goes(way)
        self._resources.check_reaches(way)
        return codes.request(way)

    @verb
    def choose_password(
        self, user_id: str, code: Secret, new_password: Secret, *, source: str | None = None
    ) -> PasswordChoiceOutcome:
        """Choose a new password with a code; nobody is signed in by it, and every session ends.

        CodeRefused is the one answer to whatever is wrong with user id or code; ChoiceRefused tells the
        holder of a good code what is wrong with the new password, and the code stays good. Raises
        NotPermittedError where the jurisdiction issues no codes.
        """
        return self._codes(user_id, source).choose(code, new_password)

    @verb
    def send_user_id(
        self, *, full_name: str, ssn: TaxpayerNumber, source: str | None = None
    ) -> UserIdRequested:
        """Have a forgotten user id sent to the address on file; the one answer to everybody.

        Raises ConfigurationError where no letter goes out.
        """
        self._resources.check_letters_go_out()
        policies = self._resources.account_policies()
        return UserIdReminder(self._resources, policies, full_name, ssn, written_source(source)).outcome()

    @verb
    def questions(self, ssn: TaxpayerNumber, *, source: str | None = None) -> tuple[Question, ...]:
        """The questions to ask somebody with this SSN or ITIN; for one we don't know, a set that looks alike.

        Each request counts against its source; a source from which too many came is shown none, whoever it
        asks about. Raises NotPermittedError where the jurisdiction does not reset passwords by questions,
        ConfigurationError where no letter goes out, so that nobody answers in vain.
        """
        self._resources.check_letters_go_out()
        policies, source = self._resources.account_policies(), written_source(source)
        offered = policies.questions
        if offered is None:
            raise NotPermittedError("passwords are not reset by security questions here; call your office")

        not_shown = QuestionsNotShown(None)
        if is_turned_away(self._resources, _BY_SOURCE, source, policies.throttles, not_shown):
            return ()

        def act(work: UnitOfWork) -> tuple[Question, ...]:
            subject = subject_read_alike(work, ssn)
            account_id = subject.account.record.account_id if subject.account else None
            is_closed = is_throttled(work, _BY_SOURCE, source)
            event = QuestionsNotShown(account_id) if is_closed else QuestionsShown(account_id)
            counted = count_failure(work, _BY_SOURCE, source, policies.throttles)
            work.audit((event, *counted), Actor.public(), source)
            digest = decoy_digest(decoys_of(work), ssn)
            return () if is_closed else questions_to_show(subject.answers, offered, digest)

        return self._resources.write(act)

    @verb
    def reset_password(
        self, *, full_name: str, ssn: TaxpayerNumber, answers: Sequence[Answer], source: str | None = None
    ) -> ResetOutcome:
        """Reset the password of whoever answers all their questions; one public answer to any failure.

        On success an assigned password is on its way to the address on file; it is good for one
        sign-in, and only for choosing another. Answers that were chosen under another number of questions,
        or to one that is no longer asked, reset nothing (`credentials.answers_due`). Raises
        ConfigurationError where no letter goes out.
        """
        self._resources.check_letters_go_out()
        return self._resetting(full_name, ssn, answers, written_source(source)).outcome()

    @verb
    def reopen(self, whose: TaxpayerNumber | Irn | ClientId, *, by: Caller) -> bool:
        """Let somebody whose recovery or registration was closed try again; whether one was closed.

        They are named by their SSN or ITIN, or else by their IRN or Client ID. For the help desk, once they
        know whom they speak to; the failures counted so far are forgotten. Raises NotPermittedError without
        that role.
        """

        def act(work: UnitOfWork, caller: Admitted) -> bool:
            person = person_with(work, whose)
            account = account_of_person(work, person.person_id) if person else None
            number = whose if isinstance(whose, Ssn | Itin) else person.ssn if person else None
            events: list[Event] = []
            if number is not None and reopened(work, throttle_of(work, number)):
                events.append(RecoveryReopened(account.record.account_id if account else None))
            if reopened(work, *every_throttle_of_registration(work, whose, person)):
                events.append(RegistrationReopened(person.person_id if person else None))
            work.audit(events or [NothingToDo("recovery.reopen")], caller.actor)
            return bool(events)

        return self._door.write("recovery.reopen", by, act)

    def _codes(self, user_id: str, source: str | None) -> IssuedCodes:
        policies = self._resources.account_policies()
        if not policies.recovery.offers(RecoveryMethod.ISSUED_CODE):
            raise NotPermittedError("no codes are issued here; recover the password another way")
        return IssuedCodes(
            self._resources, self._passwords, policies, key_of(user_id), written_source(source)
        )

    def _resetting(
        self, full_name: str, ssn: TaxpayerNumber, answers: Sequence[Answer], source: str | None
    ) -> PasswordResetting:
        policies = self._resources.account_policies()
        asked = policies.questions.count if policies.questions else 0
        typed = TypedAnswers.of(full_name, answers, most=asked)
        return PasswordResetting(self._resources, self._passwords, policies, ssn, full_name, typed, source)
