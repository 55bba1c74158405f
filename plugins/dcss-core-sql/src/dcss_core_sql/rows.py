"""Rows: how a row of the port becomes parameters, and what the driver gave becomes rows.

Decides nothing but who is asked: the dialect says how a value is written. Every row goes through here, so a
function is written out for each collection in place of a loop over its fields. Invariants: only names of
fields stand in such source, which the port restricts, and no value; rows given back are read-only; a value
that was never written here is said to be unreadable and is not shown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeAlias

from dcss_core import errors
from dcss_core.plugins import Collection, Field, FieldKind, Row, Scalar
from dcss_core_sql.dialect import Codec, Dialect

Reading: TypeAlias = Callable[[Sequence[Sequence[Any]]], list[Row]]
Writing: TypeAlias = Callable[[Sequence[Row], Iterable[int]], list[tuple[object, ...]]]


class Rows:
    """The rows of one collection, as the driver takes and gives them."""

    def __init__(self, collection: Collection, dialect: Dialect) -> None:
        self._collection = collection
        self._encoders = _codecs(collection, dialect.encoders)
        self._decoders = _codecs(collection, dialect.decoders)

    @cached_property
    def numbered(self) -> Writing:
        """Gives the values of each row as the driver takes them, then its version, or its number in a log."""
        return _writing(self._collection.fields, self._encoders)

    @cached_property
    def _read_all(self) -> Reading:
        return _reading(self._collection.stored_fields, self._decoders)

    def encoder(self, name: str) -> Codec | None:
        """How the values of a field are written, where it is not as they are."""
        return self._encoders.get(name)

    def encoded(self, name: str, value: Scalar) -> object:
        """The value of a field as the driver takes it."""
        encode = self._encoders.get(name)
        return value if encode is None or value is None else encode(value)

    def decoded(self, name: str, value: Any) -> Scalar:
        """The value of a field as the port gives it; raises InvariantError for one never written here."""
        decode = self._decoders.get(name)
        try:
            decoded: Scalar = value if decode is None or value is None else decode(value)
        except (TypeError, ValueError):
            raise self._unreadable(name) from None  # the cause would show the value
        return decoded

    def read(self, records: Sequence[Sequence[Any]]) -> list[Row]:
        """What the driver gave, as rows; raises InvariantError for a value that was never written here."""
        try:
            return self._read_all(records)
        except (TypeError, ValueError):
            raise self._first_unreadable(records) from None  # the cause would show the value

    def _first_unreadable(self, records: Iterable[Sequence[Any]]) -> errors.InvariantError:
        names = [field.name for field in self._collection.stored_fields]
        for record in records:
            for name, value in zip(names, record, strict=True):
                try:
                    self.decoded(name, value)
                except errors.InvariantError as error:
                    return error
        return self._unreadable(names[0])

    def _unreadable(self, name: str) -> errors.InvariantError:
        where = f"{self._collection.name}.{name}"
        return errors.InvariantError(f"what is stored in {where} can't be read; was it changed by hand?")


def _codecs(collection: Collection, codecs: Mapping[FieldKind, Codec]) -> Mapping[str, Codec]:
    return {field.name: codecs[field.kind] for field in collection.stored_fields if field.kind in codecs}


def _reading(fields: Sequence[Field], decoders: Mapping[str, Codec]) -> Reading:
    """A function of records that gives rows."""
    places = range(len(fields))
    taken = "".join(f"value_{place}, " for place in places)
    items = ", ".join(
        f"{field.name!r}: {_coded(field, f'value_{place}', place, decoders)}"
        for place, field in enumerate(fields)
    )
    source = f"lambda records: [read_only({{{items}}}) for {taken}in records]"
    reading: Reading = _function(source, fields, decoders)
    return reading


def _writing(fields: Sequence[Field], encoders: Mapping[str, Codec]) -> Writing:
    """A function of rows and numbers that gives parameters."""
    items = [_coded(field, f"row[{field.name!r}]", place, encoders) for place, field in enumerate(fields)]
    source = f"lambda rows, numbers: [({', '.join(items)}, number) for row, number in zip(rows, numbers)]"
    writing: Writing
    writing = _function(source, fields, encoders)
    return writing


def _coded(field: Field, value: str, place: int, codecs: Mapping[str, Codec]) -> str:
    if field.name not in codecs:
        return value
    coded = f"code_{place}({value})"
    return f"(None if {value} is None else {coded})" if field.optional else coded


def _function(source: str, fields: Sequence[Field], codecs: Mapping[str, Codec]) -> Any:
    names: dict[str, object] = {
        f"code_{place}": codecs[field.name] for place, field in enumerate(fields) if field.name in codecs
    }
    return eval(source, {"read_only": MappingProxyType, "zip": zip, **names})  # noqa: S307  # our own source
