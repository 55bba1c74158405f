"""Settings in HTML: a policy as a table of what it sets.

Decides how the fields of a policy are told in words. Invariant: every field of the policy has a row, or
rows of its own where it is a policy itself; a long collection is counted and not listed.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Final

import attrs

from dcss_core.base.html.table import html_table

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_MOST_LISTED: Final = 12


def html_settings(caption: str, policy: attrs.AttrsInstance) -> str:
    """A table with a row for each thing that a policy sets."""
    return html_table(caption, ("setting", "value"), _rows(policy, ""), has_row_headings=True)


def _rows(policy: attrs.AttrsInstance, within: str) -> Iterator[tuple[str, str]]:
    for field in attrs.fields(type(policy)):
        yield from _rows_of(f"{within}{field.name.replace('_', ' ')}", getattr(policy, field.name))


def _rows_of(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and len(value) <= _MOST_LISTED:
        for key, each in value.items():
            yield from _rows_of(f"{name}: {_in_words(key)}", each)
    elif attrs.has(type(value)):
        yield from _rows(value, f"{name}: ")
    else:
        yield name, _in_words(value)


def _in_words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value).replace("_", " ")
    if isinstance(value, timedelta):
        return _span(value)
    if isinstance(value, tuple) and len(value) <= _MOST_LISTED:
        return "; ".join(_in_words(each) for each in value) or "none"
    if isinstance(value, tuple | frozenset | Mapping):
        return f"{len(value)} entries"
    return str(value)


def _span(span: timedelta) -> str:
    for unit, word in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if span >= unit and not span % unit:
            count = span // unit
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return str(span)
