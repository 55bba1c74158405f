"""Lines: rows as COPY takes them, one line of text for each.

Decides how values are escaped there. Invariant: the values are those that a statement would be given.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from dcss_core.plugins import Collection, FieldKind

_NULL: Final = b"\\N"
_ESCAPED: Final = ((b"\\", b"\\\\"), (b"\t", b"\\t"), (b"\n", b"\\n"), (b"\r", b"\\r"))


def lines_of(collection: Collection) -> Callable[[Iterable[Sequence[Any]]], Iterator[bytes]]:
    """Writes rows of this collection, as the dialect encodes them, as lines."""
    escaped = [
        place
        for place, field in enumerate(collection.stored_fields)
        if field.kind in (FieldKind.TEXT, FieldKind.BYTES)
    ]

    def lines(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        for row in rows:
            values = [
                _NULL if value is None else value if type(value) is bytes else b"%d" % value for value in row
            ]
            for place in escaped:
                if row[place] is not None:
                    values[place] = _escaped(values[place])
            yield b"\t".join(values) + b"\n"

    return lines


def _escaped(value: bytes) -> bytes:
    for sign, written in _ESCAPED:
        if sign in value:
            value = value.replace(sign, written)
    return value
