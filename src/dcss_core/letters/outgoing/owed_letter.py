"""OwedLetter: a letter that somebody outside gave cause for, and that is written afterwards.

Decides nothing. Whoever asks for a code, locks an account or closes recovery must not see, by what it takes,
whether there is anybody to write to. So the debt is noted for everybody in the same words, in the transaction
that gave cause for it, and it is paid later, away from whoever asked. Invariant: a debt to nobody is noted
like any other, and nothing comes of it.
"""

from datetime import datetime
from enum import Enum

import attrs

from dcss_core.base.clocks.wrong_clock import is_too_far_ahead
from dcss_core.base.people.contact_kind import ContactKind


class OwedFor(Enum):
    """What a letter is owed for."""

    SIGN_IN_LOCKED = "sign_in_locked"
    RECOVERY_CLOSED = "recovery_closed"
    CODE_REQUESTED = "code_requested"
    USER_ID_REQUESTED = "user_id_requested"
    SECOND_FACTOR_NOT_GIVEN = "second_factor_not_given"


@attrs.frozen
class OwedLetter:
    """What is owed to the owner of an account; `account_id` is None where there is nobody.

    It is not paid before `owed_at`, unless that is so far ahead that a wrong clock set it. `source` is where
    the cause came from. `until` is when a lock ends, `failures` how many closed recovery, `way` how a code is
    to go.
    """

    owed_id: str
    owed_for: OwedFor
    account_id: str | None
    owed_at: datetime
    source: str | None = None
    until: datetime | None = None
    failures: int | None = None
    way: ContactKind = ContactKind.EMAIL

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be paid by now."""
        return now >= self.owed_at or is_too_far_ahead(self.owed_at, now)
