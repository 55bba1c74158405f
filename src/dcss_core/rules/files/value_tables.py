"""The [[value.…]] tables of a rule file: what each rule says, from when, and who says so.

Decides from which day to which each value is in force. Invariants: the values of a key stand in
order of time, do not overlap, leave no gap in what the file covers and do not reach beyond it; a
value without `to` is in force until the next one, or to the end of the coverage, never further.
"""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Final

import attrs

from dcss_core.base.dates import DateRange
from dcss_core.errors import Fault
from dcss_core.rules.book import Confidence, WrittenValue
from dcss_core.rules.files.reading import shown
from dcss_core.rules.files.schema import (
    COVERS,
    VALUE,
    TomlTable,
    check_keys,
    date_at,
    nearest,
    table_at,
    text_at,
)
from dcss_core.rules.table import CsvSheet

_CONFIDENCES: Final = {each.value: each for each in Confidence}


@attrs.frozen
class _Entry:
    where: str
    start: date
    end: date | None
    written: object
    citation: str
    confidence: Confidence
    note: str


def read_covers(file: str, document: TomlTable, faults: list[Fault]) -> DateRange | None:
    """The days the values of a file cover; None where it gives no value, or after a fault."""
    where = f"{file}, covers"
    if not document.get("value"):
        if "covers" in document:
            faults.append(Fault(where, "a coverage", "none in a file that gives no value"))
        return None
    if "covers" not in document:
        faults.append(Fault(where, "no covers", "covers = { from = 1997-10-01 }"))
        return None
    covers = table_at(where, document["covers"], "covers = { from = 1997-10-01 }", faults)
    check_keys(where, COVERS, covers, faults)
    dates = _dates(where, covers, faults)
    return DateRange(*dates) if dates else None


def read_values(
    file: str,
    key: str,
    written: object,
    covers: DateRange | None,
    sheets: Mapping[str, CsvSheet],
    faults: list[Fault],
) -> list[WrittenValue]:
    """The values of one key in order of time with the days each is in force; none if a date is at fault."""
    where = f"{file}, value.{key.partition('.')[2]}"
    if not isinstance(written, list) or not written:
        found = "one table" if isinstance(written, dict) else shown(written)
        faults.append(Fault(where, found, f"a list of tables, [[value.{key.partition('.')[2]}]]"))
        return []
    read = [
        _entry(f"{where} #{number}", table, sheets, faults) for number, table in enumerate(written, start=1)
    ]
    entries = [entry for entry in read if entry is not None]
    if covers is None or len(entries) < len(read) or _misplaced(entries, covers, faults):
        return []
    following = [*(entry.start for entry in entries[1:]), covers.end]
    return [
        WrittenValue(
            key=key,
            written=entry.written,
            in_force=DateRange(entry.start, entry.end or next_start),
            citation=entry.citation,
            confidence=entry.confidence,
            note=entry.note,
            file=file,
        )
        for entry, next_start in zip(entries, following, strict=True)
    ]


def _entry(where: str, held: object, sheets: Mapping[str, CsvSheet], faults: list[Fault]) -> _Entry | None:
    table = table_at(where, held, "a table", faults)
    check_keys(where, VALUE, table, faults)
    dates = _dates(where, table, faults)
    written = _written(where, table, sheets, faults)
    citation = text_at(where, table, "citation", faults)
    confidence = _confidence(where, table, faults)
    note = text_at(where, table, "note", faults) if "note" in table else ""
    return _Entry(where, *dates, written, citation, confidence, note) if dates else None


def _dates(where: str, table: TomlTable, faults: list[Fault]) -> tuple[date, date | None] | None:
    start, end = date_at(where, table, "from", faults), date_at(where, table, "to", faults)
    if "from" not in table:
        faults.append(Fault(where, "no from", "the first day, as from = 1997-10-01"))
    if start is None:
        return None
    if end is not None and end <= start:
        faults.append(
            Fault(where, f"from {start} to {end}", "`to` later than `from`; the day `to` is excluded")
        )
        return None
    return start, end


def _written(where: str, table: TomlTable, sheets: Mapping[str, CsvSheet], faults: list[Fault]) -> object:
    if ("value" in table) == ("table" in table):
        found = "value and table" if "value" in table else "neither value nor table"
        faults.append(Fault(where, found, "value = …, or table = the name of a CSV file"))
        return None
    if "table" in table:
        name = str(table["table"])
        if name not in sheets:
            expected = nearest(name, sheets) if sheets else "a CSV file beside the rule file"
            faults.append(Fault(where, f"table = {table['table']!r}, which isn't there", expected))
        return sheets.get(name)
    held = table["value"]
    if isinstance(held, float):  # whatever the kind: no float is ever a rule
        faults.append(Fault(where, shown(held), 'money and shares as text, as "35.00" or "0.05"'))
    return held


def _confidence(where: str, table: TomlTable, faults: list[Fault]) -> Confidence:
    held = table.get("confidence")
    if isinstance(held, str) and held in _CONFIDENCES:
        return _CONFIDENCES[held]
    found = "no confidence" if held is None else f"confidence = {held!r}"
    faults.append(Fault(where, found, nearest(str(held), _CONFIDENCES)))
    return Confidence.UNCERTAIN


def _misplaced(entries: list[_Entry], covers: DateRange, faults: list[Fault]) -> bool:
    before = len(faults)
    for earlier, later in pairwise(entries):
        _check_neighbours(earlier, later, faults)
    _check_first(entries[0], covers, faults)
    _check_last(entries[-1], covers, faults)
    return len(faults) > before


def _check_neighbours(earlier: _Entry, later: _Entry, faults: list[Fault]) -> None:
    ends = earlier.end or later.start
    if later.start <= earlier.start:
        found, expected = f"from {later.start} after from {earlier.start}", "values in order of time"
    elif later.start < ends:
        found, expected = f"an overlap: from {later.start}", f"from {ends}, where the value before ends"
    elif later.start > ends:
        found, expected = f"a gap: from {later.start}", f"a value from {ends}, where the value before ends"
    else:
        return
    faults.append(Fault(later.where, found, expected))


def _check_first(first: _Entry, covers: DateRange, faults: list[Fault]) -> None:
    if first.start < covers.start:
        found, expected = f"from {first.start}", f"nothing before the coverage begins on {covers.start}"
    elif first.start > covers.start:
        found, expected = f"a gap: from {first.start}", f"a value from {covers.start}, where coverage begins"
    else:
        return
    faults.append(Fault(first.where, found, expected))


def _check_last(last: _Entry, covers: DateRange, faults: list[Fault]) -> None:
    if covers.end is not None and max(last.start, last.end or last.start) > covers.end:
        found, expected = (
            f"days to {last.end or last.start}",
            f"nothing after the coverage ends on {covers.end}",
        )
    elif last.start == covers.end:
        found, expected = f"from {last.start}", f"nothing after the coverage ends on {covers.end}"
    elif last.end is not None and last.end != covers.end:
        found = f"a gap: to {last.end}"
        expected = f"values up to {covers.end or 'any later day'}, as the file covers"
    else:
        return
    faults.append(Fault(last.where, found, expected))
