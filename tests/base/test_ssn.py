"""Ssn: which nine digits can be a Social Security number, and that no error shows them."""

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvalidInputError


def shape(area, group, serial):
    return f"{area:03d}{group:02d}{serial:04d}"


possible_areas = st.integers(1, 899).filter(lambda area: area != 666)
possible = st.builds(shape, possible_areas, st.integers(1, 99), st.integers(1, 9999)).filter(
    lambda digits: digits not in {"078051120", "219099999", "457555462"}
)


@given(possible)
def test_every_number_of_an_issued_shape_is_accepted_however_it_is_written(digits):
    hyphens = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    assert Ssn(digits) == Ssn(hyphens) == Ssn(hyphens.replace("-", " ")) == Ssn(f" {digits}\n")
    assert Ssn(hyphens).reveal() == digits


# The bounds of the SSA's scheme: area 001-665 and 667-899, group 01-99, serial 0001-9999.
@pytest.mark.parametrize("digits", ["001010001", "665999999", "667010001", "899999999"])
def test_the_outermost_numbers_of_the_scheme_are_accepted(digits):
    assert Ssn(digits).reveal() == digits


@pytest.mark.parametrize(
    ("digits", "reason"),
    [
        ("000121234", "area 000"),
        ("666121234", "never issued"),
        ("900121234", "never issued"),
        ("999121234", "never issued"),
        ("123001234", "group 00"),
        ("123120000", "serial 0000"),
        ("078051120", "specimen"),  # the wallet card of 1938
        ("219099999", "specimen"),  # the Board's own pamphlet of 1940
        ("457555462", "specimen"),  # the advertisement of an identity-protection firm
    ],
)
def test_a_number_nobody_can_hold_is_refused_with_its_reason_and_without_its_digits(digits, reason):
    with pytest.raises(InvalidInputError, match=reason) as caught:
        Ssn(digits)
    assert digits not in f"{caught.value!r} {caught.value} {caught.value.faults}"
    assert digits[5:] not in str(caught.value).replace("serial 0000", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "53164289",
        "5316428970",
        "531-642-897",
        "531-64 2897",
        "531–64–2897",
        "53164289X",
        "١٢٣٤٥٦٧٨٩",
        531642897,
        None,
        b"531642897",
        "531-64-2897 x",
    ],
)
def test_other_text_is_refused_and_not_repeated(text):
    with pytest.raises(InvalidInputError, match="found something else, expected nine digits") as caught:
        Ssn(text)
    assert not text or str(text) not in str(caught.value)


REASONS = {
    "something else",
    "area 000",
    "group 00",
    "serial 0000",
    "a published specimen",
    "an area that is never issued",
}


def fault_of(text):
    try:
        Ssn(text)
    except InvalidInputError as refused:
        return refused.faults[0].found
    return None


@given(st.text(max_size=15) | st.from_regex(r"[069]{3}-?0\d-?000\d", fullmatch=True))
def test_no_text_whatever_gets_into_the_error(text):
    assert fault_of(text) in {None, *REASONS}


# --- the explicit test switch ---------------------------------------------------------------------------
@pytest.mark.parametrize("digits", ["900010001", "999499999", "666010001", "666999999"])
def test_the_switch_admits_numbers_that_nobody_issues(digits):
    assert Ssn(digits, accept_never_issued=True).reveal() == digits
    with pytest.raises(InvalidInputError):
        Ssn(digits)


@pytest.mark.parametrize(
    "digits", ["000010001", "900000001", "900010000", "078051120", "219099999", "457555462"]
)
def test_the_switch_admits_nothing_else(digits):
    with pytest.raises(InvalidInputError):
        Ssn(digits, accept_never_issued=True)


# ITINs are 9xx with group 50-65, 70-88, 90-92 or 94-99, ATINs 9xx with group 93: numbers of living people.
@pytest.mark.parametrize("group", [50, 65, 70, 88, 90, 92, 93, 94, 99])
def test_the_switch_never_admits_what_may_be_somebodys_taxpayer_number(group):
    digits = shape(987, group, 4330)
    with pytest.raises(InvalidInputError, match="IRS") as caught:
        Ssn(digits, accept_never_issued=True)
    assert digits not in str(caught.value)


@pytest.mark.parametrize("digits", ["987654320", "987654329"])
def test_the_switch_admits_the_numbers_kept_for_advertisements(digits):
    assert Ssn(digits, accept_never_issued=True).reveal() == digits
    with pytest.raises(InvalidInputError, match="never issued"):
        Ssn(digits)


@pytest.mark.parametrize("digits", ["987654319", "987654330"])
def test_the_switch_does_not_admit_their_neighbours(digits):
    with pytest.raises(InvalidInputError, match="IRS"):
        Ssn(digits, accept_never_issued=True)


# --- a secret ---------------------------------------------------------------------------------------------
def test_an_ssn_is_a_secret_of_its_own_kind():
    ssn = Ssn("900-01-0001", accept_never_issued=True)
    assert isinstance(ssn, Secret)
    assert ssn != Secret("900010001")
    assert "0001" not in f"{ssn} {ssn!r}"
    assert repr(ssn) == "Ssn(•••)"


def test_stored_digits_are_read_back_without_being_judged_again():
    ssn = Ssn("900-01-0001", accept_never_issued=True)
    assert Ssn.stored(ssn.reveal()) == ssn
    assert type(Ssn.stored("900010001")) is Ssn


def test_every_fault_of_a_number_is_told_at_once():
    with pytest.raises(InvalidInputError) as caught:
        Ssn("000-00-0000")
    assert [fault.found for fault in caught.value.faults] == ["area 000", "group 00", "serial 0000"]
