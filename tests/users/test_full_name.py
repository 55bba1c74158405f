import pytest
from hypothesis import given, strategies as st

from dcss_core.users.folding import fold
from dcss_core.users.full_name import name_key, names_match

ON_FILE = {"first": "Jane", "middle": "Quincy", "last": "O'Neil-Park"}


@pytest.mark.parametrize(
    "typed",
    [
        "Jane O'Neil-Park",
        "JANE QUINCY ONEIL PARK",
        "jane q. o’neil park",
        "  Jane\u00a0O'Neil‑Park  ",
        "Ｊａｎｅ O'Neil-Park",
        "Jane O'Neil-Park Jr.",
        "Jané O'Neil-Park",
    ],
)
def test_a_name_is_recognised_in_each_usual_spelling(typed):
    assert names_match(typed, **ON_FILE)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Jane",
        "O'Neil-Park",
        "Jane Park",
        "Jane Mary O'Neil-Park",
        "Joan O'Neil-Park",
        "Jane R O'Neil-Park",
    ],
)
def test_another_or_incomplete_name_is_not_recognised(typed):
    assert not names_match(typed, **ON_FILE)


def test_a_name_is_matched_against_an_initial_on_file():
    assert names_match("Jane Quincy Park", first="Jane", middle="Q", last="Park")
    assert not names_match("Jane Mary Park", first="Jane", middle="Q", last="Park")


def test_no_name_matches_a_record_without_a_name():
    assert not names_match("Jane Park", first="", last="")


def test_the_key_of_a_name_does_not_depend_on_the_middle_name():
    assert name_key("Jane Quincy O'Neil") == name_key("jane oneil") == "jane oneil"
    assert name_key("Jane O'Neil III") == name_key("Jane O'Neil")


def test_folding_ignores_case_width_accents_and_letter_forms():
    assert fold("Ｚoë \u210cÄ") == "zoe ha"  # U+210C is a capital H in black letter


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


def test_a_middle_name_is_no_name_where_none_is_on_file():
    assert names_match("Jane Park", first="Jane", last="Park")
    assert not names_match("Jane X Park", first="Jane", last="Park")


def test_first_and_last_name_must_both_be_there_where_one_ends_as_the_other_begins():
    assert names_match("Ana Na", first="Ana", last="Na")
    assert not names_match("Ana", first="Ana", last="Na")


@pytest.mark.parametrize(("first", "last"), [("", "Park"), ("Park", "")])
def test_no_name_matches_a_record_that_lacks_a_part_of_it(first, last):
    assert not names_match("Park", first=first, last=last)


@pytest.mark.parametrize(("name", "key"), [("", ""), ("Cher", "cher"), ("Ana Na", "ana na")])
def test_the_key_of_a_name_of_few_words_is_its_words(name, key):
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"), [("Cher Jr.", "cher"), ("Jr.", "jr"), ("Jane Park III", "jane park")]
)
def test_a_suffix_is_left_out_unless_it_is_the_whole_name(name, key):
    assert name_key(name) == key
