"""Pages: how many entries of a list come at once.

Decides which `limit` a list takes. Invariant: no list gives more than LONGEST_PAGE at once, so that what a
caller asks for never decides how much memory the agency takes.
"""

from collections.abc import Callable, Iterable
from itertools import dropwhile, islice
from typing import Final, TypeVar

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, InvalidInputError

T = TypeVar("T")

LONGEST_PAGE: Final = 1000
"""So many entries of a list at most; ask again with `after` for those that follow."""


def check_limit(limit: int, name: str = "limit") -> None:
    """Refuse a page of nothing, or of too much; raises InvalidInputError."""
    if not 1 <= limit <= LONGEST_PAGE:
        fault = Fault(name, shown_number(limit), f"1 to {LONGEST_PAGE}")
        raise InvalidInputError("a list is read in pages", faults=[fault])


def page_of(
    entries: Iterable[T], *, after: str | None, limit: int, key: Callable[[T], str], expected: str
) -> tuple[T, ...]:
    """So many entries of a list, after the one with this key; raises InvalidInputError as a list must.

    `expected` says what `after` may be.
    """
    check_limit(limit)
    following = iter(entries)
    if after is not None:
        following = dropwhile(lambda entry: key(entry) != after, following)
        if next(following, None) is None:
            raise not_of_this_list(expected)
    return tuple(islice(following, limit))


def not_of_this_list(expected: str) -> InvalidInputError:
    """The error for an `after` that is no entry of the list; what was given is not repeated."""
    return InvalidInputError(
        "the list can't go on from there", faults=[Fault("after", "an id of another list", expected)]
    )
