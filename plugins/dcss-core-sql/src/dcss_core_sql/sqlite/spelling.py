"""How SQLite writes types and values.

Decides the form of what is stored, which is a promise to the databases that exist. Invariant: text of a
fixed width stands for days and instants, so that it sorts as they do.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Final

from dcss_core.plugins import FieldKind
from dcss_core_sql.dialect import Dialect

_from_text: Final = datetime.fromisoformat


@lru_cache(maxsize=256)  # what one verb writes has one instant, and to spell it takes long
def _instant_text(instant: datetime) -> str:
    text = instant.isoformat(" ")[:-6]  # the offset, which is always 0, is left out
    return text if instant.microsecond else text + ".000000"


def _instant(text: str) -> datetime:
    return _from_text(text + "+00:00")


SQLITE: Final = Dialect(
    column_types={
        FieldKind.TEXT: "TEXT",
        FieldKind.INTEGER: "BIGINT",
        FieldKind.BOOLEAN: "BOOLEAN",
        FieldKind.DATE: "DATE",
        FieldKind.INSTANT: "DATETIME",
        FieldKind.BYTES: "BLOB",
    },
    # SQLite calls only a column of the type INTEGER its row number; BIGINT would cost a second tree.
    log_number_type="INTEGER",
    # SQLite's own date functions read it as UTC
    encoders={FieldKind.DATE: date.isoformat, FieldKind.INSTANT: _instant_text},
    decoders={
        FieldKind.BOOLEAN: {0: False, 1: True}.__getitem__,
        FieldKind.DATE: date.fromisoformat,
        FieldKind.INSTANT: _instant,
    },
    # a column of SQLite takes a value of any type, whatever the column was declared as
    driver_types={
        FieldKind.TEXT: str,
        FieldKind.INTEGER: int,
        FieldKind.BOOLEAN: int,
        FieldKind.DATE: str,
        FieldKind.INSTANT: str,
        FieldKind.BYTES: bytes,
    },
)
