"""Few words one after the other, and what may stand between and around them; with lists of a few words."""

import pytest

from dcss_core.users.passwords.guessable.blocklist import Blocklist
from dcss_core.users.passwords.guessable.context_words import agency_violation
from dcss_core.users.passwords.guessable.derived_words import Undisguised
from dcss_core.users.passwords.guessable.joined_words import WordsToJoin
from dcss_core.users.passwords.password import PasswordFault

LISTED = ("password", "sunshine", "butterfly", "missed")


def is_common(password):
    violation = Blocklist.of(LISTED).violation(Undisguised.of(password))
    return violation is not None and violation.fault is PasswordFault.COMMON


def is_of_agency(password, names, listed=()):
    return agency_violation(Undisguised.of(password), names, frozenset(listed)) is not None


@pytest.mark.parametrize(
    "password",
    [
        "password sunshine password",
        "7password lkjhgfdsa",  # one digit before it
        "2026password lkjhgfdsa",
        "5unshine lkjhgfdsa",  # a digit that is its first letter
        "lkjhgfdsa password 2026",  # the walk first, so that the words are found from the end
        "lkjhgfdsa password7",
        "password xkqxkqxkq",  # three characters over and over
        "password asdf",
        "p4ssw0rd pass",  # 4 of the 8 letters of a word that was there
        "mi$$ed !!!!!!!!!",  # four letters are written, the others look like signs
        "drowssap enihsnus",
    ],
)
def test_two_words_or_one_with_a_walk_or_a_repetition_are_common_with_digits_around(password):
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "password sunshine butterfly",  # three words
        "password xqk",  # three letters of its own
        "password otter otter",  # a word of its own, however often
        "password sunshine lkjhgfdsa",  # two words and a walk
        "butterf1y butt",  # 4 of 9 letters are less than half of the word
        "lkjhgfdsa otter 2026",
    ],
)
def test_one_thing_more_or_three_letters_of_its_own_make_a_passphrase(password):
    assert not is_common(password)


@pytest.mark.parametrize(
    ("password", "names"),
    [
        ("dhs georgia dhs lkjhgfdsa", ("Georgia DHS",)),  # it begins with a word of three letters
        ("lkjhgfdsa dhs georgia dhs", ("Georgia DHS",)),
        ("georgia ga ga georgia", ("Georgia GA",)),  # two letters are a word
        ("ohio 2026 oh ohio", ("Ohio OH",)),  # the longest word has four
    ],
)
def test_short_words_of_the_agency_count_beside_a_telling_one(password, names):
    assert is_of_agency(password, names)


def test_one_word_of_the_agency_at_least_is_asked_for():
    assert is_of_agency("passport authority", ("Port Authority",), {"passport"})
    assert not is_of_agency("passport passport 2026", ("Port Authority",), {"passport"})


def test_words_are_looked_for_until_one_of_the_agency_is_found():
    # one listed word, or another one and a word of the agency
    assert is_of_agency("passport 2026", ("Port Authority",), {"pass", "passport"})


def test_a_word_of_one_letter_is_none():
    assert not WordsToJoin.of(("x", "otter")).make_up(Undisguised.of("otterxotter"), most=2)
