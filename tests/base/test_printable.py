import unicodedata

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.printable import is_readable, printable


@pytest.mark.parametrize(
    "hidden",
    ["\n", "\r", "\x1b", "\x00", "\u2028", "\u202e", "\u200b", "\ud800", "\x85"],
    ids=lambda each: f"U+{ord(each):04X}",
)
def test_log_injection_what_begins_a_line_moves_a_cursor_or_hides_becomes_a_sign(hidden):
    assert printable(f"203.0.113.7{hidden}forged", 100) == "203.0.113.7\ufffdforged"


def test_what_prints_stays_as_it_is():
    assert printable("203.0.113.7 via Zoë’s café", 100) == "203.0.113.7 via Zoë’s café"


def test_a_text_is_cut_at_its_longest():
    assert printable("x" * 1_000_000, 200) == "x" * 200


@given(st.text(st.characters()), st.integers(0, 30))
def test_log_injection_the_result_prints_is_no_longer_than_allowed_and_stays_the_same(text, longest):
    made = printable(text, longest)
    assert made.isprintable()
    assert len(made) <= longest
    assert len(made.splitlines()) <= 1
    assert printable(made, longest) == made
    assert not {unicodedata.category(each) for each in made} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize("text", ["a", " 7 ", "\u738b", "-\u00e9-", "\u3164a"], ids=ascii)
def test_a_letter_or_digit_can_be_read(text):
    assert is_readable(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "\u202e", "\ufffe", "\u200b\u200d", "\u115f\u1160\u3164\uffa0", "\u0301", "\ud800"],
    ids=ascii,
)
def test_signs_marks_and_what_does_not_show_can_not(text):
    assert not is_readable(text)
