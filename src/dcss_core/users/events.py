"""What can happen to accounts, for the audit log.

Decides names only. The kinds are those of the OWASP Logging Vocabulary where it has one. Invariant:
an event holds ids, instants, counts and reasons; never a name, a user id as typed (people type their
password there), an SSN or its index, an answer or a token.
"""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import attrs

from dcss_core.base.events import Event


class RegistrationRefusal(Enum):
    """Why somebody could not register."""

    UNKNOWN_IDENTIFIER = "unknown_identifier"
    WRONG_PARTICULARS = "wrong_particulars"
    ALREADY_REGISTERED = "already_registered"
    SOURCE_THROTTLED = "source_throttled"
    USER_ID_TAKEN = "user_id_taken"


class SignInRefusal(Enum):
    """Why a sign-in was refused."""

    BANNER_NOT_ACCEPTED = "banner_not_accepted"
    SOURCE_THROTTLED = "source_throttled"
    UNKNOWN_USER = "unknown_user"
    WRONG_PASSWORD = "wrong_password"
    LOCKED = "locked"
    PASSWORD_DISABLED = "password_disabled"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    ASSIGNED_PASSWORD_EXPIRED = "assigned_password_expired"
    ASSIGNED_PASSWORD_USED = "assigned_password_used"
    WRONG_SECOND_FACTOR = "wrong_second_factor"
    WRONG_PASSKEY = "wrong_passkey"


class ResetRefusal(Enum):
    """Why a password was not reset."""

    NOT_OFFERED = "not_offered"
    SOURCE_THROTTLED = "source_throttled"
    CLOSED = "closed"
    UNKNOWN_PERSON = "unknown_person"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    NO_ADDRESS = "no_address"
    WRONG_ANSWERS = "wrong_answers"


class ChangeRefusal(Enum):
    """Why a password or the security answers were not changed."""

    NOT_USABLE = "not_usable"
    WRONG_PASSWORD = "wrong_password"
    AGAINST_POLICY = "against_policy"


class SessionEndReason(Enum):
    """Why a session was ended before its time."""

    SIGNED_OUT = "signed_out"
    REPLACED = "replaced"
    ENDED_BY_OWNER = "ended_by_owner"
    ENDED_BY_STAFF = "ended_by_staff"


@attrs.frozen
class AccountEvent(Event):
    """The root of every event about an account; `account_id` is None where the account isn't known."""

    about: ClassVar[tuple[str, str]] = ("account", "account_id")
    account_id: str | None


@attrs.frozen
class AccountRegistered(AccountEvent):
    """A person registered."""

    kind: ClassVar[str] = "user_created"
    person_id: str


@attrs.frozen
class RegistrationFailed(Event):
    """A registration was refused; `person_id` is whom the identifier named, if anybody."""

    kind: ClassVar[str] = "user_create_fail"
    about: ClassVar[tuple[str, str]] = ("person", "person_id")
    person_id: str | None
    reason: RegistrationRefusal


@attrs.frozen
class SignInSucceeded(AccountEvent):
    """The right password was given; `failures_before` came since the last time."""

    kind: ClassVar[str] = "authn_login_success"
    failures_before: int


@attrs.frozen
class SignedInAfterFailures(AccountEvent):
    """Somebody got in after as many failures as lock an account for a while, or more."""

    kind: ClassVar[str] = "authn_login_successafterfail"
    failures: int


@attrs.frozen
class SecondFactorNotGiven(AccountEvent):
    """Somebody gave the right password, and within its time no right second factor."""

    kind: ClassVar[str] = "authn_second_factor_not_given"


@attrs.frozen
class SignInFailed(AccountEvent):
    """A sign-in was refused."""

    kind: ClassVar[str] = "authn_login_fail"
    reason: SignInRefusal


@attrs.frozen
class BannerAccepted(AccountEvent):
    """Somebody agreed to a version of the notice of monitoring for the first time and signed in."""

    kind: ClassVar[str] = "banner_accepted"
    version: str


@attrs.frozen
class FlowThrottled(Event):
    """Too many failures from one source closed a way in to it for a while."""

    kind: ClassVar[str] = "excess_rate_limit_exceeded"
    about: ClassVar[tuple[str, str]] = ("flow", "flow")
    flow: str
    failures: int
    until: datetime


@attrs.frozen
class BreachListUnavailable(Event):
    """A list of breached passwords did not answer; a password was judged without it."""

    kind: ClassVar[str] = "breach_list_unavailable"
    about: ClassVar[tuple[str, str]] = ("list", "list_name")
    list_name: str
    reason: str


@attrs.frozen
class PasswordChangeDue(AccountEvent):
    """At sign-in the password turned out to be one that has to be changed before anything else."""

    kind: ClassVar[str] = "authn_password_change_due"
    reason: str


@attrs.frozen
class PasswordExpiring(AccountEvent):
    """The owner was written to that the password has to be changed by an instant."""

    kind: ClassVar[str] = "authn_password_expiring"
    credential_version: int
    until: datetime


@attrs.frozen
class Reauthenticated(AccountEvent):
    """The owner gave the password again within a session."""

    kind: ClassVar[str] = "authn_reauthenticated"
    session_id: str


@attrs.frozen
class ReauthenticationFailed(AccountEvent):
    """A wrong password was given within a session."""

    kind: ClassVar[str] = "authn_reauthentication_fail"
    reason: ChangeRefusal


@attrs.frozen
class AccountLocked(AccountEvent):
    """Too many failures locked sign-in for a while."""

    kind: ClassVar[str] = "authn_login_lock"
    until: datetime


@attrs.frozen
class UnknownIdLocked(AccountEvent):
    """As many failures as lock an account came at a user id that has none in use; `until` as for a lock."""

    kind: ClassVar[str] = "authn_login_lock_unknown"
    until: datetime


@attrs.frozen
class PasswordDisabled(AccountEvent):
    """So many failures came in a row that the password must be replaced."""

    kind: ClassVar[str] = "authn_login_fail_max"
    failures: int


@attrs.frozen
class SessionOpened(AccountEvent):
    """A session began."""

    kind: ClassVar[str] = "session_created"
    session_id: str
    scope: str
    assurance: str


@attrs.frozen
class SessionEnded(AccountEvent):
    """A session was ended before its time."""

    kind: ClassVar[str] = "session_expired"
    session_id: str
    reason: SessionEndReason


@attrs.frozen
class PasswordReset(AccountEvent):
    """The right answers were given and a password was assigned; the one before stopped working."""

    kind: ClassVar[str] = "authn_password_reset"
    assigned_until: datetime


@attrs.frozen
class PasswordResetFailed(AccountEvent):
    """A reset was refused."""

    kind: ClassVar[str] = "authn_password_reset_fail"
    reason: ResetRefusal


@attrs.frozen
class RecoveryClosed(AccountEvent):
    """Too many wrong answers closed recovery until staff open it again."""

    kind: ClassVar[str] = "excess_rate_limit_exceeded"
    failures: int


@attrs.frozen
class PasswordChanged(AccountEvent):
    """The owner chose another password; every other session ended."""

    kind: ClassVar[str] = "authn_password_change"
    credential_version: int


@attrs.frozen
class PasswordChangeFailed(AccountEvent):
    """A change of password was refused."""

    kind: ClassVar[str] = "authn_password_change_fail"
    reason: ChangeRefusal


@attrs.frozen
class SecurityAnswersChanged(AccountEvent):
    """The owner chose other security questions or answers."""

    kind: ClassVar[str] = "user_updated"


@attrs.frozen
class SecurityAnswersDue(AccountEvent):
    """The owner was written to that they have to choose security questions anew, since the rules changed.

    `still_work` says whether the answers reset a password until the withdrawn question is asked no more.
    """

    kind: ClassVar[str] = "security_answers_due"
    still_work: bool
    enrolled_at: datetime


@attrs.frozen
class SecurityAnswersChangeFailed(AccountEvent):
    """A change of security answers was refused."""

    kind: ClassVar[str] = "user_update_fail"
    reason: ChangeRefusal
