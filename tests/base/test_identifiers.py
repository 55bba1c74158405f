"""Irn, ClientId and CaseNumber: which text can be one."""

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.identifiers import CaseNumber, ClientId, Irn
from dcss_core.errors import InvalidInputError


@pytest.mark.parametrize("kind", [Irn, ClientId])
def test_spaces_hyphens_and_case_do_not_count(kind):
    assert kind(" ab12-34 56 ") == kind("AB123456")
    assert str(kind("ab12")) == "AB12"


@pytest.mark.parametrize("kind", [Irn, ClientId])
@pytest.mark.parametrize("text", ["", "ABC", "A" * 21, "AB_12", "ÅB1234", "ß1234", "AB12\x00", 123456, None])
def test_other_text_is_refused_and_not_repeated(kind, text):
    with pytest.raises(InvalidInputError, match="4 to 20 letters and digits") as caught:
        kind(text)
    assert not text or str(text) not in str(caught.value)


def test_identifiers_of_different_kinds_are_never_equal():
    assert Irn("AB1234") != ClientId("AB1234")
    assert len({Irn("AB1234"), ClientId("AB1234"), CaseNumber("AB1234")}) == 3


def test_the_refusal_says_which_identifier_it_was():
    with pytest.raises(InvalidInputError, match="this is no Individual Registration Number"):
        Irn("?")
    with pytest.raises(InvalidInputError, match="this is no Client ID"):
        ClientId("?")


def test_identifiers_of_a_kind_are_ordered():
    assert sorted([Irn("B111"), Irn("A111")]) == [Irn("A111"), Irn("B111")]


# --- case numbers --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text", ["1", "0012345", "GA-2026/000123", "a b", "0" * 19 + "1", "~!#$%&'()+,-./:;<"]
)
def test_a_case_number_is_kept_exactly_as_printed(text):
    assert CaseNumber(text).value == str(CaseNumber(text)) == text


def test_the_padding_of_a_fixed_width_field_is_dropped():
    assert CaseNumber("0012345   ") == CaseNumber("0012345")


# A Federal Case Registry case ID is not blank or zero, holds no * and no \ and starts with no space.
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "0 characters"),
        ("   ", "0 characters"),
        ("0000", "only zeros"),
        (" 123", "a leading space"),
        ("12*3", r"a '\*'"),
        ("12\\3", r"a '\*' or '\\'"),
        ("1" * 21, "21 characters"),
        ("Peña", "not printable ASCII"),
        ("12\n3", "not printable ASCII"),
        ("123\n", "not printable ASCII"),
        (4567890, r"found int, expected text with its leading zeros, as CaseNumber\('0004567890'\)"),
        (None, "found NoneType"),
    ],
)
def test_a_case_number_the_registry_would_reject_is_refused(text, found):
    with pytest.raises(InvalidInputError, match=found) as caught:
        CaseNumber(text)
    assert "Peña" not in str(caught.value)


@pytest.mark.parametrize("kind", [Irn, ClientId])
def test_a_number_where_text_belongs_is_told_to_be_a_number(kind):
    with pytest.raises(InvalidInputError, match="found int, expected text of 4 to 20 letters and digits"):
        kind(12345)


def test_every_fault_of_a_case_number_is_reported_at_once():
    with pytest.raises(InvalidInputError) as caught:
        CaseNumber(" *" + "é" * 20)
    assert len(caught.value.faults) == 4


@given(st.text(max_size=24))
def test_an_accepted_case_number_never_breaks_a_remittance_segment(text):
    try:
        number = CaseNumber(text)
    except InvalidInputError:
        return
    assert number.value.isascii()
    assert number.value.isprintable()
    assert 1 <= len(number.value) <= 20
    assert not set(number.value) & set("*\\")
