"""How nested values of a record become JSON text and come back.

Decides one text for each value type. Invariants: reading is strict (unknown keys and values of the
wrong type are refused); money is text with two decimals; equal values give equal text. A secret
passes only here, on its way into or out of a sealed field.
"""

import json
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache, partial
from typing import Any, TypeVar, get_args, get_origin

import cattrs

from dcss_core.base.dates import Month
from dcss_core.base.json.strict_json import strict_json
from dcss_core.base.money import Money
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvalidInputError, InvariantError

D = TypeVar("D", bound=date)


def to_json(value: object, declared: Any) -> str:
    """Write a value of the declared type as canonical JSON."""
    plain = _converter().unstructure(value, unstructure_as=declared)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def from_json(text: str, declared: Any) -> Any:
    """Read a value of the declared type back; raises InvariantError when the text is of another shape."""
    try:
        return _converter().structure(strict_json(text), declared)
    # AttributeError is how cattrs meets a value that is no object where one should be
    except (cattrs.BaseValidationError, InvalidInputError, ValueError, TypeError, KeyError, AttributeError):
        raise InvariantError(
            f"a stored {getattr(declared, '__name__', declared)} can't be read back; was it changed by hand?"
        ) from None  # the cause would show the value


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    for plain_type in (str, int, bool):
        converter.register_structure_hook(plain_type, _strict)
    for value_type, write, read in (
        (date, date.isoformat, _date),
        (datetime, datetime.isoformat, _instant),
        (Money, str, Money),
        (Month, str, Month.parse),
        (Ssn, Secret.reveal, Ssn.stored),
        (Secret, Secret.reveal, Secret),
    ):
        converter.register_unstructure_hook(value_type, write)
        converter.register_structure_hook(value_type, lambda text, _type, read=read: read(text))
    converter.register_structure_hook_func(_is_tuple, partial(_strict_tuple, converter))
    converter.register_unstructure_hook_func(is_single_text, lambda value: value.value)
    converter.register_structure_hook_func(is_single_text, lambda text, declared: declared(text))
    return converter


def is_single_text(declared: Any) -> bool:
    """Whether a type is a value class around one text, such as a case number."""
    fields = getattr(declared, "__attrs_attrs__", ())
    is_enum = isinstance(declared, type) and issubclass(declared, Enum)
    return not is_enum and [(field.name, field.type) for field in fields] == [("value", str)]


def _strict(value: object, declared: type) -> Any:
    if type(value) is not declared:
        raise TypeError(f"expected {declared.__name__}")
    return value


def _is_tuple(declared: Any) -> bool:
    origin: Any = get_origin(declared)
    return origin is tuple


def _strict_tuple(converter: cattrs.Converter, values: object, declared: Any) -> tuple[Any, ...]:
    part, *_ = get_args(declared)
    return tuple(converter.structure(each, part) for each in _strict(values, list))


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
