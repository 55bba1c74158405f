"""The file, read as TOML.

Decides which bytes are a file: at most 64 KiB of TOML in UTF-8, not nested without end. Invariant: no
fault shows a part of the file, for a secret may have been written into it.
"""

import tomllib
from pathlib import Path
from typing import Final

from dcss_core.errors import Fault
from dcss_core_sms_http.file.table import Table

_WHERE: Final = "config"
_LARGEST: Final = 65_536
_DEEPEST: Final = 20
_TABLES: Final = ("secrets", "text", "request", "answer", "callback")


def read_toml(path: str, faults: list[Fault]) -> Table | None:
    """The file as a table, and what is wrong with it in `faults`; None where there is none to read."""
    content = _content_of(path)
    if content is None:
        faults.append(
            Fault(
                _WHERE, "no file that can be read", f"the path of a TOML file of at most {_LARGEST:,} bytes"
            )
        )
        return None
    try:
        document = tomllib.loads(content.decode())
    except tomllib.TOMLDecodeError as broken:
        faults.append(Fault(_WHERE, f"broken TOML at {_place_of(broken)}", "a TOML document"))
        return None
    except (ValueError, RecursionError):
        faults.append(Fault(_WHERE, "no TOML that can be read", "a TOML document in UTF-8"))
        return None
    if _is_deep(document):
        faults.append(Fault(_WHERE, "tables within tables", f"{_DEEPEST} at most"))
        return None
    file = Table("", document, faults)
    file.ended(*_TABLES)
    return file


def _content_of(path: str) -> bytes | None:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError):
        return None
    return content if len(content) <= _LARGEST else None


def _place_of(broken: tomllib.TOMLDecodeError) -> str:
    """Line and column, without the words around them: some repeat what stands there."""
    return str(broken).rpartition("(at ")[2].rstrip(")") or "some place"


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(_DEEPEST):
        level = [each for outer in level for each in _inside(outer)]
    return bool(level)


def _inside(value: object) -> list[object]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
    return []
