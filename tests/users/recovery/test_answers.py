import sys

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.users.recovery.answers import LONGEST_TYPED, Answer, answers_secret, normalise_answer


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("  The  Wind\tin\nthe Willows ", "the wind in the willows"),
        ("O’Brien", "o'brien"),
        ("Straße", "strasse"),
        ("ＦＯＲＤ", "ford"),
        ("jack\u2010o\u2013lantern", "jack-o-lantern"),
        ("re\u00add", "red"),  # soft hyphen
        ("caf\u00e9", "caf\u00e9"),
        ("cafe\u0301", "caf\u00e9"),
        ("ﬁsh", "fish"),
        ("a\x00b\u200bc", "abc"),
        ("\u200b \u2060", ""),
        ("cafe\u200b\u0301", "caf\u00e9"),
    ],
)
def test_s23_answers_are_normalised(typed, normalised):
    assert normalise_answer(typed) == normalised


def test_accents_tell_answers_apart():
    assert normalise_answer("resume") != normalise_answer("résumé")


def test_s23_normalising_each_code_point_twice_changes_nothing_more():
    for code in range(0, sys.maxunicode + 1, 7):  # 7 is prime to every block size
        once = normalise_answer(f"x{chr(code)}y")
        assert normalise_answer(once) == once, f"U+{code:04X}"


@given(st.text())
def test_s23_normalising_any_text_twice_changes_nothing_more(text):
    once = normalise_answer(text)
    assert normalise_answer(once) == once


def secret_of(name, *pairs):
    return answers_secret(name, [Answer(question, Secret(text)) for question, text in pairs])


def test_the_order_of_answers_and_their_spelling_do_not_count():
    given_then = secret_of("Jane Q O'Neil", ("gift", "Red Scooter"), ("dish", "Tea"))
    given_now = secret_of("JANE ONEIL", ("dish", " tea"), ("gift", "red  scooter"))
    assert given_then == given_now


@pytest.mark.parametrize(
    "other",
    [
        secret_of("Joan O'Neil", ("dish", "tea"), ("gift", "car")),
        secret_of("Jane O'Neil", ("dish", "car"), ("gift", "tea")),
        secret_of("Jane O'Neil", ("dish", "tea"), ("story", "car")),
        secret_of("Jane O'Neil", ("dish", "tea")),
        secret_of("Jane O'Neil", ("dish", "tea4:gift3:car")),
        secret_of("Jane O'Neil", ("dish", "teagiftcar")),
        secret_of("Jane O'Neil", ("dish", "teacar"), ("gift", "")),
    ],
    ids=[
        "name",
        "swapped",
        "another question",
        "one less",
        "forged lengths",
        "run together",
        "moved boundary",
    ],
)
def test_any_other_name_answer_or_question_makes_another_secret(other):
    assert other != secret_of("Jane O'Neil", ("dish", "tea"), ("gift", "car"))


def test_an_answer_too_long_to_be_enrolled_is_not_cut_to_a_shorter_one():
    long = "x" * (LONGEST_TYPED + 1)
    assert secret_of("J N", ("dish", long)) != secret_of("J N", ("dish", long[:LONGEST_TYPED]))
    assert secret_of("J N", ("dish", long)) == secret_of("J N", ("dish", ""))  # which is never enrolled


def test_name_and_answers_are_put_together_as_those_already_enrolled_were():
    # each part behind its length; what is hashed and stored would match nothing if this ever changed
    written = "18:security answers 110:jane oneil4:dish3:tea4:gift7:red car"
    assert secret_of("Jane Q O'Neil", ("gift", "Red  Car"), ("dish", "TEA")) == Secret(written)


def test_half_a_character_is_no_part_of_an_answer():
    assert normalise_answer("a\ud800b\udfffc") == "abc"
