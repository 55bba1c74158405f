"""OrderedEnum: an enum whose members have an order, that of their definition.

Decides that they can be sorted, which tables and data frames need to group by them. Invariant: members of
two enums are never compared.
"""

from enum import Enum
from typing import Any


class OrderedEnum(Enum):
    """An enum to be sorted; the first member that is written down is the least."""

    def __lt__(self, other: Any) -> bool:
        return self._place() < other._place() if type(other) is type(self) else NotImplemented

    def __le__(self, other: Any) -> bool:
        return self._place() <= other._place() if type(other) is type(self) else NotImplemented

    def __gt__(self, other: Any) -> bool:
        return self._place() > other._place() if type(other) is type(self) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        return self._place() >= other._place() if type(other) is type(self) else NotImplemented

    def _place(self) -> int:
        return list(type(self)).index(self)
