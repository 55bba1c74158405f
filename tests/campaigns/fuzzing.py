"""Fuzzing: the arguments of a verb's call, each in turn replaced by what a stranger or a slip may send.

Work is counted in steps, never in seconds: a step is a line, call or return of Python anywhere, and a
character that Unicode is asked to decompose. A shape has a length, so that work at a length and at twice
that length can be compared.
"""

import sys
import typing
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from inspect import signature
from types import FrameType
from typing import Any, Final
from unittest.mock import patch

import attrs

from dcss_core import Money, Month, Secret
from dcss_core.errors import DcssError

from .scenario import Scenario, moment_of
from .world import World

TEXTS: Final[Mapping[str, Callable[[int], str]]] = {
    "letters": lambda length: "x" * length,
    "digits": lambda length: "9" * length,
    "blanks": lambda length: " " * length,
    "zeros": lambda length: "0" * length,
    "a word over and over": lambda length: "ab" * (length // 2),
    "marks in the wrong order": lambda length: "a" + "\u0301\u0316" * (length // 2),
    "one mark": lambda length: "\u0301" * length,
    "expanding": lambda length: "\ufdfa" * length,
    "longer in lower case": lambda length: "\u0130" * length,
    "NUL": lambda length: "a" + "\0" * length,
    "half a character": lambda length: "a" + "\ud800" * length,
    "right to left": lambda length: "\u202e\u05d0" * (length // 2),
    "other digits": lambda length: "\u0661" * length,
    "lines": lambda length: "\r\n" * (length // 2),
    "invisible": lambda length: "\u200b" * length,
    "brackets": lambda length: "[" * length,
}
"""What text there may be, by its length."""
MORE_DIGITS_THAN_PYTHON_WRITES: Final = 10**5_000
_LIMITS: Final[Mapping[type, tuple[object, ...]]] = {
    int: (0, -1, 2**31, 2**63, -(2**63) - 1, 10**30, MORE_DIGITS_THAN_PYTHON_WRITES),
    Month: (Month(1, 1), Month(9998, 12)),
    date: (date.min, date.max, date(1900, 2, 28)),
    datetime: (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime(2026, 1, 7)),
    bytes: (b"", b"\0", b"\xff" * 94, b"1" * 94, b"\n" * 95),
    bool: (),
}
"""The ends of what is no text."""


@attrs.frozen
class Place:
    """Where something of one kind stands in the arguments of a call; `put` makes them with another there."""

    name: str
    kind: type
    put: Callable[[Any], Mapping[str, Any]]

    def __str__(self) -> str:
        return self.name


@attrs.define
class Steps:
    """What was done: lines, calls and returns of Python, and characters given to Unicode."""

    lines: int = 0
    characters: int = 0


class _Caught(BaseException):
    """The call of the verb, caught before it was made."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self.arguments = dict(arguments)


@attrs.frozen
class _Catching:
    """An agency whose one verb raises the arguments it is called with."""

    agency: Any
    verb: str
    area: str = ""

    def __getattr__(self, name: str) -> Any:
        path = f"{self.area}.{name}" if self.area else name
        found = getattr(self.agency, name)
        if path == self.verb:
            return lambda *args, **kwargs: self._caught(found, args, kwargs)
        return _Catching(found, self.verb, name) if not self.area and not callable(found) else found

    def _caught(self, verb: Any, args: Any, kwargs: Any) -> None:
        bound = signature(verb).bind(*args, **kwargs)
        bound.apply_defaults()
        raise _Caught(bound.arguments)


def arguments_of(scenario: Scenario, world: World) -> Mapping[str, Any]:
    """The arguments with which a scenario calls its verb."""
    agency = world.agency
    world.agency = _Catching(agency, scenario.verb)  # type: ignore[assignment]
    try:
        scenario.call(world)
    except _Caught as caught:
        return caught.arguments
    finally:
        world.agency = agency
    raise AssertionError(f"{scenario} does not call its verb")


def call(scenario: Scenario, world: World, arguments: Mapping[str, Any]) -> object:
    """Call the verb of a scenario with these arguments; a refusal of the library's own is an answer."""
    area, name = scenario.verb.split(".")
    try:
        answer = getattr(getattr(world.agency, area), name)(**arguments)
        return list(answer) if isinstance(answer, Iterator) else answer
    except DcssError as refusal:
        str(refusal)  # saying it has to work too
        return refusal


def places_of(scenario: Scenario, kind: str = "memory") -> tuple[Place, ...]:
    """Each place in the arguments of a scenario where a text, a number, a day or bytes stand or may stand."""
    world = moment_of(scenario, kind).begin("fuzz")
    try:
        arguments = arguments_of(scenario, world)
        area, name = scenario.verb.split(".")
        hints = typing.get_type_hints(getattr(getattr(world.agency, area), name))
    finally:
        world.close()
    return tuple(
        Place(f"{argument}{path}", of_kind, lambda value, put=put, to=argument: arguments | {to: put(value)})
        for argument, given in arguments.items()
        for path, of_kind, put in _within(given, hints[argument])
    )


def _within(given: Any, hint: Any) -> Iterator[tuple[str, type, Callable[[Any], Any]]]:
    """Each place in a value: its path, what stands there, and how the value is made anew around another."""
    if given is None:
        for each in (str, int, date):
            if each in typing.get_args(hint):
                yield "", each, lambda value: value
    elif isinstance(given, bool | Enum):
        return
    elif isinstance(given, (str, int, bytes, datetime, date, Month)):
        yield "", type(given), lambda value: value
    elif isinstance(given, Secret):
        yield "", str, _secret_like(given)
    elif isinstance(given, Money):
        yield "", str, Money
    elif isinstance(given, tuple | list):
        yield from _within_items(given)
    elif attrs.has(type(given)):
        yield from _within_fields(given)


def _secret_like(given: Secret) -> Callable[[str], Secret]:
    return lambda text: type(given)(text)


def _within_items(given: Collection[Any]) -> Iterator[tuple[str, type, Callable[[Any], Any]]]:
    items = tuple(given)
    if not items:
        return
    yield " of very many", tuple, lambda length: items * length
    for path, kind, put in _within(items[0], None):
        yield f"[0]{path}", kind, lambda value, put=put: (put(value), *items[1:])


def _within_fields(given: Any) -> Iterator[tuple[str, type, Callable[[Any], Any]]]:
    hints = typing.get_type_hints(type(given))
    for field in attrs.fields(type(given)):
        for path, kind, put in _within(getattr(given, field.name), hints[field.name]):
            made = lambda value, put=put, name=field.name: _made_anew(given, name, put(value))  # noqa: E731
            yield f".{field.name}{path}", kind, made


def _made_anew(given: Any, name: str, value: Any) -> Any:
    fields = {each.name: getattr(given, each.name) for each in attrs.fields(type(given)) if each.init}
    return type(given)(**fields | {name: value})


def values_for(place: Place, length: int) -> dict[str, Callable[[], Mapping[str, Any]]]:
    """By name, how the arguments are made with each value that is tried at a place."""
    if place.kind is str:
        return {name: lambda shape=shape: place.put(shape(length)) for name, shape in TEXTS.items()} | {
            "empty": lambda: place.put("")
        }
    if place.kind is tuple:
        return {"very many": lambda: place.put(length)}
    return {_named(value): lambda value=value: place.put(value) for value in _LIMITS[place.kind]}


def _named(value: object) -> str:
    return "10**5000" if value == MORE_DIGITS_THAN_PYTHON_WRITES else repr(value)


@contextmanager
def counted() -> Iterator[Steps]:
    """Count the steps of a block."""
    steps, before, normalize = Steps(), sys.gettrace(), unicodedata.normalize

    def follow(frame: FrameType, event: str, argument: object) -> Any:
        steps.lines += 1
        return follow

    def counting(form: str, text: str) -> str:
        steps.characters += len(text)
        return normalize(form, text)

    with patch.object(unicodedata, "normalize", counting):
        sys.settrace(follow)
        try:
            yield steps
        finally:
            sys.settrace(before)


def tried(scenario: Scenario, make: Callable[[], Mapping[str, Any]]) -> tuple[object, Steps]:
    """What a call answers with arguments made like this, in a world of its own, and the steps to it.

    What can't even be made is refused by whoever makes it, with an error of the library's own as well.
    """
    world = moment_of(scenario, "memory").begin("fuzz")
    try:
        with counted() as steps:
            try:
                answer: object = call(scenario, world, make())
            except DcssError as refusal:
                answer = refusal
        return answer, steps
    finally:
        world.close()
