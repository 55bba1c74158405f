"""The closed schema of a rule file: which key may stand where, and what it holds.

Decides nothing about the law. Invariant: a key that isn't known at its place is a fault that names
the place where it belongs, or else the nearest valid key; nothing is ignored.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Final, TypeAlias

from dcss_core.errors import Fault
from dcss_core.rules.files.reading import shown

TomlTable: TypeAlias = Mapping[str, object]

TOP: Final = "at the top of the file"
COVERS: Final = "in covers"
DECLARE: Final = "in [declare.…]"
VALUE: Final = "in [[value.…]]"

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    TOP: ("topic", "covers", "declare", "value"),
    COVERS: ("from", "to"),
    DECLARE: ("kind", "summary", "choices", "columns", "key", "left_to_states"),
    VALUE: ("from", "to", "value", "table", "citation", "confidence", "note"),
}


def nearest(name: str, known: Collection[str]) -> str:
    """What was probably meant: the nearest known name, or else all of them."""
    from difflib import get_close_matches  # only for what is wrong

    close = get_close_matches(name, known, n=1)
    return f"'{close[0]}'" if close else "one of " + ", ".join(sorted(known))


def check_keys(where: str, place: str, found: Iterable[str], faults: list[Fault]) -> None:
    """Refuse each key that has no business at this place."""
    for key in found:
        if key in KEYS[place]:
            continue
        homes = [home for home, keys in KEYS.items() if key in keys]
        expected = f"'{key}' only {' or '.join(homes)}" if homes else nearest(key, KEYS[place])
        faults.append(Fault(where, f"the key '{key}' {place}", expected))


def table_at(where: str, held: object, expected: str, faults: list[Fault]) -> TomlTable:
    """The TOML table; an empty one after a fault."""
    if isinstance(held, dict):
        return held
    faults.append(Fault(where, shown(held), expected))
    return {}


def text_at(where: str, table: TomlTable, key: str, faults: list[Fault]) -> str:
    """Text that must be there and not be blank; empty after a fault."""
    held = table.get(key)
    if isinstance(held, str) and held.strip():
        return held
    found = f"no {key}" if held is None else f"a blank {key}" if isinstance(held, str) else shown(held)
    faults.append(Fault(where, found, f"{key} as text"))
    return ""


def date_at(where: str, table: TomlTable, key: str, faults: list[Fault]) -> date | None:
    """A TOML date, or None where the key is missing; anything else is a fault."""
    held = table.get(key)
    if held is None or type(held) is date:
        return held
    faults.append(Fault(where, f"{key} = {shown(held)}", "a date without quotes, as 2026-01-01"))
    return None


def texts_at(where: str, table: TomlTable, key: str, least: int, faults: list[Fault]) -> tuple[str, ...]:
    """A list of different texts, at least so many; empty after a fault."""
    held = table.get(key)
    if (
        isinstance(held, list)
        and all(isinstance(each, str) and each.strip() for each in held)
        and len(set(held)) == len(held) >= least
    ):
        return tuple(held)
    found = f"no {key}" if held is None else f"{key} = {shown(held)}"
    faults.append(Fault(where, found, f"{key} as a list of {least} or more different texts"))
    return ()
