import sys

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.users.recovery.answers import (
    LONGEST_TYPED,
    Answer,
    TypedAnswers,
    answers_secret,
    enrolled_secret,
    normalise_answer,
)


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


# --- what was typed, as each secret that was ever made of such answers --------------------------------------

NEVER_ENROLLED = Secret("18:security answers 2")
TYPED = (Answer("gift", Secret("Red  Car")), Answer("dish", Secret("TEA")))


def test_answers_are_put_together_as_those_enrolled_without_the_name_were():
    # each part behind its length; what is hashed and stored would match nothing if this ever changed
    assert enrolled_secret(TYPED) == Secret("18:security answers 24:dish3:tea4:gift7:red car")


def test_what_was_typed_is_read_as_it_is_enrolled_now_and_as_it_was_with_the_name():
    typed = TypedAnswers.of("Jane Q O'Neil", TYPED, most=2)
    assert typed.enrolled_now == Secret("18:security answers 24:dish3:tea4:gift7:red car")
    assert typed.enrolled_with_name == Secret("18:security answers 110:jane oneil4:dish3:tea4:gift7:red car")


@pytest.mark.parametrize(("most", "is_read"), [(3, True), (2, True), (1, False), (0, False)])
def test_more_answers_than_are_asked_for_are_as_wrong_as_none(most, is_read):
    typed = TypedAnswers.of("Jane Q O'Neil", TYPED, most=most)
    read = TYPED if is_read else ()
    assert typed == TypedAnswers(enrolled_secret(read), answers_secret("Jane Q O'Neil", read))
    assert (typed.enrolled_now != NEVER_ENROLLED) is is_read


def test_no_answer_is_in_what_is_shown_of_typed_answers():
    assert "tea" not in repr(TypedAnswers.of("Jane Q O'Neil", TYPED, most=2)).lower()
