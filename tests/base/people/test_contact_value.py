"""Which text is an address of its kind, and how it is kept."""

import pytest

from dcss_core import Secret
from dcss_core.base.people.contact_value import alike, faults_of_contact, plain_value
from dcss_core.cases import ContactKind

EMAIL, MOBILE, POSTAL = ContactKind


def faults(kind, text):
    return [fault.where for fault in faults_of_contact("field", kind, plain_value(kind, Secret(text)))]


@pytest.mark.parametrize(
    "typed", ["4045550100", "(404) 555-0100", "404.555.0100", " 404 555 0100 ", "+1 404-555-0100"]
)
def test_a_number_of_this_country_has_one_spelling(typed):
    assert plain_value(MOBILE, Secret(typed)).reveal() == "+14045550100"
    assert faults(MOBILE, typed) == []


def test_a_number_of_another_country_is_taken_with_its_code():
    assert plain_value(MOBILE, Secret("+44 7700 900123")).reveal() == "+447700900123"
    assert faults(MOBILE, "+44 7700 900123") == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "5550100",
        "14045550100",
        "+1404555010x",
        "+1404555010",
        "+11045550100",
        "+14041550100",
        "+0404555010",
        "+1234567890123456",
        "٤٠٤٥٥٥٠١٠٠",
    ],
)
def test_what_is_no_number_is_one_fault(typed):
    assert faults(MOBILE, typed) == ["field"]


def test_an_address_is_kept_without_blanks_around_it():
    assert plain_value(EMAIL, Secret(" jane@example.org\n")).reveal() == "jane@example.org"
    assert faults(EMAIL, "jane@example.org") == []
    assert faults(EMAIL, "jane") == ["field"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("1 Elm Street\nAtlanta, GA 30303", []),
        ("Señora Peña\nCalle 1\nSan Juan, PR 00901", []),
        ("1 Elm Street", ["field"]),
        ("\n".join("abcdefg"), ["field"]),
        ("1 Elm Street\n--", ["field, line 2"]),
        (f"{'x' * 101}\n\u202eAtlanta", ["field, line 1", "field, line 2"]),
    ],
)
def test_a_postal_address_is_two_to_six_lines_that_can_be_read(text, where):
    assert faults(POSTAL, text) == where


def test_case_and_blanks_make_no_other_address():
    assert alike(Secret("Jane.Roe @Example.ORG")) == alike(Secret("jane.roe@example.org"))
    assert alike(Secret("jane@example.org")) != alike(Secret("jan@example.org"))
