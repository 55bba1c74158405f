"""Expected types: whether what a caller gave has the types that are written in the signature.

Decides by the type hints themselves, so that a door never asks for something else than it says. Exact
for bool, int, str, date and datetime (a bool is no int, a datetime no date, and a class made from str may
answer as no text would); a text is no sequence of texts. Invariants: every wrong or missing argument or field
is named at once, by its type and never by its value; a hint nobody taught this module to read raises, it is
not passed over.
"""

import sys
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, wraps
from inspect import signature
from typing import Any, Final, Literal, ParamSpec, TypeVar

import attrs

from dcss_core.errors import DcssError, Fault, InvalidInputError, InvariantError

P = ParamSpec("P")
T = TypeVar("T")

_EXACT: Final = frozenset({bool, int, str, date, datetime})
_CONTAINERS: Final[Mapping[Any, tuple[type, str]]] = {
    tuple: (tuple, "tuple"),
    Sequence: (Sequence, "list or tuple"),
    Iterable: (Iterable, "list or tuple"),
}
_TEXTS: Final = (str, bytes, bytearray)
_NEVER_BY_PLACE: Final = sys.maxsize


@attrs.frozen(eq=False)
class _Expectation:
    """What one hint admits. `names` is how messages call it, without an article; `item` is of a container."""

    names: tuple[str, ...]
    admits: Callable[[object], bool]
    item: "_Expectation | None" = None

    def fits(self, value: object) -> bool:
        if not self.admits(value):
            return False
        # an iterator is left alone: looking at its items would use them up
        if self.item is None or not isinstance(value, Collection):
            return True
        return all(map(self.item.fits, value))

    def faults(self, where: str, value: object) -> Iterator[Fault]:
        if self.item is not None and isinstance(value, Collection) and self.admits(value):
            for place, each in enumerate(value, start=1):
                if not self.item.fits(each):
                    yield from self.item.faults(f"{where}, item {place}", each)
        else:
            yield Fault(where, _named(type(value).__name__), " or ".join(map(_named, self.names)))


def check_fields(instance: attrs.AttrsInstance) -> None:
    """Check the fields of an attrs value, in its `__attrs_post_init__`; raises InvalidInputError."""
    kind = type(instance)
    faults = [
        fault
        for name, expected in _fields_of(kind)
        if not expected.fits(value := getattr(instance, name))
        for fault in expected.faults(f"{kind.__name__}.{name}", value)
    ]
    if faults:
        made = _named(kind.__name__)
        raise InvalidInputError(f"{made} can't be made of values of these types", faults=faults)


def checked(verb: Callable[P, T]) -> Callable[P, T]:
    """Check a verb's arguments against its signature before it runs; raises InvalidInputError."""
    return checked_as(InvalidInputError)(verb)


def checked_as(error: type[DcssError]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """As `checked`, for a verb whose refusals are another error."""

    def decorate(verb: Callable[P, T]) -> Callable[P, T]:
        @wraps(verb)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
            order, expected, required = _arguments_of(verb)
            faults = [
                fault
                for name, value in (*zip(order, args, strict=False), *kwargs.items())
                if name in expected and not expected[name].fits(value)
                for fault in expected[name].faults(f"argument '{name}'", value)
            ]
            faults += [
                Fault(f"argument '{name}'", "nothing", " or ".join(map(_named, expected[name].names)))
                for place, name in required
                if place >= len(args) and name not in kwargs and name in expected
            ]
            if faults:
                raise error(f"{verb.__name__}() can't work with values of these types", faults=faults)
            return verb(*args, **kwargs)

        return wrapper

    return decorate


@cache
def _fields_of(kind: type[attrs.AttrsInstance]) -> tuple[tuple[str, _Expectation], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((each.name, _expectation(hints[each.name])) for each in attrs.fields(kind))


@cache
def _arguments_of(
    verb: Callable[..., object],
) -> tuple[tuple[str, ...], dict[str, _Expectation], tuple[tuple[int, str], ...]]:
    """The names in order, what each takes, and the place of each that has to be given.

    Read at the first call: what a signature names need not exist yet where it is written.
    """
    hints, parameters = typing.get_type_hints(verb), signature(verb).parameters
    order = tuple(parameters)
    required = tuple(
        (place if each.kind is not each.KEYWORD_ONLY else _NEVER_BY_PLACE, name)
        for place, (name, each) in enumerate(parameters.items())
        if each.default is each.empty
    )
    return order, {name: _expectation(hints[name]) for name in order if name in hints}, required


@cache
def _expectation(hint: Any) -> _Expectation:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _one_of(tuple(map(_expectation, arguments)))
    if origin is Literal:
        return _Expectation(tuple(map(repr, arguments)), lambda value: value in arguments)
    if origin in _CONTAINERS and arguments[1:] in ((), (...,)):
        return _container(*_CONTAINERS[origin], _expectation(arguments[0]))
    if origin is Callable:
        return _Expectation(("callable",), callable)
    if hint in _EXACT:
        return _Expectation((hint.__name__,), lambda value: type(value) is hint)
    if getattr(hint, "_is_protocol", False):
        return _protocol(hint)
    if isinstance(hint, type) and origin is None and hint is not Any:
        return _Expectation((hint.__name__,), lambda value: isinstance(value, hint))
    raise InvariantError(f"no value can be checked against the type hint {hint!r} yet")


def _one_of(choices: tuple[_Expectation, ...]) -> _Expectation:
    names = tuple(name for choice in choices for name in choice.names)
    return _Expectation(names, lambda value: any(choice.fits(value) for choice in choices))


def _container(kind: type, word: str, item: _Expectation) -> _Expectation:
    names = (f"{word} of {' or '.join(item.names)}",)
    return _Expectation(names, lambda value: isinstance(value, kind) and not isinstance(value, _TEXTS), item)


def _protocol(hint: type) -> _Expectation:
    methods = [name for name, each in vars(hint).items() if callable(each) and not name.startswith("_")]
    return _Expectation(
        (hint.__name__,), lambda value: all(callable(getattr(value, name, None)) for name in methods)
    )


def _named(name: str) -> str:
    if name in ("NoneType", "bytes") or name.startswith("'"):
        return name.removesuffix("Type")
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
