import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import InvalidInputError
from dcss_core.payments.nacha import ded_name, is_ded_name


@pytest.mark.parametrize(
    ("last", "first", "short"),
    [
        ("Doe", "John", "DOE,JOH"),
        ("Montgomery", "Alice", "MONTGOMALI"),
        ("Montgomery", "Al", "MONTGOMAL"),
        ("Lee", "Bo", "LEE,BO"),
        ("Johnson", "Mary", "JOHNSONMAR"),  # exactly seven letters: no comma
        ("Bishop", "Mary", "BISHOP,MAR"),  # six: a comma
        ("O'Brien-Núñez", "José", "OBRIENNJOS"),
        ("de la Cruz", "Ana", "DELACRUANA"),
        ("Li", "", "LI,"),
        ("Łukasiewicz", "Jan", "LUKASIEJAN"),
        ("Sørensen", "Åse", "SORENSEASE"),
        ("Þórðarson", "Ægir", "THORDARAEG"),
        ("Đỗ", "Đức", "DO,DUC"),
        ("Weiß", "Jürgen", "WEISS,JUR"),
        ("Işık", "İlker", "ISIK,ILK"),
        ("Kaʻana", "Lee", "KAANA,LEE"),
        ("ŊƐƆ", "Ɓala", "NEO,BAL"),
        ("Sukarno", "", "SUKARNO"),
        ("", "Sukarno", "SUKARNO"),
        ("", "Cher", "CHER,"),
    ],
)
def test_the_name_is_seven_letters_of_the_last_and_three_of_the_first(last, first, short):
    assert ded_name(last, first) == short
    assert is_ded_name(short)


@pytest.mark.parametrize(("last", "first"), [("  ", ""), ("", ""), ("-", "'")])
def test_a_name_without_letters_is_refused(last, first):
    with pytest.raises(InvalidInputError, match="last name"):
        ded_name(last, first)


def test_a_name_with_a_letter_that_a_to_z_can_not_write_is_refused_and_not_shown():
    with pytest.raises(InvalidInputError) as caught:
        ded_name("Иванов", "李a")
    assert [fault.where for fault in caught.value.faults] == ["first name", "last name"]
    assert "ван" not in str(caught.value)


@given(st.text(st.characters(categories=["Lu", "Ll", "Lt"]), min_size=1, max_size=12))
def test_no_letter_of_a_name_vanishes(name):
    """Either the name is refused, or it has a letter for each of its own, up to the ten."""
    try:
        short = ded_name(name, "").rstrip(",")
    except InvalidInputError:
        return
    assert len(short) >= min(7, sum(each not in "ɁɂꞋꞌ" for each in name))
    assert is_ded_name(ded_name(name, ""))


@pytest.mark.parametrize("name", ["John Doe", "DOE JOHN", "doe,joh", "DOE,JOHN", "MONTGOMERY,A", "DOE", ""])
def test_other_forms_are_free_form(name):
    assert not is_ded_name(name)
