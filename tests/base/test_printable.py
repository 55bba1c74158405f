import unicodedata

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.printable import counted, faults_of_shown, is_readable, printable


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


def test_one_of_a_thing_is_named_without_an_s():
    assert [counted(count, "cases") for count in (0, 1, 2)] == ["0 cases", "1 case", "2 cases"]
    assert counted(1, "numbered") == "1 numbered"


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


HIDDEN = {
    "zero width space": "\u200b",
    "left-to-right mark": "\u200e",
    "right-to-left override": "\u202e",
    "first strong isolate": "\u2068",
    "Arabic letter mark": "\u061c",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "combining grapheme joiner": "\u034f",
    "Mongolian vowel separator": "\u180e",
    "variation selector": "\ufe0f",
    "ideographic variation selector": "\U000e0100",
    "tag": "\U000e0041",
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "\uffa0",
    "Braille blank": "\u2800",
    "private use": "\ue000",
    "private use of plane 16": "\U0010fffd",
    "noncharacter": "\ufdd0",
    "last of a plane": "\U0001ffff",
    "half character": "\ud800",
    "tabulator": "\t",
    "line separator": "\u2028",
    "interlinear annotation": "\ufff9",
}


@pytest.mark.parametrize("sign", HIDDEN.values(), ids=HIDDEN)
def test_what_does_not_show_or_turns_text_about_is_a_fault_that_names_it_alone(sign):
    for text in (f"Amy{sign} Lee", f"{sign}Amy", f"Amy{sign}", sign, sign * 9):
        [fault] = faults_of_shown("name", text)
        assert fault.where == "name"
        assert fault.found == f"U+{ord(sign):04X}, which does not show as itself"


def test_each_hidden_sign_is_told_once_and_of_many_the_first_five():
    assert [fault.found[:6] for fault in faults_of_shown("name", "a\u200bb\u202ec\u200b")] == [
        "U+200B",
        "U+202E",
    ]
    assert len(list(faults_of_shown("name", "".join(HIDDEN.values())))) == 5


@pytest.mark.parametrize(
    "text",
    [
        "José-María ‘Pepe’",
        "Nguyễn",
        "李 小龍",
        "יוסף",
        "محمد",
        "علی\u200cرضا",  # Ali-Reza: the non-joiner between two letters
        "क्\u200dष",  # the joiner after a virama
        "ශ්\u200dරී",
        "ക്\u200c",
        "x\u0301\u0323",
        "a\u00a0b",
        "",
    ],
    ids=ascii,
)
def test_a_text_of_any_script_shows_as_it_is(text):
    assert list(faults_of_shown("name", text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Amy\u200c Lee",
        "Amy\u200d",
        "\u200cعلی",
        "علی\u200c",
        "علی\u200dرضا",
        "ع\u200ca",
        "\u200d",
        "क\u200dष",
    ],
    ids=ascii,
)
def test_a_joiner_that_joins_nothing_is_hidden(text):
    assert len(list(faults_of_shown("name", text))) == 1


@given(st.text(st.characters(), max_size=20))
def test_a_text_without_a_fault_has_no_control_and_nothing_ignorable(text):
    if list(faults_of_shown("name", text)):
        return
    rest = text.replace("\u200c", "").replace("\u200d", "")
    assert not {unicodedata.category(each) for each in rest} & {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(each) for each in rest} & {
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
    }


def test_what_hides_by_being_blank_is_a_sign_in_a_log():
    assert printable("203.0.113.7\u3164\ufe0f", 100) == "203.0.113.7\ufffd\ufffd"
