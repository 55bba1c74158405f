"""A forgotten user id, sent to the address on file.

Decides whether it is owed to somebody, and, away from whoever asked, whether it is sent. Invariants: whoever
asks is told the same each time and never the user id; it goes to the address on file only; wrong particulars
count on the SSN's index, known or not, together with failed resets; one person causes a bounded number of
letters.
"""

from datetime import datetime

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.participant_on_file import ParticipantOnFile
from dcss_core.users.recovery.events import (
    ReminderRefusal,
    UserIdAskedFor,
    UserIdNotSent,
    UserIdSent,
)
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.policy import RecoveryPolicy
from dcss_core.users.recovery.throttle import ParticularsThrottle


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
class ReminderDecision:
    """What to save and to record, and whether a user id is owed to the owner of the account."""

    throttle: ParticularsThrottle
    events: tuple[Event, ...]
    is_owed: bool


@attrs.frozen
class ReminderLetterDecision:
    """What to record; `letters` is set when the user id is sent."""

    letters: RecoveryLetters | None
    event: Event


def decide_user_id_request(
    participant: ParticipantOnFile | None,
    account: Account | None,
    throttle: ParticularsThrottle,
    *,
    full_name: str,
    policy: RecoveryPolicy,
    now: datetime,
) -> ReminderDecision:
    """Decide a request from a source that is open; `participant` is whom the number names, if anybody."""
    account_id = account.account_id if account else None
    if throttle.is_closed:
        return ReminderDecision(throttle, (UserIdNotSent(account_id, ReminderRefusal.CLOSED),), False)
    reason = _reason_against_person(participant, full_name)
    if reason is None:
        return ReminderDecision(throttle, (UserIdAskedFor(account_id),), is_owed=True)
    counted, closed = throttle.after_failure(account, policy.particulars, now)
    return ReminderDecision(counted, (UserIdNotSent(account_id, reason), *closed), False)


def decide_user_id_letter(
    account: Account | None,
    letters: RecoveryLetters,
    *,
    has_address: bool,
    policy: RecoveryPolicy,
    now: datetime,
) -> ReminderLetterDecision:
    """Decide whether a user id that is owed is sent; `letters` are those that went to the account."""
    reason = _reason_against_letter(account, letters, has_address, policy, now)
    if account is None or reason is not None:
        account_id = account.account_id if account else None
        return ReminderLetterDecision(None, UserIdNotSent(account_id, reason or ReminderRefusal.NO_ACCOUNT))
    return ReminderLetterDecision(letters.after_letter(policy, now), UserIdSent(account.account_id))


def _reason_against_person(participant: ParticipantOnFile | None, full_name: str) -> ReminderRefusal | None:
    if participant is None:
        return ReminderRefusal.UNKNOWN_PERSON
    return None if participant.is_named(full_name) else ReminderRefusal.WRONG_NAME


def _reason_against_letter(
    account: Account | None,
    letters: RecoveryLetters,
    has_address: bool,
    policy: RecoveryPolicy,
    now: datetime,
) -> ReminderRefusal | None:
    if account is None:
        return ReminderRefusal.NO_ACCOUNT
    if not account.is_active:
        return ReminderRefusal.ACCOUNT_NOT_ACTIVE
    if not has_address:
        return ReminderRefusal.NO_ADDRESS
    return None if letters.may_send(policy, now) else ReminderRefusal.TOO_MANY_LETTERS
