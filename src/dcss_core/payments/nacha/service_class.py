"""ServiceClass: whether a batch holds credits, debits or both."""

from enum import Enum


class ServiceClass(Enum):
    """The three digits of a batch that say which entries it may hold (Nacha Operating Rules, App. 3).

    Class 280 belongs to ADV files, which are not read here.
    """

    MIXED = "200"
    CREDITS = "220"
    DEBITS = "225"

    def admits(self, *, credit: bool) -> bool:
        """Whether an entry of this direction may stand in the batch."""
        return self is ServiceClass.MIXED or (self is ServiceClass.CREDITS) == credit
