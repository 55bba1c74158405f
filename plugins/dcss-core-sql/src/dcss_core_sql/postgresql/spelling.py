"""How PostgreSQL writes types and values, and how they are sent: as text, in bytes.

Decides the form of what is stored, which is a promise to the databases that exist. Invariants: text is
compared by its code points, wherever and however the database was made; U+0000, which no text of PostgreSQL
may hold, is written as two characters, in a way that keeps the order of texts.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from dcss_core.plugins import FieldKind
from dcss_core_sql.dialect import Dialect

_ESCAPE: Final = "\x01"
_ESCAPED: Final = re.compile(f"{_ESCAPE}(.?)", re.DOTALL)
_MEANT: Final = {"\x01": "\x00", "\x02": _ESCAPE}

TYPES: Final = {
    FieldKind.TEXT: 'text COLLATE "C"',
    FieldKind.INTEGER: "bigint",
    FieldKind.BOOLEAN: "boolean",
    FieldKind.DATE: "date",
    FieldKind.INSTANT: "timestamp with time zone",
    FieldKind.BYTES: "bytea",
}


def text_sent(value: str) -> bytes:
    """A text as it is sent and stored."""
    if "\x00" in value or _ESCAPE in value:
        value = value.replace(_ESCAPE, "\x01\x02").replace("\x00", "\x01\x01")
    return value.encode()


def text_read(value: str) -> str:
    """A text as it was before it was stored; raises LookupError for one that was never written here."""
    return _ESCAPED.sub(lambda found: _MEANT[found[1]], value) if _ESCAPE in value else value


@lru_cache(maxsize=256)  # what one verb writes has one instant, and to spell it takes long
def _instant_sent(instant: datetime) -> bytes:
    return instant.isoformat(" ").encode()


def _bytes_sent(value: bytes) -> bytes:
    return b"\\x" + value.hex().encode()


POSTGRESQL: Final = Dialect(
    column_types=TYPES,
    log_number_type="bigint",
    encoders={
        FieldKind.TEXT: text_sent,
        FieldKind.INTEGER: b"%d".__mod__,
        FieldKind.BOOLEAN: {False: b"f", True: b"t"}.__getitem__,
        FieldKind.DATE: lambda day: date.isoformat(day).encode(),
        FieldKind.INSTANT: _instant_sent,
        FieldKind.BYTES: _bytes_sent,
    },
    # days and instants come as text: to read them so is faster, and refuses what Python has no value for
    decoders={
        FieldKind.TEXT: text_read,
        FieldKind.DATE: date.fromisoformat,
        FieldKind.INSTANT: datetime.fromisoformat,
    },
    driver_types={
        FieldKind.TEXT: str,
        FieldKind.INTEGER: int,
        FieldKind.BOOLEAN: bool,
        FieldKind.DATE: str,
        FieldKind.INSTANT: str,
        FieldKind.BYTES: bytes,
    },
    parameter_types={**TYPES, FieldKind.TEXT: "text"},
    nones_first=" NULLS FIRST",
    nones_last=" NULLS LAST",
    longest_name=63,
    unique_keys_are_indexes=True,
)
"""What a server is told, and what it tells."""
