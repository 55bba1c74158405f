"""Letter: what the agency writes to one person, and the occasion it is written for.

Decides under which name a letter goes out, and so how often there is one. Invariants: a subject holds no
personal data; the text is secret, because some carry an assigned password, a code or a user id; two letters
for one occasion have one name.
"""

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum

import attrs

from dcss_core.base.secret import Secret


class Recurrence(Enum):
    """How often something is written about that can happen again."""

    ONCE = "once"
    ONCE_A_DAY = "once_a_day"
    EACH_TIME = "each_time"


@attrs.frozen
class Occasion:
    """What a letter is about; one that is written once has a name that no other occasion has."""

    name: str
    recurrence: Recurrence = Recurrence.ONCE

    @property
    def may_be_told_already(self) -> bool:
        """Whether a letter that is there already, under the same id, stands for this one too."""
        return self.recurrence is Recurrence.ONCE_A_DAY

    def message_id(self, account_id: str, *, today: date, new_id: Callable[[], str]) -> str:
        """The id of the message to the owner of an account, on a day of the agency's.

        `new_id` is called only for what is written each time it happens.
        """
        return f"account/{account_id}/{self._key(today, new_id)}"

    def _key(self, today: date, new_id: Callable[[], str]) -> str:
        match self.recurrence:
            case Recurrence.ONCE:
                return self.name
            case Recurrence.ONCE_A_DAY:
                return f"{self.name}/{today}"
            case Recurrence.EACH_TIME:
                return f"{self.name}/{new_id()}"


def each_time(name: str) -> Occasion:
    """An occasion of its own whenever it happens."""
    return Occasion(name, Recurrence.EACH_TIME)


@attrs.frozen
class Letter:
    """A subject, a text and what it is about.

    After `useless_after` the letter helps nobody any more and is not sent; None is never.
    """

    subject: str
    body: Secret
    occasion: Occasion
    useless_after: datetime | None = None
