"""Things of a class are ordered by what the class says, and never against another class."""

import operator
from operator import attrgetter

import attrs
import pytest

from dcss_core.base.records.ordering import Ordered


@attrs.frozen
class Page(Ordered):
    ordered_by = attrgetter("book", "number")
    number: int
    book: str


@attrs.frozen
class Chapter(Ordered):
    ordered_by = attrgetter("number")
    number: int


class LoosePage(Page):
    __slots__ = ()


COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge]


def test_they_are_sorted_by_the_named_fields_in_their_order() -> None:
    pages = [Page(2, "a"), Page(1, "b"), Page(1, "a"), Page(10, "a")]
    assert sorted(pages) == [Page(1, "a"), Page(2, "a"), Page(10, "a"), Page(1, "b")]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Page(1, "a"), Page(2, "a"), (True, True, False, False)),
        (Page(2, "a"), Page(2, "a"), (False, True, False, True)),
        (Page(3, "a"), Page(2, "a"), (False, False, True, True)),
    ],
)
def test_less_and_more_are_told_from_the_same(
    one: Page, other: Page, expected: tuple[bool, bool, bool, bool]
) -> None:
    assert tuple(compare(one, other) for compare in COMPARISONS) == expected


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("other", [Chapter(1), LoosePage(1, "a"), 1, None])
def test_nothing_is_compared_with_another_class(compare, other) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TypeError, match="not supported between instances"):
        compare(Page(1, "a"), other)
