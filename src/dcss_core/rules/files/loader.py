r"""The rule files of one layer: reads a folder, refuses whatever breaks the closed schema.

A folder holds one TOML file a topic, named after it, and CSV files for the tables. The parameter
`future_support` of `distribution.toml` has the full key `distribution.future_support`.

```toml
topic = "distribution"                  # the name of the file
covers = { from = 1997-10-01 }          # the days its values answer for; `to` (excluded) is optional

[declare.future_support]                # once, in the layer that introduces the key
kind = "choice"
choices = ["hold", "disburse"]          # for the kind choice
summary = "What happens to money for months to come."

[[value.future_support]]
from = 1997-10-01                       # the first day; `to` (excluded) is optional
value = "hold"
citation = "45 CFR 302.51(b)"           # never missing, never blank
confidence = "certain"                  # it was read in its source; else "uncertain"
note = "What a reader should know."     # optional
```

| kind | written as |
| --- | --- |
| money | text: `"35.00"` |
| share | text from 0 to 1: `"0.05"` or `"1/24"` |
| integer, flag, date | `2`, `true`, `2026-01-01` |
| text, texts | `"13"`, `["a", "b"]` |
| choice | one of the declared `choices` |
| table | `table = "state_holidays.csv"`, or for a few rows `value = [{ step = 1, payee = "family" }]` |

A table declares `columns = { day = "date", name = "text?" }` and `key = ["day"]`. The kind of a
column is money, share, integer, flag, date or text; with a `?` its cells may be empty. The first line
of a CSV file is the declared columns in their order; the rows ascend by the key, none twice.

A value without `to` ends where the next one begins, or with the coverage. Between the first and the
last day that the file covers there is no gap and no overlap. A file that only declares has no
`covers`; a key for which a file gives no value on purpose says `left_to_states = true`. A layer may
give values for what lower layers declare. No float is accepted anywhere.

Whether a key is declared and its value of the declared kind is checked against the lower layers when
a Jurisdiction is made of the book. Files are UTF-8, with or without a byte order mark. All faults of a
folder are raised together in one RuleFileError.
"""

import csv
import io
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dcss_core.errors import Fault, RuleFileError
from dcss_core.rules.book import Declaration, RuleBook, WrittenValue
from dcss_core.rules.files.topic_file import read_topic_file
from dcss_core.rules.table import CsvSheet

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_BYTE_ORDER_MARK: Final = "\ufeff"
_BESIDE: Final = (".py", "__pycache__", ".pyc")  # a folder of rules may be a Python package


def load_rules(package: str, folder: str = "rules") -> RuleBook:
    """Read the rule files in a folder of an installed package; raises RuleFileError with every fault."""
    return _load(_root_of(package) / folder, package)


def load_rules_from(folder: Path) -> RuleBook:
    """Read the rule files in a folder; raises RuleFileError with every fault."""
    return _load(folder, folder.name)


def _root_of(package: str) -> "Traversable":
    places = [Path(place) for place in import_module(package).__path__]
    if len(places) == 1 and places[0].is_dir():
        return places[0]
    from importlib.resources import files  # a package in a zip file, or in several folders

    return files(package)


def _load(folder: "Traversable", source: str) -> RuleBook:
    faults: list[Fault] = []
    texts = _texts(folder, faults)
    topics = {name: text for name, text in texts.items() if name.endswith(".toml")}
    sheets = {name: _sheet(name, text, faults) for name, text in texts.items() if name.endswith(".csv")}
    if not topics:
        faults.append(Fault(folder.name, "no rule file", "one TOML file a topic"))
    declarations: list[Declaration] = []
    values: list[WrittenValue] = []
    for name, text in topics.items():
        of_this_file: list[Fault] = []
        topic = read_topic_file(name, text, sheets, of_this_file)
        faults.extend(of_this_file)
        declarations.extend(topic.declarations)
        values.extend(topic.values)
    if not faults:
        _check_every_sheet_is_used(sheets, values, faults)
    if faults:
        raise RuleFileError(f"the rule files of '{source}' can't be used; nothing was loaded", faults=faults)
    return RuleBook(source, tuple(declarations), tuple(values))


def _texts(folder: "Traversable", faults: list[Fault]) -> dict[str, str]:
    texts = {}
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else []
    for entry in entries:
        if entry.name.endswith(_BESIDE):
            continue
        if not entry.name.endswith((".toml", ".csv")):
            faults.append(Fault(entry.name, "a file that isn't a rule", "TOML and CSV files only"))
            continue
        try:
            # Excel writes the mark when it saves a CSV file as UTF-8; it says nothing else than that
            texts[entry.name] = entry.read_bytes().decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
        except UnicodeDecodeError as broken:
            faults.append(Fault(entry.name, f"bytes that aren't text at {broken.start}", "UTF-8"))
    return texts


def _sheet(name: str, text: str, faults: list[Fault]) -> CsvSheet:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        rows.extend((reader.line_num, tuple(row)) for row in reader)
    except csv.Error as broken:
        faults.append(Fault(f"{name} line {reader.line_num}", f"broken CSV: {broken}", "a CSV file"))
    header = rows[0][1] if rows else ()
    return CsvSheet(name, header, tuple(rows[1:]))


def _check_every_sheet_is_used(
    sheets: Mapping[str, CsvSheet], values: list[WrittenValue], faults: list[Fault]
) -> None:
    used = {value.written.file for value in values if isinstance(value.written, CsvSheet)}
    for name in sorted(set(sheets) - used):
        faults.append(Fault(name, "a table that no value names", "table = in a [[value.…]]"))
