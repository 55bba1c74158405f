"""What can happen while access is recovered, for the audit log.

Decides names only, like `users.events`, and holds to its invariant: ids, instants, counts and reasons;
never an address, a user id, a code or a password.
"""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.users.account_control import ControlReason
from dcss_core.users.events import AccountEvent


class CodeRequestRefusal(Enum):
    """Why no code was issued."""

    SOURCE_THROTTLED = "source_throttled"
    UNKNOWN_USER = "unknown_user"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    NO_ADDRESS = "no_address"
    TOO_MANY_LETTERS = "too_many_letters"
    TOO_LATE = "too_late"


class CodeRefusal(Enum):
    """Why a code did not lead to a new password."""

    SOURCE_THROTTLED = "source_throttled"
    UNKNOWN_USER = "unknown_user"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    NO_CODE = "no_code"
    USED = "used"
    TOO_MANY_FAILURES = "too_many_failures"
    EXPIRED = "expired"
    PASSWORD_CHANGED = "password_changed"
    ADDRESS_CHANGED = "address_changed"
    WRONG_CODE = "wrong_code"
    AGAINST_POLICY = "against_policy"


class ReminderRefusal(Enum):
    """Why a forgotten user id was not sent."""

    SOURCE_THROTTLED = "source_throttled"
    CLOSED = "closed"
    UNKNOWN_PERSON = "unknown_person"
    WRONG_NAME = "wrong_name"
    NO_ACCOUNT = "no_account"
    ACCOUNT_NOT_ACTIVE = "account_not_active"
    NO_ADDRESS = "no_address"
    TOO_MANY_LETTERS = "too_many_letters"


class StaffResetRefusal(Enum):
    """Why a reset that staff started did not go on."""

    DECIDER_IS_REQUESTER = "decider_is_requester"
    DECIDER_IS_SUBJECT = "decider_is_subject"
    REQUESTER_IS_SUBJECT = "requester_is_subject"
    NOT_THE_REQUESTER = "not_the_requester"
    PENDING_ALREADY = "pending_already"
    REQUESTER_NOT_ENTITLED = "requester_not_entitled"
    DECIDED_ALREADY = "decided_already"
    EXPIRED = "expired"
    SUBJECT_NOT_ACTIVE = "subject_not_active"
    PASSWORD_CHANGED = "password_changed"
    NO_ADDRESS = "no_address"


@attrs.frozen
class RecoveryCodeRequested(AccountEvent):
    """Somebody asked for a code; whose user id they typed is found out away from them."""

    kind: ClassVar[str] = "authn_recovery_code_requested"


@attrs.frozen
class RecoveryCodeIssued(AccountEvent):
    """A code is on its way to the address on file; one issued before is worth nothing any more."""

    kind: ClassVar[str] = "authn_recovery_code_issued"
    good_until: datetime
    way: ContactKind


@attrs.frozen
class RecoveryCodeNotIssued(AccountEvent):
    """Somebody asked for a code, and none was issued."""

    kind: ClassVar[str] = "authn_recovery_code_issue_fail"
    reason: CodeRequestRefusal


@attrs.frozen
class RecoveryCodeUsed(AccountEvent):
    """The right code was given; it is worth nothing any more."""

    kind: ClassVar[str] = "authn_recovery_code_used"


@attrs.frozen
class PasswordChoiceFailed(AccountEvent):
    """A code was given and no password was chosen with it."""

    kind: ClassVar[str] = "authn_password_change_fail"
    reason: CodeRefusal


@attrs.frozen
class RecoveryCodeExhausted(AccountEvent):
    """So many wrong codes were given that the one issued is worth nothing any more."""

    kind: ClassVar[str] = "excess_rate_limit_exceeded"
    failures: int


@attrs.frozen
class UserIdAskedFor(AccountEvent):
    """Somebody who gave name and number of a person asked for a forgotten user id."""

    kind: ClassVar[str] = "user_id_requested"


@attrs.frozen
class UserIdSent(AccountEvent):
    """A forgotten user id is on its way to the address on file."""

    kind: ClassVar[str] = "user_id_sent"


@attrs.frozen
class UserIdNotSent(AccountEvent):
    """Somebody asked for a forgotten user id, and none was sent."""

    kind: ClassVar[str] = "user_id_not_sent"
    reason: ReminderRefusal


@attrs.frozen
class QuestionsShown(AccountEvent):
    """Somebody was shown security questions for an SSN, decoys where it is nobody's."""

    kind: ClassVar[str] = "security_questions_shown"


@attrs.frozen
class QuestionsNotShown(AccountEvent):
    """Somebody asked for the security questions of an SSN from a source that was closed."""

    kind: ClassVar[str] = "security_questions_not_shown"
    reason: str = "source_throttled"


@attrs.frozen
class RecoveryReopened(AccountEvent):
    """Staff let somebody whose recovery was closed try again."""

    kind: ClassVar[str] = "recovery_reopened"


@attrs.frozen
class RecoverySeen(AccountEvent):
    """Staff looked at how far a recovery has come."""

    kind: ClassVar[str] = "sensitive_read"
    view: str = "recovery"


@attrs.frozen
class StaffResetRequested(AccountEvent):
    """Staff asked for a reset of somebody's password; it needs somebody else's approval."""

    kind: ClassVar[str] = "staff_reset_requested"
    request_id: str
    reason: ControlReason
    expires_at: datetime


@attrs.frozen
class _StaffResetDecided(AccountEvent):
    request_id: str
    requested_by: str


@attrs.frozen
class StaffResetApproved(_StaffResetDecided):
    """A second member of staff approved a reset."""

    kind: ClassVar[str] = "staff_reset_approved"


@attrs.frozen
class StaffResetDeclined(_StaffResetDecided):
    """A second member of staff declined a reset."""

    kind: ClassVar[str] = "staff_reset_declined"
    reason: ControlReason


@attrs.frozen
class StaffResetCancelled(_StaffResetDecided):
    """Whoever asked for a reset took that back."""

    kind: ClassVar[str] = "staff_reset_cancelled"


@attrs.frozen
class StaffResetRefused(AccountEvent):
    """A step towards a reset was refused; `request_id` is None where there is no request yet."""

    kind: ClassVar[str] = "staff_reset_refused"
    request_id: str | None
    reason: StaffResetRefusal
