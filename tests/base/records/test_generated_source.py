"""Source that the program writes: a traceback shows it."""

import traceback

import pytest

from dcss_core.base.generated_source import function_of

SOURCE = "def halved(number):\n    return number / ZERO\n"


def shown(function: object) -> str:
    assert callable(function)
    with pytest.raises(ZeroDivisionError) as caught:
        function(1)
    return "".join(traceback.format_exception(caught.value))


def test_the_source_uses_the_names_it_is_given() -> None:
    assert function_of("halved", SOURCE, {"ZERO": 2}, of="this test")(8) == 4


def test_a_traceback_shows_the_line_and_what_it_was_written_for() -> None:
    text = shown(function_of("halved", SOURCE, {"ZERO": 0}, of="numbers"))
    assert 'File "<halved of numbers>", line 2, in halved' in text
    assert "return number / ZERO" in text


def test_two_sources_of_one_name_are_both_shown() -> None:
    one = function_of("halved", SOURCE, {"ZERO": 0}, of="twins")
    other = function_of("halved", SOURCE.replace("number /", "number %"), {"ZERO": 0}, of="twins")
    assert "return number / ZERO" in shown(one)
    assert "return number % ZERO" in shown(other)
    assert "<halved of twins, 2>" in shown(other)


def test_the_same_source_is_kept_once() -> None:
    one, other = (function_of("halved", SOURCE, {"ZERO": zero}, of="same") for zero in (1, 2))
    assert one.__code__.co_filename == other.__code__.co_filename
