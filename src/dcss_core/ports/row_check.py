"""RowCheck: whether rows hold exactly the declared fields and keys fit, asked of all that is written and got.

Decides as `Field.admits` does, by a function written out for the collection, since each call waits for it.
It answers yes or no; what is wrong with a row or a key the collection finds out, field by field.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from dcss_core.base.generated_source import function_of
from dcss_core.ports.field import Field, FieldKind, is_unicode

_FITS: Final[Mapping[FieldKind, str]] = {
    FieldKind.TEXT: "type(value) is str and (value.isascii() or is_unicode(value))",
    FieldKind.INTEGER: "type(value) is int and LEAST <= value <= MOST",
    FieldKind.BOOLEAN: "type(value) is bool",
    FieldKind.DATE: "type(value) is date",
    FieldKind.INSTANT: (
        "type(value) is datetime and (value.tzinfo is UTC or "
        "(value.tzinfo is not None and value.tzinfo.utcoffset(None) == NO_OFFSET))"
    ),
    FieldKind.BYTES: "type(value) is bytes",
}
_NAMES: Final[Mapping[str, object]] = {
    "LEAST": -(2**63),
    "MOST": 2**63 - 1,
    "NO_OFFSET": timedelta(0),
    "UTC": UTC,
    "date": date,
    "datetime": datetime,
    "is_unicode": is_unicode,
}


def row_check(name: str, fields: Sequence[Field]) -> Callable[[Sequence[Mapping[str, Any]]], bool]:
    """Whether every row has a value that fits in each of these fields of a collection, and no other field."""
    lines = ["def fit(rows):", "    try:", "        for row in rows:"]
    for field in fields:
        fits = f"({_FITS[field.kind]})"
        lines += [
            f"            value = row[{field.name!r}]",
            f"            if not {f'(value is None or {fits})' if field.optional else fits}:",
            "                return False",
        ]
    lines += [
        "            if len(row) != FIELDS:",
        "                return False",
        "    except (LookupError, TypeError):",  # a row that lacks a field, and what is no row
        "        return False",
        "    return True",
        "",
    ]
    check: Callable[[Sequence[Mapping[str, Any]]], bool] = function_of(
        "fit", "\n".join(lines), {**_NAMES, "FIELDS": len(fields)}, of=name
    )
    return check


def key_check(name: str, fields: Sequence[Field]) -> Callable[[Sequence[Any]], bool]:
    """Whether every key fits these fields of a collection; a key of several fields is a tuple of as many."""
    lines = ["def fit(keys):", "    for key in keys:"]
    if len(fields) > 1:
        lines += [
            f"        if type(key) is not tuple or len(key) != {len(fields)}:",
            "            return False",
        ]
    for place, field in enumerate(fields):
        given = f"key[{place}]" if len(fields) > 1 else "key"
        lines += [
            f"        value = {given}",
            f"        if not ({_FITS[field.kind]}):",
            "            return False",
        ]
    source = "\n".join([*lines, "    return True", ""])
    check: Callable[[Sequence[Any]], bool] = function_of("fit", source, dict(_NAMES), of=f"keys of {name}")
    return check
