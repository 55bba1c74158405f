"""JSON from outside: one text, one meaning."""

import json

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.json.strict_json import strict_json
from dcss_core.errors import InvalidInputError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(PLAIN)
def test_text_whole_numbers_and_what_holds_them_are_read_as_it_was_written(value):
    assert strict_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a":1,"\\u0061":2}',
        '[{"b":{"a":1,"b":2,"a":3}}]',
        "NaN",
        "[Infinity]",
        '{"a":-Infinity}',
        "1e999",
        "-1e999",
        "1.0",
        "[5e0]",
        "9" * 5_000,
        "[" * 100_000,
        "",
        "{",
        "\ufeff{}",
        "{} {}",
    ],
)
def test_a_text_that_means_two_things_or_none_is_refused(text):
    with pytest.raises(InvalidInputError):
        strict_json(text)


@pytest.mark.parametrize("given_value", [None, 5, b"{}", bytearray(b"{}")])
def test_what_is_no_text_is_refused(given_value):
    with pytest.raises(InvalidInputError):
        strict_json(given_value)


def test_a_refusal_repeats_nothing():
    with pytest.raises(InvalidInputError) as refusal:
        strict_json('{"key":"a1a1a1","key":"a1a1a1"}')
    assert "a1a1" not in str(refusal.value)
    assert refusal.value.__suppress_context__
