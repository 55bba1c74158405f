"""Segments: what is wrong with the rules today and on every later day on which one of them changes.

Decides on which days policies have to be read so that no value of theirs stays unread: the day itself,
and the first day of each later segment of any rule, whichever layer gives it. Invariants: all faults of
all readers on all those days are found; one that lasts is told once, with the file and the layer of the
rule and the day from which it holds; a rule that is not known from some day on is no fault.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

import attrs

from dcss_core.errors import Fault, RuleNotInForceError, RulesError, UnknownRuleError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.timeline import Segment

_KEY: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", re.ASCII)


@attrs.frozen
class PolicyReader:
    """How one policy is read; raises RulesError for values it can't work with.

    One that is not `needed` may be without any value, as where a state has no order of its own for some
    cases; one that is needed has a value on the first day.
    """

    read: Callable[[RulesInForce], object]
    needed: bool = True


def first_days(jurisdiction: Jurisdiction, day: date) -> tuple[date, ...]:
    """A day, and the first day of every later segment of any rule, in order."""
    return (day, *jurisdiction.changes_after(day))


def faults_from(jurisdiction: Jurisdiction, day: date, readers: Sequence[PolicyReader]) -> tuple[Fault, ...]:
    """Every fault that a reader finds on a day or later; one that lasts is told once."""
    found: dict[tuple[Fault, Segment | None], Fault] = {}
    for each in first_days(jurisdiction, day):
        rules = jurisdiction.on(each)
        for reader in readers:
            for fault in _faults(reader, rules, is_first=each == day):
                segment = _segment(jurisdiction, fault, each)
                # the same words about the next segment are another fault, and to be mended too
                placed = _placed(fault, segment, jurisdiction.key, each, is_first=each == day)
                found.setdefault((fault, segment), placed)
    return tuple(found.values())


def _faults(reader: PolicyReader, rules: RulesInForce, *, is_first: bool) -> Iterator[Fault]:
    try:
        reader.read(rules)
    except RuleNotInForceError as error:
        if reader.needed and is_first:
            known = f"from {error.first_known} through {error.last_known or 'any later day'}"
            yield Fault(error.key, f"no value on {error.on}; it is known {known}", "a dated, cited value")
    except UnknownRuleError as error:
        if reader.needed:
            yield from _told_by(error)
    except RulesError as error:
        yield from _told_by(error)


def _told_by(error: RulesError) -> tuple[Fault, ...]:
    return error.faults or (Fault("rules", str(error), "rules that answer"),)


def _segment(jurisdiction: Jurisdiction, fault: Fault, day: date) -> Segment | None:
    match = _KEY.match(fault.where)
    try:
        segments = jurisdiction.timeline(match[0]).segments if match else ()
    except UnknownRuleError:
        return None
    return next((each for each in segments if day in each.days), None)


def _placed(fault: Fault, segment: Segment | None, jurisdiction: str, day: date, *, is_first: bool) -> Fault:
    if segment is None:
        return attrs.evolve(fault, where=f"{jurisdiction}, {fault.where}")
    begins = segment.days.start if is_first else day
    return attrs.evolve(fault, where=f"{segment.place}, {fault.where}, from {begins}")
