import pytest

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
    ],
)
def test_the_name_is_seven_letters_of_the_last_and_three_of_the_first(last, first, short):
    assert ded_name(last, first) == short
    assert is_ded_name(short)


def test_a_last_name_without_letters_is_refused():
    with pytest.raises(InvalidInputError, match="last name"):
        ded_name("  ", "John")


@pytest.mark.parametrize("name", ["John Doe", "DOE JOHN", "doe,joh", "DOE,JOHN", "MONTGOMERY,A", "DOE", ""])
def test_other_forms_are_free_form(name):
    assert not is_ded_name(name)
