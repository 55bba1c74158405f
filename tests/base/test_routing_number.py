"""RoutingNumber: the check digit of Nacha's Appendix 3."""

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.routing_number import RoutingNumber, check_digit
from dcss_core.errors import InvalidInputError


def test_the_check_digit_of_07640125_is_1():
    # 0*3 + 7*7 + 6*1 + 4*3 + 0*7 + 1*1 + 2*3 + 5*7 = 109; 10 - 9 = 1 (Nacha Operating Rules, App. 3)
    assert check_digit("07640125") == 1
    assert str(RoutingNumber("076401251")) == "076401251"


def test_a_sum_that_ends_in_zero_has_the_check_digit_zero():
    # 1*3 + 1*7 = 10
    assert check_digit("11000000") == 0
    assert RoutingNumber(" 110000000 ").value == "110000000"


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(eight, place, change):
    # every weight (3, 7, 1) is prime to 10, so changing one digit changes the sum modulo 10
    number = eight + str(check_digit(eight))
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert RoutingNumber(number).value == number
    with pytest.raises(InvalidInputError, match="expected check digit"):
        RoutingNumber(wrong)


@pytest.mark.parametrize(
    "text", ["", "07640125", "0764012511", "07640125X", "٠٧٦٤٠١٢٥١", "0764 01251", 76401251, None]
)
def test_other_text_is_refused(text):
    with pytest.raises(InvalidInputError, match="nine digits"):
        RoutingNumber(text)


def test_an_account_number_typed_by_mistake_is_not_repeated():
    with pytest.raises(InvalidInputError) as caught:
        RoutingNumber("4417123456789113")
    assert "4417" not in f"{caught.value!r}{caught.value}"


@pytest.mark.parametrize("text", ["", "0764012", "076401251", "0764012X", "٠٧٦٤٠١٢٥"])
def test_a_check_digit_is_computed_from_eight_digits_only(text):
    with pytest.raises(InvalidInputError, match="eight digits"):
        check_digit(text)
