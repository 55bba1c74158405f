"""LocatorCode: which five or seven characters address a state's place, a tribe or another country."""

import re

import pytest

from dcss_core.base.locator_code import LocatorCode, LocatorKind
from dcss_core.errors import InvalidInputError

# FIPS 5-2 numerics of the 50 states, DC and the five territories.
STATES = re.findall(
    "..",
    "01020405060809101112131516171819202122232425262728293031323334353637383940414244454647484950515354555660"
    "66697278",
)


@pytest.mark.parametrize("state", STATES)
def test_every_state_and_territory_has_locator_codes(state):
    assert LocatorCode(f"{state}000").kind is LocatorKind.STATE


@pytest.mark.parametrize("state", sorted({f"{n:02d}" for n in range(100)} - set(STATES) - {"80", "90"}))
def test_a_state_number_that_was_never_assigned_is_refused(state):
    with pytest.raises(InvalidInputError, match="not a federal locator code"):
        LocatorCode(f"{state}000")


def test_a_code_of_seven_has_state_county_and_office():
    code = LocatorCode("1312100")
    assert (code.state, code.place, code.office) == ("13", "121", "00")
    assert str(code) == "1312100"


def test_a_code_of_five_has_no_office():
    assert LocatorCode("13121").office is None


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("90011", LocatorKind.TRIBAL, "011"),
        ("90A0100", LocatorKind.TRIBAL, "A01"),
        ("80DEU00", LocatorKind.INTERNATIONAL, "DEU"),
        (" 80deu00 ", LocatorKind.INTERNATIONAL, "DEU"),
    ],
)
def test_tribes_and_countries_may_have_letters(text, kind, place):
    code = LocatorCode(text)
    assert (code.kind, code.place) == (kind, place)
    assert code.value == text.strip().upper()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1300",
        "130000",
        "13000000",
        "13A00",
        "80123",
        "80D1U",
        "1X000",
        "13-000",
        "13 00",
        "١٣٠٠٠",
        13000,
        None,
        "80ſWE00",
        "80ıND00",  # a long s and a dotless i become ASCII letters when upper-cased
    ],
)
def test_other_text_is_refused(text):
    with pytest.raises(InvalidInputError, match="this is not a federal locator code"):
        LocatorCode(text)


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("0312300", "state '03'", "a state's number"),  # FIPS 5-2 never assigned 03
        ("13A00", "county 'A00'", "three digits after a state's number"),
        ("80123", "country '123'", "three letters after 80"),
        ("130000", "6 characters", "5 or 7 characters"),
        ("13-00", "other characters", "two digits for the state"),
        (13000, "int", "text of 5 or 7 characters"),
    ],
)
def test_the_fault_is_the_one_that_the_code_has(text, found, expected):
    with pytest.raises(InvalidInputError) as caught:
        LocatorCode(text)
    (fault,) = caught.value.faults
    assert fault.found == found
    assert fault.expected.startswith(expected)


def test_a_state_never_assigned_and_a_county_that_is_none_are_told_at_once():
    with pytest.raises(InvalidInputError) as caught:
        LocatorCode("03A00")
    assert [fault.found for fault in caught.value.faults] == ["state '03'", "county 'A00'"]


def test_codes_are_ordered_and_comparable_as_values():
    assert LocatorCode("13000") == LocatorCode("13000")
    assert LocatorCode("13000") != LocatorCode("1300000")
    assert sorted([LocatorCode("48000"), LocatorCode("13000")])[0] == LocatorCode("13000")
