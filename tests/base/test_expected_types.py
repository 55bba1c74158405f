"""Whether what a caller gave has the types of the signature: all that is wrong at once, and never a value."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Literal, Protocol

import attrs
import pytest

from dcss_core.base.expected_types import INSTEAD, check_fields, checked, checked_as
from dcss_core.base.ssn import Ssn
from dcss_core.errors import ConfigurationError, InvalidInputError, InvariantError


class Colour(Enum):
    RED = "red"


class Number(int):
    """An int by inheritance only."""


class OtherText(str):
    """A text that answers as none would."""

    __slots__ = ()

    def casefold(self):
        return 5


class Notice(str):
    """A text of its own kind, of which something else is wanted."""

    __slots__ = ()


setattr(Notice, INSTEAD, "; of a Notice give the .version")


class Bell(Protocol):
    def ring(self) -> str: ...


class Doorbell:
    def ring(self) -> str:
        return "ding"


class Forgetful(list[str]):
    """A list that has other items each time."""

    def __iter__(self):
        yield object()


@attrs.frozen
class Door:
    colour: Colour
    hung_on: date
    panes: "tuple[int | Colour, ...]" = ()
    bell: Bell | None = None

    def __attrs_post_init__(self) -> None:
        check_fields(self)


def found_in(caught):
    return [(fault.where, fault.found, fault.expected) for fault in caught.value.faults]


def refused(hint, value):
    """The faults of a verb whose one argument has this hint."""

    def verb(given):
        return given

    verb.__annotations__ = {"given": hint}
    try:
        assert checked(verb)(value) is value
    except InvalidInputError as refusal:
        return [(fault.where, fault.found, fault.expected) for fault in refusal.faults]
    return []


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (int, 5),
        (bool, True),
        (str, "x"),
        (date, date(2026, 1, 7)),
        (datetime, datetime(2026, 1, 7, tzinfo=UTC)),
        (Colour, Colour.RED),
        (Door, Door(Colour.RED, date(2026, 1, 7))),
        (int | None, None),
        (tuple[int, ...], ()),
        (tuple[int, ...], (1, 2)),
        (Sequence[str], ["a", "b"]),
        (Sequence[str], ("a",)),
        (Iterable[str], {"a"}),
        (Iterable[object], [None, 5]),
        (Bell, Doorbell()),
        (Callable[[int], None], print),
        (Literal["raise", "quarantine"], "raise"),
        (object, None),
    ],
)
def test_a_value_of_the_type_passes(hint, value):
    assert refused(hint, value) == []


@pytest.mark.parametrize(
    ("hint", "value", "found", "expected"),
    [
        (int, True, "a bool", "an int"),
        (int, Number(5), "a Number", "an int"),
        (int, None, "None", "an int"),
        (bool, 1, "an int", "a bool"),
        (date, datetime(2026, 1, 7, tzinfo=UTC), "a datetime", "a date"),
        (datetime, date(2026, 1, 7), "a date", "a datetime"),
        (str, b"x", "bytes", "a str"),
        (bytes, "x", "a str", "bytes"),
        (str, OtherText("x"), "an OtherText", "a str"),
        (str | None, OtherText("x"), "an OtherText", "a str or None"),
        (Colour, "red", "a str", "a Colour"),
        (int | str | None, 1.5, "a float", "an int or a str or None"),
        (tuple[int, ...], [1], "a list", "a tuple of int"),
        (Sequence[str], "ab", "a str", "a list or tuple of str"),
        (Sequence[int], b"ab", "bytes", "a list or tuple of int"),
        (Sequence[str], {"a"}, "a set", "a list or tuple of str"),
        (Sequence[int], range(3), "a range", "a list or tuple of int"),
        (Sequence[str], Forgetful(["a"]), "a Forgetful", "a list or tuple of str"),
        (Iterable[object], "ab", "a str", "a list or tuple of object"),
        (Bell, object(), "an object", "a Bell"),
        (Callable[[int], None], 5, "an int", "a callable"),
        (Ssn | None, "900-01-0001", "a str", "an Ssn or None"),
        (str, Doorbell, "a type", "a str"),
        (str, Notice("ding"), "a Notice", "a str; of a Notice give the .version"),
        (Literal["raise", "quarantine"], "hunter2", "a str", "'raise' or 'quarantine'"),
    ],
)
def test_a_value_of_another_type_is_named_by_its_type(hint, value, found, expected):
    assert refused(hint, value) == [("argument 'given'", found, expected)]


def test_each_wrong_item_is_named_by_its_place():
    assert refused(Sequence[str], ["a", 5, "b", None]) == [
        ("argument 'given', item 2", "an int", "a str"),
        ("argument 'given', item 4", "None", "a str"),
    ]


def test_an_iterator_is_not_used_up_by_the_check():
    @checked
    def joined(texts: Iterable[str]) -> str:
        return "".join(texts)

    assert joined(iter("ab")) == "ab"


def test_a_verb_names_every_wrong_argument_and_no_value():
    class Desk:
        @checked
        def take(self, case: Door, day: date, *, by: str, note: str | None = None) -> None:
            raise AssertionError("not to be reached")

    with pytest.raises(InvalidInputError, match=r"take\(\) can't work") as caught:
        Desk().take("hunter2", 20260107, by=None)
    assert found_in(caught) == [
        ("argument 'case'", "a str", "a Door"),
        ("argument 'day'", "an int", "a date"),
        ("argument 'by'", "None", "a str"),
    ]
    assert "hunter2" not in str(caught.value)
    assert "20260107" not in str(caught.value)


def test_a_checked_verb_keeps_its_name_signature_and_docstring():
    def original(day: date, *, by: str = "x") -> str:
        """What it does."""
        return f"{day}{by}"

    verb = checked(original)
    assert (verb.__name__, verb.__doc__) == ("original", "What it does.")
    assert verb.__wrapped__ is original
    assert verb(date(2026, 1, 7)) == "2026-01-07x"


def test_what_was_left_out_is_named_beside_what_is_of_another_type():
    @checked
    def pay(day: date, *, by: str, source: str | None = None) -> None:
        raise AssertionError("it ran")

    with pytest.raises(InvalidInputError) as caught:
        pay("12.00")
    assert [(fault.where, fault.found) for fault in caught.value.faults] == [
        ("argument 'day'", "a str"),
        ("argument 'by'", "nothing"),
    ]


def test_too_many_or_unknown_arguments_are_python_s_own_error():
    @checked
    def verb(day: date) -> None: ...

    with pytest.raises(TypeError, match="positional argument"):
        verb(date(2026, 1, 7), 5)
    with pytest.raises(TypeError, match="unexpected keyword"):
        verb(date(2026, 1, 7), other=5)


def test_a_verb_can_refuse_with_another_error():
    @checked_as(ConfigurationError)
    def opens(url: str) -> None: ...

    with pytest.raises(ConfigurationError, match="argument 'url': found None, expected a str"):
        opens(None)


def test_a_value_is_not_made_with_fields_of_other_types():
    with pytest.raises(InvalidInputError, match="a Door can't be made of values of these types") as caught:
        Door("red", datetime(2026, 1, 7, tzinfo=UTC), (1, Colour.RED, "hunter2"), bell=5)
    assert found_in(caught) == [
        ("Door.colour", "a str", "a Colour"),
        ("Door.hung_on", "a datetime", "a date"),
        ("Door.panes, item 3", "a str", "an int or a Colour"),
        ("Door.bell", "an int", "a Bell or None"),
    ]


@pytest.mark.parametrize("hint", [dict[str, int], tuple[int, str], type[int], Any])
def test_a_hint_that_can_not_be_read_is_not_passed_over(hint: Any):
    with pytest.raises(InvariantError, match="type hint"):
        refused(hint, 5)
