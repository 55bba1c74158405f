"""Dialect: how one database writes names, parameters, types and values.

Decides nothing about statements; everything that holds for one database only and shows in SQL text stands
in a value of this class. Invariant: a column is named with its table, for SQLite takes a quoted name alone
that it does not know for text.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final, TypeAlias

import attrs

from dcss_core.plugins import FieldKind

Codec: TypeAlias = Callable[[Any], Any]
_MARK_LENGTH: Final = 12  # of the hash that ends a shortened name


@attrs.frozen
class Dialect:
    """How a database writes what this package says to it.

    `driver_types` are the types in which the driver gives what stands in a column; where there is a decoder,
    the decoder refuses others. `nones_first` and `nones_last` are said of columns that may be None, where the
    database sorts NULL otherwise. `unique_keys_are_indexes` says that a unique key is made as an index, for
    only an index is told where NULL stands.
    """

    column_types: Mapping[FieldKind, str]
    log_number_type: str
    encoders: Mapping[FieldKind, Codec]
    decoders: Mapping[FieldKind, Codec]
    driver_types: Mapping[FieldKind, type]
    parameter: str = "?"
    parameter_types: Mapping[FieldKind, str] = attrs.field(factory=dict)
    nones_first: str = ""
    nones_last: str = ""
    longest_name: int | None = None
    unique_keys_are_indexes: bool = False

    def name(self, name: str) -> str:
        """A name that is never taken for a word of SQL; one that is too long is shortened."""
        if self.longest_name is not None and len(name) > self.longest_name:
            mark = sha256(name.encode()).hexdigest()[:_MARK_LENGTH]
            name = f"{name[: self.longest_name - _MARK_LENGTH - 1]}_{mark}"
        return f'"{name}"'

    def alone(self, kind: FieldKind) -> str:
        """A parameter where nothing else tells of which type it is."""
        named = self.parameter_types.get(kind)
        return self.parameter if named is None else f"CAST({self.parameter} AS {named})"

    def column(self, table: str, name: str) -> str:
        """A column, with the table it stands in."""
        return f'"{table}"."{name}"'
