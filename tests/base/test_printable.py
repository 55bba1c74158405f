import unicodedata

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.printable import printable


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
