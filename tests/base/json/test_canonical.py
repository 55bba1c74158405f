"""Canonical JSON: one text for equal values, the same as the standard library writes."""

import json
import subprocess
import sys

import pytest
from hypothesis import example, given, strategies as st

from dcss_core.base.json.canonical import canonical

ODD = ("\x00", "\x1f", "\x7f", "\u2028", "\u2029", "e\u0301", "\ud800", "\udfff\ud800", "\U0001f600", '"\\/')
texts = st.text(max_size=8) | st.text(st.characters(categories=("Cs", "Cc", "Mn")), max_size=4)
texts |= st.sampled_from(ODD)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-(2**200), 2**200) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def from_the_standard_library(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@given(values)
@example({"\U00010000": 1, "\uffff": 2, "z": 3})  # by UTF-16 units the first key would come before the second
@example({"b": (1, {"y": [], "x": {}}), "a": None})
def test_the_text_is_that_of_the_standard_library(value):
    assert canonical(value) == from_the_standard_library(value)


def test_keys_are_ordered_by_code_point_and_nothing_is_escaped_that_need_not_be():
    # U+FFFF is less than U+10000, whose first UTF-16 unit, D800, is less than FFFF
    assert canonical({"\U00010000": "\u2028\x7f", "\uffff": "\x1f", "é": "e\u0301"}) == (
        '{"é":"e\u0301","\uffff":"\\u001f","\U00010000":"\u2028\x7f"}'
    )


def test_a_text_made_from_str_is_written_as_its_characters():
    class Word(str):
        __slots__ = ()

        def __str__(self):
            return "another"

    assert canonical(Word("one")) == '"one"'


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}])
def test_a_number_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(value)


@pytest.mark.parametrize("value", [object(), {"a": b"x"}, {(): 1}])
def test_what_has_no_json_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


def test_a_value_that_holds_itself_is_refused_and_leaves_nothing_behind():
    value = {}
    value["itself"] = value
    with pytest.raises(RecursionError):
        canonical(value)
    del value["itself"]
    assert canonical([value, value]) == "[{},{}]"


ABSENT = "json.encoder.c_make_encoder = None"
OF_ANOTHER_SHAPE = """
real = json.encoder.c_make_encoder
def with_marks_only(marks, *rest):
    if marks is None:
        raise TypeError("marks are a dict")
    return real(marks, *rest)
json.encoder.c_make_encoder = with_marks_only
"""


@pytest.mark.parametrize("change", [ABSENT, OF_ANOTHER_SHAPE], ids=["absent", "of another shape"])
def test_without_the_encoder_of_cpython_the_text_is_the_same(change):
    value = {"b": ["é", 2**70, None, True], "a": {"z": "\u2028", "y": "\x00"}}
    use = (
        "from dcss_core.base.json.canonical import canonical\n"
        f"sys.stdout.buffer.write(canonical({value!a}).encode())"
    )
    code = f"import json.encoder, sys\n{change}\n{use}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode() == from_the_standard_library(value)
