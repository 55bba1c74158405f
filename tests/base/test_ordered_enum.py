"""Enums whose members have an order: that in which they are written down."""

import operator
from enum import Enum

import pytest

from dcss_core.base.ordered_enum import OrderedEnum


class Step(OrderedEnum):
    SECOND_BY_NAME = "b"
    FIRST_BY_NAME = "a"


class Other(OrderedEnum):
    SECOND_BY_NAME = "b"


FIRST, SECOND = Step.SECOND_BY_NAME, Step.FIRST_BY_NAME


def test_members_are_sorted_as_they_are_written_down() -> None:
    assert sorted([SECOND, FIRST]) == [FIRST, SECOND]


def test_each_comparison_goes_by_that_order() -> None:
    assert (FIRST < SECOND, FIRST <= SECOND, FIRST > SECOND, FIRST >= SECOND) == (True, True, False, False)
    assert (FIRST < FIRST, FIRST <= FIRST, FIRST > FIRST, FIRST >= FIRST) == (False, True, False, True)


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("other", [Other.SECOND_BY_NAME, "b", Enum("Plain", "ONE")])
def test_members_of_two_enums_are_not_compared(compare, other) -> None:
    with pytest.raises(TypeError):
        compare(FIRST, other)
