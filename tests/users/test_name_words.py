import pytest

from dcss_core.users.name_words import name_key, name_words


def test_the_key_of_a_name_does_not_depend_on_the_middle_name():
    assert name_key("Jane Quincy O'Neil") == name_key("jane oneil") == "jane oneil"
    assert name_key("Jane O'Neil III") == name_key("Jane O'Neil")


@pytest.mark.parametrize(("name", "key"), [("", ""), ("Cher", "cher"), ("Ana Na", "ana na")])
def test_the_key_of_a_name_of_few_words_is_its_words(name, key):
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"), [("Cher Jr.", "cher"), ("Jr.", "jr"), ("Jane Park III", "jane park")]
)
def test_a_suffix_is_left_out_unless_it_is_the_whole_name(name, key):
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("\u0141ukasz Wa\u0142\u0119sa", "\u0142ukasz wa\u0142esa"),
        ("Anna S\u00f8rensen", "anna s\u00f8rensen"),
        ("John Smith V", "john v"),
        ("Ka\u02bbana Lee", "ka\u02bbana lee"),
    ],
)
def test_the_key_of_a_name_is_what_it_was_when_answers_were_hashed_with_it(name, key):
    # written down from the version that hashed it; with another key nobody's answers would match any more
    assert name_key(name) == key


def test_the_words_of_a_name_are_without_a_suffix():
    assert name_words("Jane Quincy O'Neil-Park Jr.") == ("jane", "quincy", "oneil", "park")
