"""Dialect: how one database writes names, parameters, types and values.

Decides nothing about statements; everything that holds for one database only and shows in SQL text stands
in a value of this class. Invariant: a column is named with its table, for SQLite takes a quoted name alone
that it does not know for text.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from dcss_core.plugins import FieldKind

Codec: TypeAlias = Callable[[Any], Any]


@attrs.frozen
class Dialect:
    """How a database writes what this package says to it.

    `driver_types` are the types in which the driver gives what stands in a column; where there is a decoder,
    the decoder refuses others.
    """

    column_types: Mapping[FieldKind, str]
    log_number_type: str
    encoders: Mapping[FieldKind, Codec]
    decoders: Mapping[FieldKind, Codec]
    driver_types: Mapping[FieldKind, type]
    parameter: str = "?"

    def name(self, name: str) -> str:
        """A name that is never taken for a word of SQL."""
        return f'"{name}"'

    def column(self, table: str, name: str) -> str:
        """A column, with the table it stands in."""
        return f'"{table}"."{name}"'
