"""Records: how a frozen record of the core lies in a collection.

Decides the shape of the collection from the record's own type hints (`columns.py` says how a field lies in
it), so that a record and its stored form can't disagree. Invariants: anything that is or holds a Secret is
sealed before a storage sees it; a value that can't be right is named by its place and never shown.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar, get_type_hints

import attrs

from dcss_core.agency.work.mapping.columns import Column, Form, column_of
from dcss_core.agency.work.mapping.row_mapping import ToRow, reading, writing
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.shapes import as_written
from dcss_core.errors import InvalidInputError, InvariantError
from dcss_core.ports.storage import SEQUENCE, VERSION, Collection, Key, Row, Scalar

R = TypeVar("R", bound=attrs.AttrsInstance)


@attrs.frozen
class Records(Generic[R]):
    """A record class and the collection its instances are kept in."""

    record: type[R]
    collection: Collection
    columns: Mapping[str, Column]

    @cached_property
    def to_row(self) -> ToRow[R]:
        """Write a record as a row, sealing what is protected; written out for this class at first use."""
        return writing(self.collection, self.columns)

    @cached_property
    def from_row(self) -> Callable[[Row, Sealer], R]:
        """Read a record back; written out for this class at first use.

        Raises BackendError when a sealed value was changed or moved, InvariantError for a value that
        was never written here, or values that no record has together.
        """
        return reading(self.record, self.collection, self.columns, self._carefully)

    def place(self, record: R, number: int | None = None) -> Row:
        """Where a record stands in any order of its collection: its fields as stored, but for sealed ones.

        An entry of a log stands there with its number, which the entry itself does not know.
        """
        numbered: dict[str, Scalar] = {SEQUENCE: number} if self.collection.log else {}
        return numbered | {
            column.field.name: self.stored(column.attribute, getattr(record, column.attribute))
            for column in self.columns.values()
            if not column.sealed
        }

    def index(self, attributes: tuple[str, ...]) -> tuple[str, ...]:
        """The column names of an index given by the record's own field names."""
        return tuple([self._names[name] for name in attributes])

    def key(self, value: object) -> Key:
        """A key as it is stored; for a log of streams, a tuple of the stream and the number in it."""
        if not self.collection.log:
            return self.stored(self.key_attribute, value)
        if self.stream_attribute is not None and isinstance(value, tuple) and value:
            return self.stored(self.stream_attribute, value[0]), *value[1:]
        return value  # type: ignore[return-value]

    def stored(self, attribute: str, value: object) -> Scalar:
        """A value of a field as it is stored, to find records by."""
        if value is None or attribute == SEQUENCE:
            return value  # type: ignore[return-value]
        written: Scalar = self.columns[attribute].write(value)
        return written

    @cached_property
    def key_attribute(self) -> str:
        """The record's field that is its key; a log has none."""
        return self._attribute_of(self.collection.key)

    @cached_property
    def stream_attribute(self) -> str | None:
        """The record's field by which a log of streams is numbered; None for any other collection."""
        return None if self.collection.stream is None else self._attribute_of(self.collection.stream)

    def key_of(self, record: R, number: int | None = None) -> Key:
        """The key of a record as it is stored; of an entry of a log with its number."""
        if not self.collection.log:
            return self.key(getattr(record, self.key_attribute))
        if self.stream_attribute is None:
            return number
        return self.key((getattr(record, self.stream_attribute), number))

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {SEQUENCE: SEQUENCE} | {name: column.field.name for name, column in self.columns.items()}

    def _attribute_of(self, column: str) -> str:
        return next(each.attribute for each in self.columns.values() if each.field.name == column)

    def _carefully(self, row: Row, sealer: Sealer) -> R:
        """Read a record one column after the other, so that what can't be read is named by its place."""
        values: dict[str, Any] = {}
        for column in self.columns.values():
            value: Any = row[column.field.name]
            if value is not None:
                if column.sealed:
                    key, version = row[self.collection.key], row[VERSION]
                    value = sealer.open(value, f"{column.place(self.collection.name)}/{key!s}/{version!s}")
                if column.form is not Form.AS_IT_IS:
                    value = self._read(column, value)
            values[column.attribute] = value
        return self._made(values)

    def _read(self, column: Column, value: Any) -> Any:
        try:
            return column.read(value)
        except (ValueError, InvalidInputError):
            where = f"{self.collection.name}.{column.field.name}"
            raise InvariantError(
                f"what is stored in {where} can't be read; was it changed by hand?"
            ) from None

    def _made(self, values: dict[str, Any]) -> R:
        try:
            return self.record(**values)
        # a record whose values contradict each other, or None where a value has to be
        except (InvariantError, InvalidInputError, TypeError, AttributeError) as broken:
            promise = f": {broken}" if isinstance(broken, InvariantError) else ""
            raise InvariantError(
                f"what is stored in {self.collection.name} can't be right{promise}; was it changed by hand?"
            ) from None


def keep(
    record: type[R],
    name: str,
    *,
    key: str = SEQUENCE,
    unique: tuple[tuple[str, ...], ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
    log: bool = False,
    stream: str | None = None,
) -> Records[R]:
    """Declare that records of a class are kept in a collection; what it names are the record's own fields.

    `stream` is the field of a log within each value of which its entries are numbered. Raises
    InvariantError for a log that would hold a secret, InvalidInputError for what no collection can be.
    """
    hints = get_type_hints(record)
    columns = {field.name: column_of(field.name, hints[field.name]) for field in attrs.fields(record)}
    if log and any(column.sealed for column in columns.values()):
        raise InvariantError(f"the log '{name}' can't hold a secret: its entries are never replaced")

    def names(group: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(columns[each].field.name if each in columns else each for each in group)

    collection = Collection(
        name=name,
        fields=tuple(column.field for column in columns.values()),
        key=names((key,))[0],
        unique=tuple(map(names, unique)),
        indexes=tuple(map(names, indexes)),
        log=log,
        stream=None if stream is None else names((stream,))[0],
    )
    return Records(record, as_written(collection), columns)
