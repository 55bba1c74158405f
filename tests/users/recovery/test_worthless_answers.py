"""What protects nobody as a security answer, whatever the question; and ordinary words, which do."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.users.passwords.password import Password
from dcss_core.users.recovery.answers import Answer
from dcss_core.users.recovery.security_questions import (
    AnswerContext,
    AnswerFault,
    QuestionPolicy,
    enrolment_violations,
)
from dcss_core.users.recovery.worthless_answers import Particulars, faults_of_worthless

JANE = AnswerContext(
    "J.Roe-88",
    "Jane Roe",
    Password("seven green kites over"),
    Particulars(Ssn("900-01-4321", accept_never_issued=True), date(1988, 7, 1), ("CP100200", "C771234")),
)
STRANGER = AnswerContext("okonjo51", "Ngozi Okonjo", None)


@pytest.fixture
def faults(faults_of):
    return lambda text, context=JANE, question="dish": faults_of(text, context, question)


@pytest.mark.parametrize(
    "text",
    [
        "none",
        "None.",
        "n/a",
        "N.A.",
        "N / A",
        "na",
        "not applicable",
        "idk",
        "I.D.K.",
        "I don't know",
        "i dont know!",
        "I DON’T KNOW",
        "dont know",
        "nothing",
        "unknown",
        "no",
        "No!",
        "nil",
        "null",
        "test",
        "Test 1",
        "test123",
        "testing",
        "asdf",
        "password",
        "Password1",
        "ninguno",
        "Ninguna",
        "nada",
        "no sé",
        "no se",
        "¡No sé!",
        "no recuerdo",
        "ｎｏｎｅ",
        "n-o-n-e",
        "...",
        "--",
        "?!",
        "blank",
        "abc",
        "secret",
    ],
)
@pytest.mark.parametrize("question", ["dish", "gift", "story", "thing"])
def test_what_says_nothing_is_no_answer_to_any_question(faults, text, question):
    assert AnswerFault.IS_PLACEHOLDER in faults(text, question=question) or faults(text) == [
        AnswerFault.SEQUENCE
    ]


@pytest.mark.parametrize(
    "text",
    [
        "jane.roe@example.com",
        "JANE.ROE@EXAMPLE.COM",
        "somebody.else@mail.example.org",
        "my mail is a@b.example",
        "<jane.roe@example.com>",
        "ｊａｎｅ＠example.com",
        "jane.roe at example dot com",
        "jane.roe (at) example.com",
        "jane.roe[at]example[dot]com",
        "jane.roe at at.example.com",  # only the first one is the sign
    ],
)
def test_an_email_address_is_refused_by_its_shape_whoever_it_belongs_to(faults, text):
    assert faults(text) == faults(text, STRANGER) == [AnswerFault.IS_EMAIL_ADDRESS]


@pytest.mark.parametrize(
    "text", ["900-01-4321", "900 01 4321", "900014321", "900.01.4321", "٩٠٠٠١٤٣٢١", "９００-01-4321"]
)
def test_nine_digits_are_refused_by_their_number_whoever_they_belong_to(faults, text):
    assert faults(text) == faults(text, STRANGER) == [AnswerFault.IS_SSN]


@pytest.mark.parametrize("text", ["4321", "ssn 4321"])
def test_a_part_of_ones_own_ssn_is_refused_and_another_number_is_not(faults, text):
    assert AnswerFault.IS_SSN in faults(text)
    assert AnswerFault.IS_SSN not in faults(text, STRANGER)


@pytest.mark.parametrize(
    "text",
    [
        "1988-07-01",
        "07/01/1988",
        "7/1/1988",
        "7-1-88",
        "01.07.1988",
        "1.7.88",
        "19880701",
        "07011988",
        "July 1, 1988",
        "july 1st 1988",
        "1 July 1988",
        "Jul 1 1988",
        "the 1st of July 1988",
        "1 jul 88",
        "1 de julio de 1988",
        "٠٧/٠١/١٩٨٨",
    ],
)
def test_ones_own_date_of_birth_is_refused_in_every_usual_writing(faults, text):
    assert AnswerFault.IS_BIRTH_DATE in faults(text)
    assert AnswerFault.IS_BIRTH_DATE not in faults(text, STRANGER)


@pytest.mark.parametrize("text", ["CP100200", "cp-100200", "CP 100 200", "c771234"])
def test_ones_own_identifiers_are_refused(faults, text):
    assert faults(text) == [AnswerFault.IS_IDENTIFIER]
    assert faults(text, STRANGER) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("jroe88", AnswerFault.IS_USER_ID),
        ("J.ROE-88", AnswerFault.IS_USER_ID),
        ("j roe 88", AnswerFault.IS_USER_ID),
        ("Seven Green Kites Over", AnswerFault.IS_PASSWORD),
        ("sevengreenkitesover", AnswerFault.IS_PASSWORD),
        ("seven-green-kites-over!", AnswerFault.IS_PASSWORD),
    ],
)
def test_the_user_id_and_the_password_are_refused_in_any_spelling(faults, text, fault):
    assert fault in faults(text)


@pytest.mark.parametrize(
    "text",
    ["123", "1234", "54321", "0987654321", "qwerty", "QWERTY!", "poiuy", "zxcvb", "abcdef", "1q2w3e4r"],
)
def test_a_walk_over_the_keyboard_or_the_digits_is_refused(faults, text):
    assert AnswerFault.SEQUENCE in faults(text)


@pytest.mark.parametrize(
    "text", ["xx", "xxx", "XXXX", "aaaa", "x x x", "...a.a.a", "000", "hahaha", "asdasd", "123123"]
)
def test_a_few_characters_over_and_over_are_refused(faults, text):
    assert AnswerFault.REPETITION in faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "bicycle",
        "a red bicycle",
        "nonna",
        "Nadia",
        "Momo",
        "Stu",
        "Poi",
        "couscous",
        "bonbon",
        "Fred",
        "Noel",
        "Nona",
        "Nils",
        "Testa",
        "nose",
        "notes",
        "Unknown Pleasures",
        "Bo",
        "Al",
        "Nothing Else Matters",
        "Passaic",
        "The Secret Garden",
        "555-0134",
        "(404) 555-0134",
        "4045550134",
        "1974",
        "blanket",
        "emptiness",
        "Ida",
        "at the lake",
        "dot the dog",
        "grandma’s café",
        "shakshuka",
        "tres leches",
        "Ανθή",
        "Зоя",
        "北京",
        "anna",
    ],
)
def test_ordinary_words_names_and_numbers_stay_usable(faults, text):
    assert faults(text) == []


def test_one_letter_is_no_repetition():
    assert list(faults_of_worthless("x", frozenset(), Particulars())) == []


@pytest.mark.parametrize("text", ["bye bye", "b-y-e b-y-e", "byebye"])
def test_a_placeholder_that_says_a_word_twice_is_known_without_blanks(text):
    found = faults_of_worthless(text, frozenset({"bye bye"}), Particulars())
    assert [fault for fault, _ in found] == [AnswerFault.IS_PLACEHOLDER]


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)))
def test_a_date_of_birth_is_refused_as_the_form_itself_asks_for_it(born):
    context = Particulars(birth_date=born)
    for text in (born.isoformat(), born.strftime("%m/%d/%Y"), born.strftime("%B %d, %Y").lower()):
        assert AnswerFault.IS_BIRTH_DATE in [
            fault for fault, _ in faults_of_worthless(text, frozenset(), context)
        ]


def test_every_reason_comes_at_once_and_shows_no_answer(questions):
    policy = QuestionPolicy(1, None, questions.catalogue, {}, placeholders=frozenset({"asdf"}))
    violations = enrolment_violations((Answer("dish", Secret("asdf")),), policy, JANE)
    assert [each.fault for each in violations] == [AnswerFault.IS_PLACEHOLDER, AnswerFault.SEQUENCE]
    assert "asdf" not in repr(violations)
    assert "4321" not in repr(JANE)
