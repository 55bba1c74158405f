"""The fingerprint of rules: a SHA-256 over what can change an answer.

Decides what counts: keys, days and values, in a canonical form that is the same on every run and
machine. Two stretches with the same value that meet count as one, so that a new citation for an old
value changes nothing.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from hashlib import sha256
from json import dumps

from dcss_core.base.money import Money
from dcss_core.rules.table import Table
from dcss_core.rules.timeline import Timeline


def fingerprint_of(timelines: Mapping[str, Timeline], through: date | None) -> str:
    """SHA-256 in hex over the timelines; days after `through` are left out."""
    content = {key: _stretches(timeline, through) for key, timeline in timelines.items()}
    known = {key: stretches for key, stretches in content.items() if stretches}
    text = dumps(known, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode("ascii")).hexdigest()


def _stretches(timeline: Timeline, through: date | None) -> list[list[object]]:
    stretches: list[list[object]] = []
    for segment in timeline.segments:
        if through is not None and segment.days.start > through:
            break
        end = segment.days.end
        last = None if end is None or (through is not None and end > through) else end.isoformat()
        value = _plain(segment.rule.value)
        if stretches and stretches[-1][2] == value:
            stretches[-1][1] = last
        else:
            stretches.append([segment.days.start.isoformat(), last, value])
    return stretches


def _plain(value: object) -> object:
    """The value for canonical JSON, with its type where the text alone could be another type's."""
    if isinstance(value, Table):
        return {"columns": [str(column) for column in value.columns], "rows": _plain(value.rows)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Money | Fraction | date):
        return [type(value).__name__, str(value)]
    return value
