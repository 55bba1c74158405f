"""Pages: a list is given in parts of a bounded length, and goes on where the last part ended."""

import pytest

from dcss_core.base.pages import LONGEST_PAGE, check_limit, page_of
from dcss_core.errors import InvalidInputError

LETTERS = "abcdef"


def page(entries=LETTERS, *, after=None, limit=2):
    return page_of(entries, after=after, limit=limit, key=str.upper, expected="a letter of the list")


@pytest.mark.parametrize("limit", [1, 2, 999, LONGEST_PAGE])
def test_a_page_of_one_to_a_thousand_entries_is_given(limit):
    check_limit(limit)


@pytest.mark.parametrize("limit", [0, -1, 1001, 10_000_000])
def test_a_page_of_nothing_or_of_too_much_is_refused(limit):
    with pytest.raises(InvalidInputError) as refused:
        check_limit(limit)
    assert [str(fault) for fault in refused.value.faults] == [f"limit: found {limit}, expected 1 to 1000"]


@pytest.mark.parametrize("limit", [10**12, -(10**5000)], ids=["a million millions", "too long to write out"])
def test_a_huge_limit_is_not_written_out(limit):
    with pytest.raises(InvalidInputError, match="limit: found a huge number"):
        check_limit(limit)


def test_pages_that_follow_one_another_give_every_entry_once():
    assert page() == ("a", "b")
    assert page(after="B") == ("c", "d")
    assert page(after="D", limit=5) == ("e", "f")
    assert page(after="F") == ()


def test_no_more_of_a_list_is_read_than_its_page_needs():
    entries = iter(LETTERS)
    page(entries, limit=2)
    assert next(entries) == "c"


@pytest.mark.parametrize("entries", [LETTERS, ""])
def test_what_is_no_entry_of_the_list_is_refused_and_not_repeated(entries):
    with pytest.raises(InvalidInputError) as refused:
        page(entries, after="walrus")
    assert [fault.expected for fault in refused.value.faults] == ["a letter of the list"]
    assert "walrus" not in str(refused.value)
