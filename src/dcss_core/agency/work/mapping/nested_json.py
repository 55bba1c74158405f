"""How nested values of a record become JSON text and come back.

Decides one text for each value type. Invariants: reading is strict (unknown keys and values of the
wrong type are refused); money is text with two decimals; equal values give equal text. Where several values
are kept now, one of a class that says `was_kept_alone` is read as well. A secret passes only here, on its
way into or out of a sealed field.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, get_origin

from dcss_core.agency.work.remembered import remembered
from dcss_core.base.dates import Month
from dcss_core.base.json.canonical import canonical
from dcss_core.base.json.strict_json import strict_json
from dcss_core.base.money import Money
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import DcssError, InvariantError

if TYPE_CHECKING:
    import cattrs  # not at run time: an agency opens without, and what is nested comes with the first verb

D = TypeVar("D", bound=date)
_EMPTY: Final = "[]"


def to_json(value: object, declared: Any) -> str:
    """Write a value of the declared type as canonical JSON."""
    return json_writer(declared)(value)


def from_json(text: str, declared: Any) -> Any:
    """Read a value of the declared type back; raises InvariantError when the text is of another shape."""
    return json_reader(declared, remembers=False)(text)


@cache
def json_writer(declared: Any) -> Callable[[object], str]:
    """What `to_json` does, for one type, so that how it is done is looked up once."""
    plain = _converter(remembers=False).get_unstructure_hook(declared)
    return lambda value: _EMPTY if value == () else canonical(plain(value))


@cache
def json_reader(declared: Any, *, remembers: bool) -> Callable[[str], Any]:
    """What `from_json` does, for one type, so that how it is done is looked up once.

    With `remembers` the amounts, months and single texts within are remembered.
    """
    from cattrs.errors import ForbiddenExtraKeysError

    value_of = _converter(remembers=remembers).get_structure_hook(declared)
    of_another_shape = (
        DcssError,  # what a value class refuses
        ForbiddenExtraKeysError,
        ArithmeticError,
        AttributeError,  # how cattrs meets a value that is no object where one should be
        LookupError,
        TypeError,
        ValueError,
    )

    is_tuple = _is_tuple(declared)

    def read(text: str) -> Any:
        if is_tuple and text == _EMPTY:
            return ()
        try:
            return value_of(strict_json(text), declared)
        except of_another_shape:
            raise InvariantError(
                f"a stored {getattr(declared, '__name__', declared)} can't be read back; "
                "was it changed by hand?"
            ) from None  # the cause would show the value

    return read


@cache
def _converter(*, remembers: bool) -> "cattrs.Converter":
    import cattrs

    # Which part of a value is at fault is never told, so cattrs need not note it.
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
    kept = remembered if remembers else _as_it_is
    for plain_type in (str, int, bool):
        converter.register_structure_hook(plain_type, _strict)
    for value_type, write, read in (
        (date, date.isoformat, _date),
        (datetime, datetime.isoformat, _instant),
        (Money, str, kept(Money)),
        (Month, str, kept(Month.parse)),
        (Ssn, Secret.reveal, Ssn.stored),
        (Secret, Secret.reveal, Secret),
    ):
        converter.register_unstructure_hook(value_type, write)
        converter.register_structure_hook(value_type, _reads_text(read))
    converter.register_unstructure_hook_factory(_is_tuple, partial(_tuple_writer, converter))
    converter.register_structure_hook_factory(_is_tuple, partial(_tuple_reader, converter))
    converter.register_unstructure_hook_func(_is_enum, attrgetter("_value_"))  # `value` is a property
    converter.register_structure_hook_factory(_is_enum, _enum_reader)
    converter.register_unstructure_hook_func(is_single_text, lambda value: value.value)
    converter.register_structure_hook_factory(is_single_text, lambda declared: _reads_text(kept(declared)))
    return converter


def _reads_text(read: Callable[[str], Any]) -> Callable[[Any, Any], Any]:
    return lambda text, _declared: read(text)


def _as_it_is(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return read


def is_single_text(declared: Any) -> bool:
    """Whether a type is a value class around one text, such as a case number."""
    fields = getattr(declared, "__attrs_attrs__", ())
    return not _is_enum(declared) and [(field.name, field.type) for field in fields] == [("value", str)]


def _is_enum(declared: Any) -> bool:
    return isinstance(declared, type) and issubclass(declared, Enum)


def _enum_reader(declared: type[Enum]) -> Callable[[Any, Any], Enum]:
    members = {member.value: member for member in declared}
    return lambda value, _declared: members[value]


def _is_tuple(declared: Any) -> bool:
    origin: Any = get_origin(declared)
    return origin is tuple


def _tuple_writer(converter: "cattrs.Converter", declared: Any) -> Callable[[Any], list[Any]]:
    write = converter.get_unstructure_hook(get_args(declared)[0])
    return lambda values: [write(each) for each in values]


def _tuple_reader(converter: "cattrs.Converter", declared: Any) -> Callable[[Any, Any], tuple[Any, ...]]:
    part = get_args(declared)[0]
    read = converter.get_structure_hook(part)
    if not getattr(part, "was_kept_alone", False):
        return lambda values, _declared: tuple([read(each, part) for each in _strict(values, list)])

    def read_several(values: Any, _declared: Any) -> tuple[Any, ...]:
        several = [values] if type(values) is dict else _strict(values, list)
        return tuple([read(each, part) for each in several])

    return read_several


def _strict(value: object, declared: type) -> Any:
    if type(value) is not declared:
        raise TypeError(f"expected {declared.__name__}")
    return value


def _date(text: str) -> date:
    return _as_written(date.fromisoformat(text), text)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.utcoffset() != timedelta(0):
        raise ValueError("expected an instant in UTC")
    return _as_written(instant, text)


def _as_written(value: D, text: str) -> D:
    if value.isoformat() != text:  # ISO 8601 has several spellings for one day; we write one
        raise ValueError("expected the spelling that isoformat() gives")
    return value
