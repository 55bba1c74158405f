"""Rows: how a row of the port becomes parameters, and what the driver gave becomes rows.

Decides nothing but who is asked: the dialect says how a value is written. Every row goes through here, so a
function is written out for each collection in place of a loop over its fields. Invariants: only names of
fields stand in such source, which the port restricts, and no value; rows given back are read-only; values
that were never written here are said to be unreadable, all of them at once, and are not shown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from dcss_core import errors
from dcss_core.plugins import Collection, Field, FieldKind, Row, Scalar
from dcss_core_sql.dialect import Codec, Dialect

Reading: TypeAlias = Callable[[Sequence[Sequence[Any]]], list[Row]]
_NOT_WRITTEN_HERE: Final = (LookupError, TypeError, ValueError)  # what reading such a value raises
Writing: TypeAlias = Callable[[Sequence[Row], Iterable[int]], list[tuple[object, ...]]]


class Rows:
    """The rows of one collection, as the driver takes and gives them."""

    def __init__(self, collection: Collection, dialect: Dialect) -> None:
        self._collection = collection
        self._fields = {field.name: field for field in collection.stored_fields}
        self._types = dialect.driver_types
        self._encoders = _codecs(collection, dialect.encoders)
        self._decoders = _codecs(collection, dialect.decoders)

    @cached_property
    def numbered(self) -> Writing:
        """Gives the values of each row as the driver takes them, then its version, or its number in a log."""
        return _writing(self._collection.fields, self._encoders)

    @cached_property
    def _read_all(self) -> Reading:
        return _reading(self._collection.stored_fields, self._decoders, self._types)

    def encoder(self, name: str) -> Codec | None:
        """How the values of a field are written, where it is not as they are."""
        return self._encoders.get(name)

    def encoded(self, name: str, value: Scalar) -> object:
        """The value of a field as the driver takes it."""
        encode = self._encoders.get(name)
        return value if encode is None or value is None else encode(value)

    def decoded(self, name: str, value: Any) -> Scalar:
        """The value of a field as the port gives it; raises InvariantError for one never written here."""
        field, decode = self._fields[name], self._decoders.get(name)
        if value is None and field.optional:
            return None
        try:
            decoded: Scalar = (
                decode(value) if decode is not None else _of_type(value, self._types[field.kind])
            )
        except _NOT_WRITTEN_HERE:
            raise self._unreadable(name) from None  # the cause would show the value
        return decoded

    def read(self, records: Sequence[Sequence[Any]]) -> list[Row]:
        """What the driver gave, as rows; raises InvariantError for a value that was never written here."""
        try:
            return self._read_all(records)
        except _NOT_WRITTEN_HERE:
            raise self._unreadable(*self._unreadable_names(records)) from None  # the cause would show it

    def _unreadable_names(self, records: Sequence[Sequence[Any]]) -> Iterator[str]:
        for place, name in enumerate(self._fields):
            if any(not self._is_readable(name, record[place]) for record in records):
                yield name

    def _is_readable(self, name: str, value: Any) -> bool:
        try:
            self.decoded(name, value)
        except errors.InvariantError:
            return False
        return True

    def _unreadable(self, *names: str) -> errors.InvariantError:
        places = {name: f"{self._collection.name}.{name}" for name in names}
        where = ", ".join(places.values()) or self._collection.name
        return errors.InvariantError(
            f"what is stored in {where} can't be read; was it changed by hand?",
            faults=[
                errors.Fault(place, "a value that was never written here", self._fields[name].kind.value)
                for name, place in places.items()
            ],
        )


def _codecs(collection: Collection, codecs: Mapping[FieldKind, Codec]) -> Mapping[str, Codec]:
    return {field.name: codecs[field.kind] for field in collection.stored_fields if field.kind in codecs}


def _of_type(value: Scalar, expected: type) -> Scalar:
    if type(value) is not expected:
        raise TypeError("another type was written")
    return value


def _reading(
    fields: Sequence[Field], decoders: Mapping[str, Codec], types: Mapping[FieldKind, type]
) -> Reading:
    """A function of records that gives rows; it raises for a value of another type than was written."""
    taken, items = "", []
    names: dict[str, object] = {"of_type": _of_type}
    for place, field in enumerate(fields):
        value, expected = f"value_{place}", f"type_{place}"
        names[expected] = types[field.kind]
        read = f"{value} if type({value}) is {expected} else of_type({value}, {expected})"
        read = f"code_{place}({value})" if field.name in decoders else read
        taken += f"{value}, "
        items.append(
            f"{field.name!r}: " + (f"None if {value} is None else {read}" if field.optional else read)
        )
    source = f"lambda records: [read_only({{{', '.join(items)}}}) for {taken}in records]"
    reading: Reading = _function(source, fields, decoders, names)
    return reading


def _writing(fields: Sequence[Field], encoders: Mapping[str, Codec]) -> Writing:
    """A function of rows and numbers that gives parameters."""
    items = [_coded(field, f"row[{field.name!r}]", place, encoders) for place, field in enumerate(fields)]
    source = f"lambda rows, numbers: [({', '.join(items)}, number) for row, number in zip(rows, numbers)]"
    writing: Writing
    writing = _function(source, fields, encoders, {})
    return writing


def _coded(field: Field, value: str, place: int, codecs: Mapping[str, Codec]) -> str:
    if field.name not in codecs:
        return value
    coded = f"code_{place}({value})"
    return f"(None if {value} is None else {coded})" if field.optional else coded


def _function(
    source: str, fields: Sequence[Field], codecs: Mapping[str, Codec], names: Mapping[str, object]
) -> Any:
    coded = {
        f"code_{place}": codecs[field.name] for place, field in enumerate(fields) if field.name in codecs
    }
    return eval(source, {"read_only": MappingProxyType, "type": type, "zip": zip, **coded, **names})  # noqa: S307  # our own source
