"""The forms of a word; which passwords they find stands in test_password_policy.py."""

import pytest

from dcss_core.users.passwords.guessable.derived_words import (
    Undisguised,
    forms_of,
    is_one_third_runs,
    unit_of,
)


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


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("oonneeiill", "oneil"),  # each letter twice
        ("ooonnneeeiiilll", "oneil"),
        ("oooonnnneeeeiiiillll", "oneil"),  # four times
        ("oonneeiilloonneeiill", "oneil"),  # and the whole once more
        ("xxxxoneil", "oneil"),  # three of one character and more are padding
        ("oneilxxxx", "oneil"),
        ("xoneilxxxx", "oneil"),
        ("eiloneil", "oneil"),  # once and a half: 8 characters of a word of 5
        ("itekiteki", "kite"),  # begun and ended within a word of four letters
        ("2026 o4neil 2026", "o4neil"),  # the digit in the middle is the word's own
    ],
)
def test_a_word_is_found_whose_letters_are_doubled_padded_or_turned_round(password, word):
    assert Undisguised.of(password).is_made_of(word)


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("eiloneil", "neil"),  # what is cut from a word is another word
        ("oonneill", "oneil"),  # one letter is there once
        ("xxoneil", "oneil"),  # two of one character may be a word's own
        ("iloneil", "oneil"),  # 7 characters are less than one and a half times 5
    ],
)
def test_a_word_is_not_found_by_half_of_a_disguise(password, word):
    assert not Undisguised.of(password).is_made_of(word)


@pytest.mark.parametrize(
    ("text", "runs", "is_third"),
    [("aab", 1, True), ("aabc", 1, False), ("aaabbc", 3, True), ("ababab", 0, False), ("abcdee", 1, False)],
)
def test_a_third_of_a_text_is_counted_in_characters_that_are_the_one_before(text, runs, is_third):
    assert (runs * 3 >= len(text)) is is_third  # the definition
    assert is_one_third_runs(text) is is_third
