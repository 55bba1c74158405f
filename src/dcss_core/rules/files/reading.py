"""How a written value becomes a typed one, by the kind its key declares.

Decides which text is money, a share, a date …, and whether the rows of a table are complete, in
order and unique. Invariants: no float is ever read; nothing is repaired or guessed; all faults of a
value are found at once. A value that has its type already (in an amendment) is read as it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final, TypeAlias

from dcss_core.base.money import Money
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.rules.book import Declaration, RuleValue
from dcss_core.rules.table import Cell, Column, CsvSheet, RuleKind, Table

_SHARE: Final = re.compile(r"\d{1,9}(\.\d{1,12})?|\d{1,9}/[1-9]\d{0,8}", re.ASCII)
_INTEGER: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_MOST: Final = 999_999_999
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

EXPECTED: Final[Mapping[RuleKind, str]] = {
    RuleKind.MONEY: 'money as text, as "35.00"',
    RuleKind.INTEGER: "a whole number, up to 999,999,999",
    RuleKind.SHARE: 'a share of the whole as text from "0" to "1", as "0.05" or "1/24"',
    RuleKind.FLAG: "true or false",
    RuleKind.TEXT: "text that isn't blank, without spaces around it",
    RuleKind.TEXTS: "a list of texts, none blank, none twice",
    RuleKind.DATE: "a date, as 2026-01-01",
    RuleKind.TABLE: "rows: a CSV file named by table, or a list with a table a row",
}


def read_value(
    declaration: Declaration, written: object, where: str, faults: list[Fault]
) -> RuleValue | None:
    """The typed value; None after adding each reason against it to `faults`."""
    if declaration.kind is RuleKind.TABLE:
        return _table(declaration, written, where, faults)
    if declaration.kind is RuleKind.CHOICE:
        if isinstance(written, str) and written in declaration.choices:
            return written
        faults.append(Fault(where, shown(written), "one of " + ", ".join(map(repr, declaration.choices))))
        return None
    value = _READERS[declaration.kind](written)
    if value is None:
        faults.append(Fault(where, shown(written), EXPECTED[declaration.kind]))
    return value


def shown(written: object) -> str:
    """A written value as a fault shows it: what it is, and its text as far as a line holds it."""
    if isinstance(written, CsvSheet):
        return f"the table {written.file}"
    if written is None:
        return "nothing"
    names = {float: "the float ", bool: "the flag ", str: "the text ", int: "the whole number "}
    if type(written) is int and abs(written) > _MOST:
        return shown_number(written)
    return f"{names.get(type(written), '')}{written!r:.60}"


# --- one value ------------------------------------------------------------------------------------
def _money(written: object) -> Money | None:
    if isinstance(written, Money):
        return written
    try:
        return Money(written)  # type: ignore[arg-type]  # Money itself refuses what isn't text
    except InvalidInputError:
        return None


def _integer(written: object) -> int | None:
    return written if type(written) is int and abs(written) <= _MOST else None


def _share(written: object) -> Fraction | None:
    if isinstance(written, str) and _SHARE.fullmatch(written):
        written = Fraction(written)
    return written if isinstance(written, Fraction) and 0 <= written <= 1 else None


def _flag(written: object) -> bool | None:
    return written if isinstance(written, bool) else None


def _text(written: object) -> str | None:
    return written if isinstance(written, str) and written.strip() == written != "" else None


def _texts(written: object) -> tuple[str, ...] | None:
    if not isinstance(written, list | tuple):
        return None
    texts = tuple(text for each in written if (text := _text(each)) is not None)
    return texts if len(set(texts)) == len(written) else None


def _date(written: object) -> date | None:
    return written if type(written) is date else None


_Reader: TypeAlias = Callable[[object], Money | int | Fraction | str | tuple[str, ...] | date | None]
_READERS: Final[Mapping[RuleKind, _Reader]] = {
    RuleKind.MONEY: _money,
    RuleKind.INTEGER: _integer,
    RuleKind.SHARE: _share,
    RuleKind.FLAG: _flag,
    RuleKind.TEXT: _text,
    RuleKind.TEXTS: _texts,
    RuleKind.DATE: _date,
}


# --- a table ----------------------------------------------------------------------------------------
def _table(declaration: Declaration, written: object, where: str, faults: list[Fault]) -> Table | None:
    before = len(faults)
    if isinstance(written, CsvSheet):
        rows = _sheet_rows(declaration, written, faults)
    elif isinstance(written, Table | Sequence) and not isinstance(written, str):
        rows = [(f"{where}, row {number}", row) for number, row in enumerate(written, start=1)]
    else:
        faults.append(Fault(where, shown(written), EXPECTED[RuleKind.TABLE]))
        return None
    cells = _rows(declaration.columns, rows, faults)
    if len(faults) == before:
        _check_order(where, declaration, [place for place, _ in rows], cells, faults)
    if len(faults) > before:
        return None
    return Table(declaration.columns, declaration.key_columns, tuple(cells))


def _sheet_rows(
    declaration: Declaration, sheet: CsvSheet, faults: list[Fault]
) -> list[tuple[str, Mapping[str, object]]]:
    names = tuple(column.name for column in declaration.columns)
    if sheet.header != names:
        expected = ",".join(names)
        faults.append(
            Fault(f"{sheet.file} line 1", f"the header {','.join(sheet.header)!r}", f"{expected!r}")
        )
        return []
    rows: list[tuple[str, Mapping[str, object]]] = []
    for line, texts in sheet.rows:
        place = f"{sheet.file} line {line}"
        if len(texts) != len(names):
            found = f"{len(texts)} cells" if texts else "a blank line"
            faults.append(Fault(place, found, f"{len(names)} cells"))
            continue
        rows.append(
            (place, {c.name: _cell(c, text) for c, text in zip(declaration.columns, texts, strict=True)})
        )
    return rows


def _cell(column: Column, text: str) -> object:
    """The text of a CSV cell as TOML would give it; what can't be read stays text and is refused by kind."""
    if text == "":
        return None
    if column.kind is RuleKind.INTEGER and _INTEGER.fullmatch(text):
        return int(text)
    if column.kind is RuleKind.FLAG:
        return {"true": True, "false": False}.get(text, text)
    if column.kind is RuleKind.DATE and _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def _rows(
    columns: tuple[Column, ...], rows: Iterable[tuple[str, object]], faults: list[Fault]
) -> list[tuple[Cell, ...]]:
    names = {column.name for column in columns}
    needed = {column.name for column in columns if not column.optional}
    readers = [(column, _READERS[column.kind]) for column in columns]
    read: list[tuple[Cell, ...]] = []
    for place, row in rows:
        if isinstance(row, Mapping) and needed <= row.keys() <= names:
            read.append(tuple(_cells(readers, row, place, faults)))
            continue
        found = f"columns {', '.join(map(str, row))}" if isinstance(row, Mapping) else shown(row)
        faults.append(Fault(place, found, f"columns {', '.join(column.name for column in columns)}"))
    return read


def _cells(
    readers: Sequence[tuple[Column, _Reader]], row: Mapping[str, object], place: str, faults: list[Fault]
) -> Iterator[Cell]:
    for column, reader in readers:
        written = row.get(column.name)
        if written is None and column.optional:
            yield None
            continue
        cell = reader(written)
        if cell is None:
            found = "an empty cell" if written is None else shown(written)
            faults.append(Fault(f"{place}, column '{column.name}'", found, EXPECTED[column.kind]))
        yield cell  # type: ignore[misc]  # a column never has the kind texts


def _check_order(
    where: str, declaration: Declaration, places: list[str], rows: list[tuple[Cell, ...]], faults: list[Fault]
) -> None:
    if not rows:
        faults.append(Fault(where, "a table without rows", "at least one row"))
    names = [column.name for column in declaration.columns]
    at = [names.index(name) for name in declaration.key_columns]
    keys = [tuple(row[place] for place in at) for row in rows]
    for place, previous, key in zip(places[1:], keys, keys[1:], strict=False):
        if key == previous:
            faults.append(Fault(place, f"the key {_words(key)} again", "each key once"))
        elif key < previous:
            expected = f"rows in ascending order of {', '.join(declaration.key_columns)}"
            faults.append(Fault(place, f"the key {_words(key)} after {_words(previous)}", expected))


def _words(key: tuple[Cell, ...]) -> str:
    return ", ".join(map(str, key))
