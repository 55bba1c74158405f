"""The [declare.…] tables of a rule file: what each rule is.

Decides whether a declaration is complete. Invariants: choices stand only where the kind is choice,
columns and key only where it's table; the key of a table is made of columns that are never empty.
"""

import re
from collections.abc import Collection
from typing import Final

from dcss_core.errors import Fault
from dcss_core.rules.book import Declaration
from dcss_core.rules.files.reading import shown
from dcss_core.rules.files.schema import DECLARE, TomlTable, check_keys, nearest, table_at, text_at, texts_at
from dcss_core.rules.table import Column, RuleKind

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_KINDS: Final = {kind.value: kind for kind in RuleKind}
_CELL_KINDS: Final = {
    name: kind
    for name, kind in _KINDS.items()
    if kind not in (RuleKind.TEXTS, RuleKind.CHOICE, RuleKind.TABLE)
}
_ONLY_FOR: Final = {"choices": RuleKind.CHOICE, "columns": RuleKind.TABLE, "key": RuleKind.TABLE}


def read_declarations(
    file: str, topic: str, written: TomlTable, valued: Collection[str], faults: list[Fault]
) -> list[Declaration]:
    """Every declaration of a file without a fault; `valued` names the keys the file gives values for."""
    declarations = []
    for name, table in written.items():
        where = f"{file}, declare.{name}"
        before = len(faults)
        read = _declaration(f"{topic}.{name}", where, table_at(where, table, "a table", faults), faults)
        if len(faults) == before:
            _check_who_gives_values(where, read.left_to_states, name in valued, faults)
            declarations.append(read)
        if not _NAME.fullmatch(name):
            faults.append(Fault(where, f"the name {name!r}", "small letters, digits and underscores"))
    return declarations


def _declaration(key: str, where: str, table: TomlTable, faults: list[Fault]) -> Declaration:
    check_keys(where, DECLARE, table, faults)
    kind = _kind(where, table, faults)
    columns, key_columns = _columns_and_key(where, table, faults) if kind is RuleKind.TABLE else ((), ())
    return Declaration(
        key=key,
        kind=kind,
        summary=text_at(where, table, "summary", faults),
        choices=texts_at(where, table, "choices", 2, faults) if kind is RuleKind.CHOICE else (),
        columns=columns,
        key_columns=key_columns,
        left_to_states=_left_to_states(where, table, faults),
        file=where.partition(",")[0],
    )


def _kind(where: str, table: TomlTable, faults: list[Fault]) -> RuleKind:
    held = table.get("kind")
    if isinstance(held, str) and held in _KINDS:
        kind = _KINDS[held]
        for key, owner in _ONLY_FOR.items():
            if key in table and kind is not owner:
                faults.append(Fault(where, f"{key} for the kind {held}", f"{key} only for {owner.value}"))
        return kind
    found, meant = ("no kind", "") if held is None else (f"the kind {held!r}", str(held))
    faults.append(Fault(where, found, nearest(meant, _KINDS)))
    return RuleKind.TEXT  # the faulty declaration is dropped; the rest of its table is still checked


def _columns_and_key(
    where: str, table: TomlTable, faults: list[Fault]
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    before = len(faults)
    columns = _columns(where, table, faults)
    key_columns = texts_at(where, table, "key", 1, faults)
    if len(faults) == before:
        filled = [column.name for column in columns if not column.optional]
        for name in key_columns:
            if name not in filled:
                expected = f"a column that is never empty: {', '.join(filled) or 'declare one'}"
                faults.append(Fault(f"{where}.key", f"'{name}'", expected))
    return columns, key_columns


def _columns(where: str, table: TomlTable, faults: list[Fault]) -> tuple[Column, ...]:
    if "columns" not in table:
        faults.append(Fault(where, "no columns", 'columns = { day = "date", name = "text?" }'))
        return ()
    where = f"{where}.columns"
    columns = []
    for name, kind in table_at(where, table["columns"], "names with kinds", faults).items():
        kind_name = str(kind).removesuffix("?")
        if kind_name in _CELL_KINDS:
            columns.append(Column(name, _CELL_KINDS[kind_name], optional=str(kind).endswith("?")))
        else:
            faults.append(Fault(where, f"{name} = {shown(kind)}", nearest(kind_name, _CELL_KINDS)))
    return tuple(columns)


def _left_to_states(where: str, table: TomlTable, faults: list[Fault]) -> bool:
    held = table.get("left_to_states", False)
    if not isinstance(held, bool):
        faults.append(Fault(where, f"left_to_states = {shown(held)}", "true or false"))
    return held is True


def _check_who_gives_values(where: str, left_to_states: bool, valued: bool, faults: list[Fault]) -> None:
    if left_to_states and valued:
        faults.append(Fault(where, "left_to_states and a value", "one of the two"))
    elif not left_to_states and not valued:
        faults.append(Fault(where, "no value", "values for all that is covered, or left_to_states = true"))
