"""How a month may be cut short in a date of birth."""

from datetime import date

import pytest

from dcss_core.users.recovery.particulars.own_birth_date import is_birth_date


@pytest.mark.parametrize("answer", ["14 juil 1990", "14 jul 1990", "14 juillet 1990", "July 14, 1990"])
def test_a_month_may_be_cut_to_three_letters_or_four(answer):
    assert is_birth_date(answer, date(1990, 7, 14))


@pytest.mark.parametrize("answer", ["14 juill 1990", "14 ju 1990", "14 juin 1990", "July"])
def test_another_word_is_not_the_month(answer):
    assert not is_birth_date(answer, date(1990, 7, 14))
