"""Columns: how one field of a record lies in its collection.

Decides column, type and protection from the field's type hint. Invariants: scalar fields become typed columns
a DBA can query (money as `…_cents`); nested values become canonical JSON; whatever is or holds a Secret is
sealed for its collection, field, record and version.
"""

import types
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs

from dcss_core.agency.work.mapping.nested_json import from_json, is_single_text, to_json
from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.base.people.taxpayer_number import TaxpayerNumber, stored_taxpayer_number
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvariantError
from dcss_core.ports.storage import Field, FieldKind

_READ_BACK: Final[dict[Any, Callable[[str], Secret]]] = {
    Ssn: Ssn.stored,
    TaxpayerNumber: stored_taxpayer_number,
}
_AS_IT_IS: Final = {
    str: FieldKind.TEXT,
    int: FieldKind.INTEGER,
    bool: FieldKind.BOOLEAN,
    bytes: FieldKind.BYTES,
    date: FieldKind.DATE,
    datetime: FieldKind.INSTANT,
}


class Form(Enum):
    """How a value is written into its column."""

    AS_IT_IS = "as_it_is"
    CENTS = "cents"  # of Money
    MEMBER = "member"  # an Enum's value
    TEXT = "text"  # of a value class around one text
    MONTH = "month"
    SECRET = "secret"
    JSON = "json"


@attrs.frozen
class Column:
    """One field of a record and its column: how it is written, read and whether it is sealed.

    `declared` is the type of the field's values, but for None.
    """

    attribute: str
    field: Field
    declared: Any
    form: Form
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    sealed: bool = False

    def place(self, collection: str) -> str:
        """Where its sealed values stand: what they are sealed for begins with this, then `/key/version`."""
        return f"{collection}/{self.field.name}"


def column_of(name: str, hint: Any) -> Column:
    """The column of a field; raises InvariantError for a field of several types."""
    declared, optional = _without_none(hint)
    if _holds_secret(declared):
        return _sealed_column(name, declared, optional)
    if declared in _AS_IT_IS:
        return Column(name, Field(name, _AS_IT_IS[declared], optional), declared, Form.AS_IT_IS, _same, _same)
    if declared is Money:
        field = Field(f"{name}_cents", FieldKind.INTEGER, optional)
        return Column(name, field, declared, Form.CENTS, lambda money: money.cents, Money.from_cents)
    text = Field(name, FieldKind.TEXT, optional)
    if declared is Month:
        return Column(name, text, declared, Form.MONTH, str, Month.parse)
    if isinstance(declared, type) and issubclass(declared, Enum):
        return Column(name, text, declared, Form.MEMBER, lambda member: member.value, declared)
    if is_single_text(declared):
        return Column(name, text, declared, Form.TEXT, lambda value: value.value, declared)
    return _nested(name, declared, optional, FieldKind.TEXT, sealed=False)


def _sealed_column(name: str, declared: Any, optional: bool) -> Column:
    if declared == TaxpayerNumber or (isinstance(declared, type) and issubclass(declared, Secret)):
        field, read = Field(name, FieldKind.BYTES, optional), _READ_BACK.get(declared, declared)
        return Column(name, field, declared, Form.SECRET, Secret.reveal, read, sealed=True)
    return _nested(name, declared, optional, FieldKind.BYTES, sealed=True)


def _nested(name: str, declared: Any, optional: bool, kind: FieldKind, *, sealed: bool) -> Column:
    return Column(
        name,
        Field(name, kind, optional),
        declared,
        Form.JSON,
        lambda value: to_json(value, declared),
        lambda text: from_json(text, declared),
        sealed,
    )


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        members = [member for member in get_args(hint) if member is not types.NoneType]
        if set(members) == set(get_args(TaxpayerNumber)):  # of these the digits say which one it is
            return TaxpayerNumber, len(members) < len(get_args(hint))
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
