"""Which words are somebody's own: the name in pieces, the password in another order."""

import pytest

from dcss_core.users.recovery.particulars.own_words import is_name, is_password, is_user_id


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("Wulian", "An Li Wu"),  # turned round, with the six letters from which that tells
        ("AnLiAnLi", "An Li"),
        ("annlee", "Ann Lee Smith"),
        ("AnnLeeAnn", "Ann Lee"),
        ("leeann", "Ann Lee"),
        ("Vivi", "Vi Vi"),  # a whole name that says one word twice
    ],
)
def test_names_one_after_the_other_are_the_name(answer, name):
    assert is_name(answer, name)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("Lian", "An Li"),  # four letters turned round are another word
        ("nna", "Ann"),
        ("annxxx", "Ann Lee"),
        ("", "Ann Lee"),
        ("anna", "An Na Lee Wu"),  # short ones stand in many words
    ],
)
def test_what_only_begins_like_a_name_is_another_word(answer, name):
    assert not is_name(answer, name)


def test_the_words_of_a_password_in_another_order_are_the_password():
    assert is_password("kites green", "green kites 7")


@pytest.mark.parametrize(
    ("answer", "password"),
    [
        ("savannah77", "Savannah 1999"),  # other digits around the same eight letters
        ("77 savannah", "savannah"),
        ("a house in savannah", "savannah"),  # eight letters stand nowhere by chance
        ("the hannavas road", "savannah"),  # turned round
    ],
)
def test_what_holds_a_telling_password_is_the_password(answer, password):
    assert is_password(answer, password)


@pytest.mark.parametrize(
    ("answer", "password"), [("Atlanta", "atlanta 1999"), ("rose garden", "tulip7"), ("", "savannah")]
)
def test_another_word_or_one_short_word_is_not_the_password(answer, password):
    assert not is_password(answer, password)


@pytest.mark.parametrize(
    ("answer", "user_id"),
    [
        ("Jane77", "jane77@roe@ga"),  # what stands before the first at sign
        ("88rj", "jr88"),  # letters and figures stand together nowhere by chance
        ("eodorj", "jrodoe"),  # nor do six letters
        ("my login j-me4", "j.me4"),  # me only announces elsewhere
    ],
)
def test_a_user_id_in_another_form_is_the_user_id(answer, user_id):
    assert is_user_id(answer, user_id)


@pytest.mark.parametrize(
    ("answer", "user_id"), [("eorj", "jroe"), ("red scooter", "@jane9x"), ("001", "ool")]
)
def test_four_letters_turned_round_and_a_number_are_something_else(answer, user_id):
    assert not is_user_id(answer, user_id)
