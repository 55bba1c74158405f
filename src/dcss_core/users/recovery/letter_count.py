"""RecoveryLetters: how many letters a recovery may cause, so that nobody's mailbox is flooded.

Decides from the letters sent to one account, each sort on its own, so that a flood of one leaves the
other. Invariant: whoever asks learns nothing of the bound, which holds for known accounts only.
"""

from datetime import datetime
from enum import Enum

import attrs

from dcss_core.users.recovery.policy import RecoveryPolicy
from dcss_core.users.sign_in.lockout import within


class LetterSort(Enum):
    """What somebody can have sent again and again."""

    CODE = "code"
    USER_ID = "user_id"
    CONTACT = "contact"
    INVITATION = "invitation"


@attrs.frozen
class RecoveryLetters:
    """When letters of one sort went to one account."""

    key: str
    sent: tuple[datetime, ...] = ()

    def may_send(self, policy: RecoveryPolicy, now: datetime) -> bool:
        """Whether one more is within the bound."""
        return len(within(self.sent, policy.letter_window, now)) < policy.letter_limit

    def is_forgotten(self, policy: RecoveryPolicy, now: datetime) -> bool:
        """Whether no letter is within the window any more."""
        return not within(self.sent, policy.letter_window, now)

    def after_letter(self, policy: RecoveryPolicy, now: datetime) -> "RecoveryLetters":
        """Count one letter."""
        return attrs.evolve(self, sent=(*within(self.sent, policy.letter_window, now), now))


def letters_key(sort: LetterSort, account_id: str) -> str:
    """The key under which the letters of a sort to an account are counted."""
    return f"{sort.value}/{account_id}"
