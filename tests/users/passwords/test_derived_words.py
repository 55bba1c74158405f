"""The forms of a word; which passwords they find stands in test_password_policy.py."""

import pytest

from dcss_core.users.passwords.guessable.derived_words import Undisguised, forms_of, unit_of


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("support", {"support"}),
        ("sup-port", {"support"}),
        ("support42", {"support42", "support"}),
        ("2word9", {"2word9", "word"}),
        ("ab1", {"ab1"}),  # what is left without the digit is too short to tell
        ("dodo", {"dodo", "do"}),
        ("dodo1", {"dodo1", "dodo", "do"}),
        ("", frozenset()),
        ("--", frozenset()),
    ],
)
def test_a_word_shows_as_it_is_without_digits_around_it_and_as_what_it_repeats(word, forms):
    assert forms_of(word) == forms


@pytest.mark.parametrize("password", ["oneil", "oneil1", "1oneil!", "o-n-e-i-l", "oneiloneil", "lieno"])
def test_a_password_is_made_of_a_word_that_has_signs_itself(password):
    assert Undisguised.of(password).is_made_of("o'neil")


def test_a_password_that_holds_more_than_a_word_is_not_made_of_it():
    assert not Undisguised.of("oneil canoe").is_made_of("o'neil")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", ""),
        ("a", "a"),
        ("aa", "a"),
        ("aaaa", "a"),
        ("aba", "aba"),
        ("abab", "ab"),
        ("ababa", "ab"),
        ("aabaab", "aab"),
    ],
)
def test_the_unit_of_a_text_is_the_shortest_it_repeats_twice_or_else_itself(text, unit):
    assert unit_of(text) == unit
