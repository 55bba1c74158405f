"""Expected types: whether what a caller gave has the types that are written in the signature.

Decides by the type hints themselves, so that a door never asks for something else than it says. Exact
for bool, int, str, date and datetime (a bool is no int, a datetime no date, and a class made from str may
answer as no text would); a text is no sequence of texts, and a sequence is a list or a tuple, for another one
may give other items the second time. Invariants: every wrong or missing argument or field
is named at once, by its type and never by its value; a hint nobody taught this module to read raises, it is
not passed over.
"""

import sys
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, wraps
from inspect import Parameter, signature
from typing import Any, Final, Literal, ParamSpec, TypeVar

import attrs

from dcss_core.base.generated_source import function_of
from dcss_core.errors import DcssError, Fault, InvalidInputError, InvariantError

P = ParamSpec("P")
T = TypeVar("T")

INSTEAD: Final = "_instead_of_this"
"""The name under which a class says what of it to give, where a message says that it does not fit."""

_EXACT: Final = frozenset({bool, int, str, date, datetime})
_CONTAINERS: Final[Mapping[Any, tuple[type, str]]] = {
    tuple: (tuple, "tuple"),
    Sequence: (Sequence, "list or tuple"),
    Iterable: (Iterable, "list or tuple"),
}
_TEXTS: Final = (str, bytes, bytearray)
_NO_TYPE: Final[frozenset[type]] = frozenset()
_NEVER_BY_PLACE: Final = sys.maxsize
_SPELT_AFTER_AN: Final = ("Ssn",)  # its letters are read one by one: an S


@attrs.frozen(eq=False)
class _Expectation:
    """What one hint admits. `names` is how messages call it, without an article; `item` is of a container.

    A value whose own class is one of `surely` fits, whatever it is: nothing else need be asked.
    """

    names: tuple[str, ...]
    admits: Callable[[object], bool]
    item: "_Expectation | None" = None
    surely: frozenset[type] = _NO_TYPE

    def fits(self, value: object) -> bool:
        if not self.admits(value):
            return False
        # an iterator is left alone: looking at its items would use them up
        if self.item is None or not isinstance(value, Collection):
            return True
        if self.item.surely.issuperset(map(type, value)):  # of very many, each costs next to nothing
            return True
        return all(map(self.item.fits, value))

    def faults(self, where: str, value: object) -> Iterator[Fault]:
        if self.item is not None and isinstance(value, Collection) and self.admits(value):
            for place, each in enumerate(value, start=1):
                if not self.item.fits(each):
                    yield from self.item.faults(f"{where}, item {place}", each)
        else:
            expected = " or ".join(map(_named, self.names))
            yield Fault(where, _named(type(value).__name__), expected + vars(type(value)).get(INSTEAD, ""))


def check_fields(instance: attrs.AttrsInstance) -> None:
    """Check the fields of an attrs value, in its `__attrs_post_init__`; raises InvalidInputError."""
    kind = type(instance)
    if _fit_of_fields(kind)(instance):
        return
    faults = [
        fault
        for name, expected in _fields_of(kind)
        if not expected.fits(value := getattr(instance, name))
        for fault in expected.faults(f"{kind.__name__}.{name}", value)
    ]
    made = _named(kind.__name__)
    raise InvalidInputError(f"{made} can't be made of values of these types", faults=faults)


def checked(verb: Callable[P, T]) -> Callable[P, T]:
    """Check a verb's arguments against its signature before it runs; raises InvalidInputError."""
    return checked_as(InvalidInputError)(verb)


def checked_as(error: type[DcssError]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """As `checked`, for a verb whose refusals are another error."""

    def decorate(verb: Callable[P, T]) -> Callable[P, T]:
        check = check_of(verb, error)

        @wraps(verb)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
            check(*args, **kwargs)
            return verb(*args, **kwargs)

        return wrapper

    return decorate


def check_of(verb: Callable[P, object], error: type[DcssError] = InvalidInputError) -> Callable[P, None]:
    """What refuses the arguments of a verb that do not fit its signature; it raises the error."""

    def check(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            is_fit = _fit_of_arguments(verb)(*args, **kwargs)
        except TypeError:  # one too many or too few, as Python itself says it
            is_fit = False
        if is_fit:
            return
        faults = list(_faults_of_arguments(verb, args, kwargs))
        if faults:
            name = getattr(verb, "__name__", "it")
            raise error(f"{name}() can't work with values of these types", faults=faults)

    return check


def _faults_of_arguments(
    verb: Callable[..., object], args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Iterator[Fault]:
    order, expected, required = _arguments_of(verb)
    for name, value in (*zip(order, args, strict=False), *kwargs.items()):
        if name in expected and not expected[name].fits(value):
            yield from expected[name].faults(f"argument '{name}'", value)
    for place, name in required:
        if place >= len(args) and name not in kwargs and name in expected:
            names = " or ".join(map(_named, expected[name].names))
            yield Fault(f"argument '{name}'", "nothing", names)


@cache
def _fit_of_fields(kind: type[attrs.AttrsInstance]) -> Callable[[attrs.AttrsInstance], bool]:
    """Whether all fields fit, written out for one class."""
    names: dict[str, object] = {}
    fits = [_fits(f"instance.{name}", name, expected, names) for name, expected in _fields_of(kind)]
    source = f"def fit(instance):\n    return {' and '.join(fits) or 'True'}\n"
    fit: Callable[[attrs.AttrsInstance], bool] = function_of("fit", source, names, of=kind.__name__)
    return fit


@cache
def _fit_of_arguments(verb: Callable[..., object]) -> Callable[..., bool]:
    """Whether all arguments fit, written out with the verb's own signature. What is left out fits."""
    _, expected, _ = _arguments_of(verb)
    names: dict[str, object] = {}
    parameters: list[Parameter] = []
    fits: list[str] = []
    for name, each in signature(verb).parameters.items():
        parameters.append(each.replace(annotation=each.empty))
        if name not in expected:
            continue
        fit = _fits(name, name, expected[name], names)
        if each.default is not each.empty:
            names[f"_without_{name}"] = each.default
            parameters[-1] = parameters[-1].replace(default=_Named(f"_without_{name}"))
            fit = f"({name} is _without_{name} or {fit})"
        fits.append(fit)
    source = f"def fit{signature(verb).replace(parameters=parameters, return_annotation=Parameter.empty)}:\n"
    source += f"    return {' and '.join(fits) or 'True'}\n"
    made: Callable[..., bool] = function_of("fit", source, names, of=getattr(verb, "__qualname__", "a verb"))
    return made


class _Named(str):
    """A default that is written as a name."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _fits(value: str, name: str, expected: _Expectation, names: dict[str, object]) -> str:
    """The source that says whether a value fits; what it calls by name stands in `names`."""
    names[f"_surely_{name}"], names[f"_fits_{name}"] = expected.surely, expected.fits
    asked = f"_fits_{name}({value})"
    return f"(type({value}) in _surely_{name} or {asked})" if expected.surely else asked


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
        return _Expectation((hint.__name__,), lambda value: type(value) is hint, surely=frozenset({hint}))
    if getattr(hint, "_is_protocol", False):
        return _protocol(hint)
    if isinstance(hint, type) and origin is None and hint is not Any:
        surely = frozenset({hint})
        return _Expectation((hint.__name__,), lambda value: isinstance(value, hint), surely=surely)
    raise InvariantError(f"no value can be checked against the type hint {hint!r} yet")


def _one_of(choices: tuple[_Expectation, ...]) -> _Expectation:
    names = tuple(name for choice in choices for name in choice.names)
    surely = _NO_TYPE.union(*(choice.surely for choice in choices))
    return _Expectation(names, lambda value: any(choice.fits(value) for choice in choices), surely=surely)


def _container(kind: type, word: str, item: _Expectation) -> _Expectation:
    names = (f"{word} of {' or '.join(item.names)}",)
    if kind is Sequence:
        return _Expectation(names, _is_iterated_alike, item)
    return _Expectation(names, lambda value: isinstance(value, kind) and not isinstance(value, _TEXTS), item)


def _is_iterated_alike(value: object) -> bool:
    """Whether a value is a list or tuple that gives the same items each time."""
    return isinstance(value, list | tuple) and type(value).__iter__ in (list.__iter__, tuple.__iter__)


def _protocol(hint: type) -> _Expectation:
    methods = [name for name, each in vars(hint).items() if callable(each) and not name.startswith("_")]
    return _Expectation(
        (hint.__name__,), lambda value: all(callable(getattr(value, name, None)) for name in methods)
    )


def _named(name: str) -> str:
    if name in ("NoneType", "bytes") or name.startswith("'"):
        return name.removesuffix("Type")
    is_an = name[0] in "AEIOUaeiou" or name in _SPELT_AFTER_AN
    return f"{'an' if is_an else 'a'} {name}"
