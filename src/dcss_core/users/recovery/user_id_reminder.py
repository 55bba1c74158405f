"""A forgotten user id, sent to the address on file.

Decides whether it is sent. Invariants: whoever asks is told the same each time and never the user id; it
goes to the address on file only; wrong particulars count on the SSN's index, known or not, together
with failed resets; one person causes a bounded number of letters.
"""

from datetime import datetime

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.participant_on_file import ParticipantOnFile
from dcss_core.users.recovery.events import ReminderRefusal, UserIdNotSent, UserIdSent
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.policy import RecoveryPolicy
from dcss_core.users.recovery.throttle import ParticularsThrottle

_COUNTED = (ReminderRefusal.UNKNOWN_PERSON, ReminderRefusal.WRONG_NAME)


@attrs.frozen
class UserIdRequested:
    """The one answer to whoever asks for a user id."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return (
            "If what you entered is on file with an account and an address, your user ID is on its way to "
            "that address."
        )


@attrs.frozen
class ReminderSubject:
    """Whom the SSN names, as far as there is anybody; `letters` are the user ids sent to the account."""

    participant: ParticipantOnFile | None = None
    account: Account | None = None
    letters: RecoveryLetters | None = None
    has_address: bool = False


@attrs.frozen
class ReminderDecision:
    """What to save and to record; `letters` is set when the user id is to be sent."""

    throttle: ParticularsThrottle
    letters: RecoveryLetters | None
    events: tuple[Event, ...]


def decide_user_id_reminder(
    subject: ReminderSubject,
    throttle: ParticularsThrottle,
    *,
    full_name: str,
    is_throttled: bool,
    can_write: bool,
    policy: RecoveryPolicy,
    now: datetime,
) -> ReminderDecision:
    """Decide a request; `can_write` as for an issued code."""
    account, letters = subject.account, subject.letters
    reason = _reason_against_source(throttle, is_throttled) or _reason_against_person(subject, full_name)
    if reason is None:
        reason = _reason_against_letter(subject, can_write, policy, now)
    if account is None or letters is None or reason is not None:
        account_id = account.account_id if account else None
        events: tuple[Event, ...] = (UserIdNotSent(account_id, reason or ReminderRefusal.NO_ACCOUNT),)
        if reason in _COUNTED:
            throttle, closed = throttle.after_failure(account, policy.particulars, now)
            events = (*events, *closed)
        return ReminderDecision(throttle, None, events)
    return ReminderDecision(throttle, letters.after_letter(policy, now), (UserIdSent(account.account_id),))


def _reason_against_source(throttle: ParticularsThrottle, is_throttled: bool) -> ReminderRefusal | None:
    if is_throttled:
        return ReminderRefusal.SOURCE_THROTTLED
    return ReminderRefusal.CLOSED if throttle.is_closed else None


def _reason_against_person(subject: ReminderSubject, full_name: str) -> ReminderRefusal | None:
    on_file = subject.participant
    if on_file is None:
        return ReminderRefusal.UNKNOWN_PERSON
    return None if on_file.is_named(full_name) else ReminderRefusal.WRONG_NAME


def _reason_against_letter(
    subject: ReminderSubject, can_write: bool, policy: RecoveryPolicy, now: datetime
) -> ReminderRefusal | None:
    if subject.account is None or subject.letters is None:
        return ReminderRefusal.NO_ACCOUNT
    if not subject.account.is_active:
        return ReminderRefusal.ACCOUNT_NOT_ACTIVE
    if not subject.has_address:
        return ReminderRefusal.NO_ADDRESS
    if not subject.letters.may_send(policy, now):
        return ReminderRefusal.TOO_MANY_LETTERS
    return None if can_write else ReminderRefusal.LETTER_NOT_WRITTEN
