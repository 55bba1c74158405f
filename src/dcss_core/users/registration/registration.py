"""Registration: how a participant gets an account, once.

Decides from the person the identifier named and what is known of them. Invariants: wrong particulars,
an unknown identifier and a person who has an account already get the same public answer; that a user
id is taken is said only to somebody who has shown who they are; every refusal has its own reason in
the event; failures count on the person and on the SSN or ITIN (on the identifier where neither was typed),
wherever they come from, and in the end close registration for them until staff act; somebody with a number
on file never registers without it. Knowing these particulars is no proof of identity (NIST SP 800-63A-4
§2.5.1).
"""

from datetime import datetime
from typing import ClassVar, TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import ACCOUNT_STATES, Account, AccountAct, AccountKind
from dcss_core.users.events import AccountRegistered, RegistrationFailed, RegistrationRefusal
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.participant_on_file import ParticipantOnFile
from dcss_core.users.recovery.security_questions import SecurityAnswers
from dcss_core.users.recovery.throttle import ParticularsLimit, ParticularsThrottle
from dcss_core.users.registration.form import Registration, RegistrationIncomplete


@attrs.frozen
class Registered:
    """The account exists; from now on only user id and password are asked."""

    account_id: str


@attrs.frozen
class RegistrationRefused:
    """Nobody was registered, for whatever reason."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return (
            "We could not register you with what you entered. "
            "If you have registered before, sign in or reset your password; otherwise call your local office."
        )


@attrs.frozen
class UserIdTaken:
    """The particulars are right, but the user id belongs to somebody else; choose another."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "Somebody else has this user ID; choose another."


RegistrationOutcome: TypeAlias = Registered | RegistrationIncomplete | RegistrationRefused | UserIdTaken


@attrs.frozen
class _PersonEvent(Event):
    """An event about whom the identifier named; None where it named nobody."""

    about: ClassVar[tuple[str, str]] = ("person", "person_id")
    person_id: str | None


@attrs.frozen
class RegistrationClosed(_PersonEvent):
    """Too many wrong particulars closed registration until staff open it again."""

    kind: ClassVar[str] = "excess_rate_limit_exceeded"
    failures: int


@attrs.frozen
class RegistrationWhileClosed(_PersonEvent):
    """Somebody tried to register while it was closed; what they typed was not judged."""

    kind: ClassVar[str] = "user_create_fail"
    reason: str = "closed"


@attrs.frozen
class RegistrationReopened(_PersonEvent):
    """Staff let somebody whose registration was closed try again."""

    kind: ClassVar[str] = "registration_reopened"


@attrs.frozen
class RegisteredUntold(_PersonEvent):
    """A person without an address on file registered, so that nobody could be told."""

    kind: ClassVar[str] = "user_created_untold"
    account_id: str


@attrs.frozen
class RegistrationHashes:
    """The hashes of the password and of the answers, made for every readable form, so that all cost the same.

    `answers` is None where the jurisdiction uses no security questions.
    """

    password: PasswordHash
    answers: PasswordHash | None


@attrs.frozen
class RegistrationDecision:
    """What the caller sees, what to save and what to record."""

    outcome: RegistrationOutcome
    throttles: tuple[ParticularsThrottle, ...]
    events: tuple[Event, ...]
    account: Account | None = None
    answers: SecurityAnswers | None = None


def decide_registration(
    registration: Registration,
    *,
    participant: ParticipantOnFile | None,
    has_account: bool,
    user_id_taken: bool,
    account_id: str,
    hashes: RegistrationHashes,
    throttles: tuple[ParticularsThrottle, ...],
    limit: ParticularsLimit,
    now: datetime,
    is_throttled: bool = False,
) -> RegistrationDecision:
    """Decide a registration; `is_throttled` says that too many failed from where this one comes from.

    `throttles` are those of the number and of whom the identifier named.
    """
    person_id = participant.person_id if participant else None
    if is_throttled:
        return _refused(RegistrationFailed(person_id, RegistrationRefusal.SOURCE_THROTTLED), throttles)
    if any(throttle.is_closed for throttle in throttles):
        return _refused(RegistrationWhileClosed(person_id), throttles)
    refusal = _refusal(registration, participant, has_account, user_id_taken)
    if refusal is RegistrationRefusal.USER_ID_TAKEN:  # whoever got everything right guesses at nobody
        taken = RegistrationFailed(person_id, refusal)
        return RegistrationDecision(UserIdTaken(), throttles, (taken,))
    if refusal is not None or participant is None:
        failed = RegistrationFailed(person_id, refusal or RegistrationRefusal.UNKNOWN_IDENTIFIER)
        return _counted(failed, tuple(throttle.counted(limit, now) for throttle in throttles))
    account = _account(registration, participant, account_id, hashes.password, now)
    answers = _answers(registration, account, hashes.answers)
    event = AccountRegistered(account_id, participant.person_id)
    return RegistrationDecision(Registered(account_id), throttles, (event,), account, answers)


def _account(
    registration: Registration,
    participant: ParticipantOnFile,
    account_id: str,
    password_hash: PasswordHash,
    now: datetime,
) -> Account:
    return Account(
        account_id=account_id,
        user_id=registration.user_id.value,
        user_key=registration.user_id.key,
        person_id=participant.person_id,
        kind=AccountKind.PARENT,
        state=ACCOUNT_STATES.next_state(None, AccountAct.REGISTER),
        password_hash=password_hash,
        created_at=now,
        password_set_at=now,
        idle_since=now,
    )


def _answers(
    registration: Registration, account: Account, answers_hash: PasswordHash | None
) -> SecurityAnswers | None:
    if answers_hash is None:
        return None
    question_ids = tuple(sorted(answer.question_id for answer in registration.answers))
    return SecurityAnswers(account.account_id, question_ids, answers_hash, account.created_at)


def _refused(
    failed: Event, throttles: tuple[ParticularsThrottle, ...], *closed: Event
) -> RegistrationDecision:
    return RegistrationDecision(RegistrationRefused(), throttles, (failed, *closed))


def _counted(failed: RegistrationFailed, counted: tuple[ParticularsThrottle, ...]) -> RegistrationDecision:
    closed = [len(throttle.failures) for throttle in counted if throttle.is_closed]
    told = [RegistrationClosed(failed.person_id, max(closed))] if closed else []
    return _refused(failed, counted, *told)


def _refusal(
    registration: Registration,
    participant: ParticipantOnFile | None,
    has_account: bool,
    user_id_taken: bool,
) -> RegistrationRefusal | None:
    if participant is None:
        return RegistrationRefusal.UNKNOWN_IDENTIFIER
    if not _is_the_person(registration, participant):
        return RegistrationRefusal.WRONG_PARTICULARS
    if has_account:
        return RegistrationRefusal.ALREADY_REGISTERED
    return RegistrationRefusal.USER_ID_TAKEN if user_id_taken else None


def _is_the_person(registration: Registration, participant: ParticipantOnFile) -> bool:
    same_number = registration.ssn == participant.ssn  # both None: somebody who has neither SSN nor ITIN
    same_birth_date = registration.birth_date == participant.birth_date
    return participant.is_named(registration.full_name) and same_number and same_birth_date
