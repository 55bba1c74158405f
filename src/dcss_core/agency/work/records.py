"""Records: how a frozen record of the core lies in a collection.

Decides columns, types and protection from the record's own type hints, so that a record and its
stored form can't disagree. Invariants: scalar fields become typed columns a DBA can query (money as
`…_cents`); nested values become canonical JSON; anything that is or holds a Secret is sealed for its
collection, field, record and version before a storage sees it.
"""

import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from dcss_core.agency.work.nested_json import from_json, is_single_text, to_json
from dcss_core.agency.work.sealing import Sealer
from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvalidInputError, InvariantError
from dcss_core.ports.storage import SEQUENCE, Collection, Field, FieldKind, Row, Scalar

R = TypeVar("R", bound=attrs.AttrsInstance)
_AS_IT_IS = {
    str: FieldKind.TEXT,
    int: FieldKind.INTEGER,
    bool: FieldKind.BOOLEAN,
    bytes: FieldKind.BYTES,
    date: FieldKind.DATE,
    datetime: FieldKind.INSTANT,
}


@attrs.frozen
class Column:
    """One field of a record and its column: how it is written, read and whether it is sealed."""

    attribute: str
    field: Field
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    sealed: bool


@attrs.frozen
class Records(Generic[R]):
    """A record class and the collection its instances are kept in."""

    record: type[R]
    collection: Collection
    columns: Mapping[str, Column]

    def to_row(self, record: R, sealer: Sealer, *, version: int) -> Row:
        """Write a record as a row, sealing what is protected."""
        row: dict[str, Scalar] = {}
        for column in self.columns.values():
            value = getattr(record, column.attribute)
            if value is not None:
                value = column.write(value)
                if column.sealed:
                    value = sealer.seal(value, self._place(column, self.key_of(record), version))
            row[column.field.name] = value
        return row

    def from_row(self, row: Row, sealer: Sealer) -> R:
        """Read a record back.

        Raises BackendError when a sealed value was changed or moved, InvariantError for a value that
        was never written here, or values that no record has together.
        """
        values: dict[str, Any] = {}
        for column in self.columns.values():
            value: Any = row[column.field.name]
            if value is not None:
                if column.sealed:
                    key, version = row[self.collection.key], row["version"]
                    value = sealer.open(value, self._place(column, key, version))
                if column.read is not _same:
                    value = self._read(column, value)
            values[column.attribute] = value
        return self._made(values)

    def place(self, record: R) -> Row:
        """Where a record stands in any order of its collection: its fields as stored, but for sealed ones."""
        return {
            column.field.name: self.stored(column.attribute, getattr(record, column.attribute))
            for column in self.columns.values()
            if not column.sealed
        }

    def index(self, attributes: tuple[str, ...]) -> tuple[str, ...]:
        """The column names of an index given by the record's own field names."""
        return tuple(self.columns[name].field.name if name != SEQUENCE else name for name in attributes)

    def key(self, value: object) -> Scalar:
        """A key as it is stored."""
        if self.collection.log:
            return value  # type: ignore[return-value]
        return self.stored(self.key_attribute, value)

    def stored(self, attribute: str, value: object) -> Scalar:
        """A value of a field as it is stored, to find records by."""
        if value is None or attribute == SEQUENCE:
            return value  # type: ignore[return-value]
        written: Scalar = self.columns[attribute].write(value)
        return written

    @cached_property
    def key_attribute(self) -> str:
        """The record's field that is its key."""
        return next(c.attribute for c in self.columns.values() if c.field.name == self.collection.key)

    def key_of(self, record: R) -> Scalar:
        """The key of a record as it is stored."""
        return self.key(getattr(record, self.key_attribute))

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

    def _place(self, column: Column, key: Scalar, version: object) -> str:
        return f"{self.collection.name}/{column.field.name}/{key!s}/{version}"


def keep(
    record: type[R],
    name: str,
    *,
    key: str = SEQUENCE,
    unique: tuple[tuple[str, ...], ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
    log: bool = False,
) -> Records[R]:
    """Declare that records of a class are kept in a collection; key and indexes are given by field names."""
    hints = get_type_hints(record)
    columns = {field.name: _column(field.name, hints[field.name]) for field in attrs.fields(record)}
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
    )
    return Records(record, collection, columns)


def _column(name: str, hint: Any) -> Column:
    declared, optional = _without_none(hint)
    if _holds_secret(declared):
        if isinstance(declared, type) and issubclass(declared, Secret):
            read = Ssn.stored if declared is Ssn else declared
            return Column(name, Field(name, FieldKind.BYTES, optional), Secret.reveal, read, sealed=True)
        return _nested(name, declared, optional, FieldKind.BYTES, sealed=True)
    if declared in _AS_IT_IS:
        return Column(name, Field(name, _AS_IT_IS[declared], optional), _same, _same, sealed=False)
    if declared is Money:
        field = Field(f"{name}_cents", FieldKind.INTEGER, optional)
        return Column(name, field, lambda money: money.cents, Money.from_cents, sealed=False)
    text = Field(name, FieldKind.TEXT, optional)
    if declared is Month:
        return Column(name, text, str, Month.parse, sealed=False)
    if isinstance(declared, type) and issubclass(declared, Enum):
        return Column(name, text, lambda member: member.value, declared, sealed=False)
    if is_single_text(declared):
        return Column(name, text, lambda value: value.value, declared, sealed=False)
    return _nested(name, declared, optional, FieldKind.TEXT, sealed=False)


def _nested(name: str, declared: Any, optional: bool, kind: FieldKind, *, sealed: bool) -> Column:
    return Column(
        name,
        Field(name, kind, optional),
        lambda value: to_json(value, declared),
        lambda text: from_json(text, declared),
        sealed=sealed,
    )


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        members = [member for member in get_args(hint) if member is not types.NoneType]
        if len(members) != 1:
            raise InvariantError(f"a stored field has one type, or one type and None; found {hint}")
        return members[0], True
    return hint, False


def _holds_secret(declared: Any) -> bool:
    if isinstance(declared, type) and issubclass(declared, Secret):
        return True
    if any(_holds_secret(part) for part in get_args(declared) if part is not Ellipsis):
        return True
    if attrs.has(declared):
        hints = get_type_hints(declared)
        return any(_holds_secret(hints[field.name]) for field in attrs.fields(declared))
    return False


def _same(value: Any) -> Any:
    return value
