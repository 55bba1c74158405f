"""RowMapping: the two functions between a class of records and its rows, written out field by field.

Decides how each form of column is read and written. Invariants: a record is built by its own constructor, so
that one that can't be right is refused; a row that can't be read is read again by the careful way that is
handed over, which says why; of a record that holds a Secret nothing is remembered.
"""

from collections.abc import Callable, Iterable, Mapping
from keyword import iskeyword
from typing import Any, Final, Protocol, TypeVar

import attrs

from dcss_core.agency.work.mapping.columns import Column, Form
from dcss_core.agency.work.mapping.nested_json import json_reader, json_writer
from dcss_core.agency.work.remembered import LONGEST, may_be_remembered, remembered
from dcss_core.agency.work.sealing import Sealer
from dcss_core.base.generated_source import function_of
from dcss_core.errors import InvalidInputError, InvariantError
from dcss_core.ports.storage import VERSION, Collection, Row

T = TypeVar("T", bound=attrs.AttrsInstance)
T_contra = TypeVar("T_contra", contravariant=True)

# How a value is wrong. What the sealer raises for one that was moved is none of them and needs no more words.
_REFUSED: Final = (ValueError, TypeError, AttributeError, LookupError, InvalidInputError, InvariantError)
_TAKEN: Final = frozenset({"row", "sealer", "record", "version", "len"})
_WRITTEN: Final = {Form.CENTS: "{}.cents", Form.MEMBER: "{}._value_", Form.TEXT: "{}.value"}


class ToRow(Protocol[T_contra]):
    """How a record is written as the row of a version."""

    def __call__(self, record: T_contra, sealer: Sealer, version: int) -> Row:
        """Write it, sealing what is protected."""
        ...


def reading(
    record: type[T],
    collection: Collection,
    columns: Mapping[str, Column],
    carefully: Callable[[Row, Sealer], T],
) -> Callable[[Row, Sealer], T]:
    """`from_row(row, sealer)`: read a record back, or let the careful way say what is wrong."""
    names: dict[str, Any] = {"_Record": record, "_carefully": carefully}
    names |= {"_REFUSED": _REFUSED, "_LONGEST": LONGEST}
    lines = []
    has_secret = any(column.sealed for column in columns.values())
    if has_secret:
        lines.append(f"_key, _version = row[{collection.key!r}], row[{VERSION!r}]")
    for column in columns.values():
        remembers = not has_secret and may_be_remembered(column.declared)
        lines += _lines_of_reading(column, collection.name, names, remembers=remembers)
    lines.append(f"return _Record({', '.join(_arguments(record, columns))})")
    source = f"""\
def from_row(row, sealer):
    try:
{_indented(lines, 8)}
    except _REFUSED:
        pass
    return _carefully(row, sealer)
"""
    from_row: Callable[[Row, Sealer], T] = function_of("from_row", source, names, of=collection.name)
    return from_row


def writing(collection: Collection, columns: Mapping[str, Column]) -> ToRow[Any]:
    """`to_row(record, sealer, version)`: write a record as a row, sealing what is protected."""
    names: dict[str, Any] = {}
    lines: list[str] = []
    values: list[str] = []
    if any(column.sealed for column in columns.values()):
        [key] = [column for column in columns.values() if column.field.name == collection.key]
        lines += _lines_of_writing(key, "_key", collection.name, names)
    for column in columns.values():
        value = f"record.{column.attribute}"
        if column.form is not Form.AS_IT_IS:
            value = _variable(column)
            lines += _lines_of_writing(column, value, collection.name, names)
        values.append(f"{column.field.name!r}: {value},")
    source = f"""\
def to_row(record, sealer, version):
{_indented(lines, 4)}
    return {{
{_indented(values, 8)}
    }}
"""
    to_row: ToRow[Any] = function_of("to_row", source, names, of=collection.name)
    return to_row


def _indented(lines: Iterable[str], by: int) -> str:
    return "\n".join(" " * by + line for line in lines)


def _arguments(record: type[attrs.AttrsInstance], columns: Mapping[str, Column]) -> list[str]:
    fields = attrs.fields(record)
    # By place is much faster. A constructor that was not made by attrs may have another order.
    is_in_order = all(field.init for field in fields) and not hasattr(record, "__attrs_init__")
    by_place = [field.name for field in fields if is_in_order and not field.kw_only]
    by_name = [field.name for field in fields if field.name not in by_place]
    return [
        *(_variable(columns[name]) for name in by_place),
        *(f"{name}={_variable(columns[name])}" for name in by_name),
    ]


def _lines_of_reading(
    column: Column, collection: str, names: dict[str, Any], *, remembers: bool
) -> list[str]:
    variable = _variable(column)
    lines = [f"{variable} = row[{column.field.name!r}]"]
    if column.form is Form.AS_IT_IS:
        return lines
    read = (
        _unsealed(column, collection, names) if column.sealed else _read(column, names, remembers=remembers)
    )
    if column.field.optional:
        return [*lines, f"if {variable} is not None:", f"    {variable} = {read}"]
    return [*lines, f"{variable} = {read}"]


def _unsealed(column: Column, collection: str, names: dict[str, Any]) -> str:
    variable = _variable(column)
    names[f"_place_of_{variable}"] = column.place(collection)
    names[f"_read_{variable}"] = _reader(column, remembers=False)
    return f'_read_{variable}(sealer.open({variable}, f"{{_place_of_{variable}}}/{{_key}}/{{_version}}"))'


def _read(column: Column, names: dict[str, Any], *, remembers: bool) -> str:
    variable = _variable(column)
    if column.form is Form.MEMBER:
        names[f"_members_of_{variable}"] = {member.value: member for member in column.declared}
        return f"_members_of_{variable}[{variable}]"
    read = _reader(column, remembers=remembers)
    names[f"_read_{variable}"] = read
    afresh = f"_read_{variable}({variable})"
    if column.form is Form.CENTS or not remembers:
        return afresh
    names[f"_known_{variable}"] = remembered(read)
    known = f"_known_{variable}({variable})"
    is_short = column.form is not Form.JSON
    return known if is_short else f"{known} if len({variable}) <= _LONGEST else {afresh}"


def _reader(column: Column, *, remembers: bool) -> Callable[[str], Any]:
    is_json = column.form is Form.JSON
    return json_reader(column.declared, remembers=remembers) if is_json else column.read


def _lines_of_writing(column: Column, variable: str, collection: str, names: dict[str, Any]) -> list[str]:
    lines = [f"{variable} = record.{column.attribute}"]
    if column.form is Form.AS_IT_IS:
        return lines
    written = _WRITTEN.get(column.form, f"_write_{variable}({{}})").format(variable)
    names[f"_write_{variable}"] = json_writer(column.declared) if column.form is Form.JSON else column.write
    if column.sealed:
        names[f"_place_of_{variable}"] = column.place(collection)
        written = f'sealer.seal({written}, f"{{_place_of_{variable}}}/{{_key}}/{{version}}")'
    return [*lines, f"if {variable} is not None:", f"    {variable} = {written}"]


def _variable(column: Column) -> str:
    """The field's own name, unless the function uses that name for something else."""
    name = column.attribute
    return f"{name}_" if name in _TAKEN or iskeyword(name) else name
