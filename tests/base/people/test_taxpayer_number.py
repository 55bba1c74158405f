"""ITINs are made here at run time, never written down: any of them could be somebody's."""

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.people.itin import Itin, is_itin
from dcss_core.base.people.taxpayer_number import stored_taxpayer_number, taxpayer_number
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvalidInputError

# Internal Revenue Manual 3.21.263: the groups that are assigned; 93 is of ATINs
GROUPS = (*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100))
OTHERS = sorted({*range(100)} - {*GROUPS})

serials = st.integers(1, 9999)
areas = st.integers(900, 999)


def digits_of(area, group, serial):
    return f"{area:03d}{group:02d}{serial:04d}"


itins = st.builds(digits_of, areas, st.sampled_from(GROUPS), serials).filter(
    lambda text: text[:8] != "98765432"
)


@given(itins)
def test_an_itin_is_read_however_it_is_written_and_is_a_secret(digits):
    parts = digits[:3], digits[3:5], digits[5:]
    for written in (digits, "-".join(parts), " ".join(parts), f" {digits} "):
        assert Itin(written).reveal() == digits
        assert taxpayer_number(written) == Itin(digits)
    assert digits not in repr(Itin(digits))
    assert Itin(digits) != Secret(digits)


@given(itins)
def test_an_itin_is_no_ssn_even_for_tests(digits):
    for switch in ({}, {"accept_never_issued": True}):
        with pytest.raises(InvalidInputError) as caught:
            Ssn(digits, **switch)
        assert digits not in str(caught.value)
    assert Itin(digits) != Ssn.stored(digits)


@given(st.builds(digits_of, areas, st.sampled_from(OTHERS), serials) | st.builds(
    digits_of, st.integers(0, 899), st.integers(0, 99), serials
))  # fmt: skip
def test_nothing_else_is_an_itin(digits):
    with pytest.raises(InvalidInputError) as caught:
        Itin(digits)
    assert [fault.where for fault in caught.value.faults] == ["itin"]
    assert digits not in str(caught.value)


@pytest.mark.parametrize("text", ["", "walrus", "90070000", "9007000011", "900-700-001", None, 900])
def test_what_is_not_nine_digits_is_no_itin(text):
    with pytest.raises(InvalidInputError, match="nine digits"):
        Itin(text)


def test_numbers_for_advertisements_are_no_itins():
    for last in range(10):
        with pytest.raises(InvalidInputError):
            Itin(f"98765432{last}")


@given(itins | st.builds(digits_of, areas, st.integers(1, 49), serials))
def test_what_was_stored_is_read_back_as_what_it_was(digits):
    kept = Itin(digits) if is_itin(digits) else Ssn(digits, accept_never_issued=True)
    read = stored_taxpayer_number(kept.reveal())
    assert read == kept
    assert type(read) is type(kept)


def test_a_number_as_typed_is_an_ssn_or_refused_as_one():
    assert taxpayer_number("123-45-6780") == Ssn("123456780")
    for text in ("walrus", "000-12-3456"):
        with pytest.raises(InvalidInputError) as caught:
            taxpayer_number(text)
        assert [fault.where for fault in caught.value.faults] == ["ssn"]
