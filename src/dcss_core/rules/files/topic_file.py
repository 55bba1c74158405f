"""One rule file: a topic with its declarations and its dated values.

Decides whether the file keeps the closed schema. Invariant: every fault of the file is found in one
reading; a file with a fault gives nothing that is used.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Final

import attrs

from dcss_core.errors import Fault
from dcss_core.rules.book import Declaration, WrittenValue
from dcss_core.rules.files.declare_tables import read_declarations
from dcss_core.rules.files.reading import read_value, shown
from dcss_core.rules.files.schema import TOP, check_keys, table_at
from dcss_core.rules.files.value_tables import read_covers, read_values
from dcss_core.rules.table import CsvSheet

_TOO_MANY: Final = 40
_NAME: Final = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
# A dotted name of so many parts costs the parser time and memory by their square, before it fails.
_MANY_DOTS: Final = re.compile(
    rf"""(?<![A-Za-z0-9_-]){_NAME}(?:[ \t]*\.[ \t]*{_NAME}){{{_TOO_MANY}}}""", re.ASCII
)


@attrs.frozen
class TopicFile:
    """What one file declares and gives values for."""

    declarations: tuple[Declaration, ...] = ()
    values: tuple[WrittenValue, ...] = ()


def read_topic_file(file: str, text: str, sheets: Mapping[str, CsvSheet], faults: list[Fault]) -> TopicFile:
    """Read one TOML file; `sheets` are the CSV files beside it, and what is wrong is added to `faults`."""
    if any(line.count(".") >= _TOO_MANY and _MANY_DOTS.search(line) for line in text.split("\n")):
        faults.append(_too_deep(file))
        return TopicFile()
    try:
        document = tomllib.loads(text)
    except RecursionError:
        faults.append(_too_deep(file))
        return TopicFile()
    except tomllib.TOMLDecodeError as broken:
        faults.append(Fault(file, f"broken TOML: {broken}", "a TOML document"))
        return TopicFile()
    topic = file.removesuffix(".toml")
    check_keys(file, TOP, document, faults)
    if document.get("topic") != topic:
        faults.append(
            Fault(f"{file}, topic", shown(document.get("topic")), f"'{topic}', as the file is named")
        )
    declared = table_at(f"{file}, declare", document.get("declare", {}), "[declare.…]", faults)
    valued = table_at(f"{file}, value", document.get("value", {}), "[[value.…]]", faults)
    if not declared and not valued:
        faults.append(Fault(file, "neither a declaration nor a value", "[declare.…] or [[value.…]]"))
    covers = read_covers(file, document, faults)
    declarations = read_declarations(file, topic, declared, valued, faults)
    values = [
        value
        for name, written in valued.items()
        for value in read_values(file, f"{topic}.{name}", written, covers, sheets, faults)
    ]
    _check_own_kinds(declarations, values, faults)
    return TopicFile(tuple(declarations), tuple(values))


def _too_deep(file: str) -> Fault:
    return Fault(file, "lists or names nested too deep to be read", "[[value.…]] with a plain value or rows")


def _check_own_kinds(
    declarations: list[Declaration], values: list[WrittenValue], faults: list[Fault]
) -> None:
    """Read each value whose declaration stands in the same file, so that its faults come with the others."""
    by_key = {declaration.key: declaration for declaration in declarations}
    for value in values:
        if value.key in by_key and not isinstance(value.written, float | None):
            read_value(by_key[value.key], value.written, f"{value.file}, {value.key}", faults)
