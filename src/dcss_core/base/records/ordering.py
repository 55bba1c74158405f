"""Ordering: things of which one comes before another, as an earlier month and a smaller amount.

Invariant: a thing is compared with one of its own class only, by what `ordered_by` takes from both.
"""

from typing import Any, ClassVar


class Ordered:
    """Something that is ordered by a part of it.

    `attrs` can generate the same at several times the cost, and months and money are compared all the time.
    """

    __slots__ = ()
    ordered_by: ClassVar[Any]
    """A callable that takes out of one what it is ordered by, as `attrgetter("cents")`."""

    def __lt__(self, other: Any) -> bool:
        by = self.ordered_by
        return bool(by(self) < by(other)) if other.__class__ is self.__class__ else NotImplemented

    def __le__(self, other: Any) -> bool:
        by = self.ordered_by
        return bool(by(self) <= by(other)) if other.__class__ is self.__class__ else NotImplemented

    def __gt__(self, other: Any) -> bool:
        by = self.ordered_by
        return bool(by(self) > by(other)) if other.__class__ is self.__class__ else NotImplemented

    def __ge__(self, other: Any) -> bool:
        by = self.ordered_by
        return bool(by(self) >= by(other)) if other.__class__ is self.__class__ else NotImplemented
