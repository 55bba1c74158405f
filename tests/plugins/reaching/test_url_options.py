"""The options of a plugin's URL: what is read, and what is refused without being repeated."""

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import Fault
from dcss_core.plugins import UrlOptions

KNOWN = ("from", "timeout_seconds", "ca_file")


def read(query, known=KNOWN):
    return UrlOptions.read(query, known=known)


def test_each_option_is_read_by_its_name():
    options = read("from=a@b.gov&timeout_seconds=30")
    assert options.given == {"from": "a@b.gov", "timeout_seconds": "30"}
    assert options.faults == ()
    assert options.text("from") == "a@b.gov"
    assert options.number("timeout_seconds", default=10) == 30


def test_an_option_that_was_left_out_has_its_default():
    options = read("")
    assert (options.given, options.faults) == ({}, ())
    assert options.text("ca_file") == ""
    assert options.text("ca_file", "none") == "none"
    assert options.number("timeout_seconds", default=10) == 10
    assert list(options.faults_of_number("timeout_seconds", largest=300)) == []


@pytest.mark.parametrize("query", ["ca_file=", "ca_file", "&ca_file=&", "&&ca_file&&"])
def test_a_blank_option_is_empty_text_which_the_plugin_judges(query):
    options = read(query)
    assert (options.given, options.faults) == ({"ca_file": ""}, ())


def test_escapes_are_decoded_in_names_and_values_and_a_plus_stays_a_plus():
    # RFC 3986: %26 is '&', %3D '=', %2B '+', %C3%B1 'ñ'
    options = read("fr%6Fm=a+b%40x.gov&ca_file=%2Fetc%2Fse%C3%B1or%26co%3D1%2B.pem")
    assert options.given == {"from": "a+b@x.gov", "ca_file": "/etc/señor&co=1+.pem"}


def test_a_value_may_hold_the_sign_that_ends_its_name():
    assert read("ca_file=a=b").given == {"ca_file": "a=b"}


def test_an_unknown_option_is_refused_with_the_nearest_known_one():
    assert read("timeout_second=3").faults == (
        Fault(
            "options",
            "an unknown option",
            "perhaps 'timeout_seconds'; one of from, timeout_seconds, ca_file",
        ),
    )


@pytest.mark.parametrize(("known", "expected"), [(KNOWN, "from, timeout_seconds, ca_file"), ((), "none")])
def test_an_option_like_no_other_is_refused_with_all_there_are(known, expected):
    assert read("walrus=3", known).faults == (Fault("options", "an unknown option", expected),)


@pytest.mark.parametrize("query", ["from=a&from=b", "from=a&from=a", "from=a&fr%6fm=b"])
def test_an_option_that_stands_there_twice_is_refused(query):
    assert read(query).faults == (Fault("options", "an option twice", "each option once"),)
    assert read(query).text("from") == "a"


def test_every_fault_is_found_at_once():
    found = [fault.found for fault in read("x=1&y=2&x=3&from=a").faults]
    assert found == ["an unknown option", "an unknown option", "an option twice"]


@pytest.mark.parametrize(
    "text", ["0", "301", "1.5", "-1", "+1", "", " 1", "1 ", "0x1", "3000", "٣", "²", "1" * 5000]
)
def test_what_is_no_number_within_the_bounds_is_refused(text):
    options = read(f"timeout_seconds={text}")
    assert list(options.faults_of_number("timeout_seconds", largest=300)) == [
        Fault("timeout_seconds", "other text", "a whole number from 1 to 300")
    ]


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("300", 300), ("007", 7)])
def test_a_number_within_the_bounds_is_read(text, number):
    options = read(f"timeout_seconds={text}")
    assert list(options.faults_of_number("timeout_seconds", largest=300)) == []
    assert options.number("timeout_seconds", default=10) == number


def test_the_smallest_number_may_be_another_one():
    assert list(read("from=0").faults_of_number("from", smallest=0, largest=9)) == []
    assert len(list(read("from=1").faults_of_number("from", smallest=2, largest=9))) == 1


@given(st.text(), st.text(), st.booleans())
def test_neither_name_nor_value_is_repeated_in_a_fault_or_a_repr(name, value, twice):
    query = f"hunter2{name}hunter2=hunter2{value}" + ("&hunter2" * 2 if twice else "")
    options = read(query)
    assert options.faults
    assert "hunter2" not in f"{options} {options!r} {options.faults}"
    assert "hunter2" not in str(list(read(f"from=hunter2{value}").faults_of_number("from", largest=5)))
