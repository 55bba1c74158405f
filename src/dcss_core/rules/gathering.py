"""Gathering: one policy made of several rules, and every fault of it told at once.

Invariants: a value that can't be read hides no fault of another one; a fault names the rule that gave the
figure, as the one who mends a rule file knows it, never the field of a class.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Final, TypeVar

import attrs

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.spans import span

T = TypeVar("T")
_FIELD: Final = re.compile(r"[a-z_]+")


@attrs.define
class Gathering:
    """The faults of the values that were read so far."""

    faults: list[Fault] = attrs.field(factory=list)

    def value(self, read: Callable[[], T], instead: T) -> T:
        """What `read` gives; `instead` after a fault, so that the rest of the policy is still judged."""
        try:
            return read()
        except RulesError as error:
            if not is_of_values(error):
                raise
            self.faults += error.faults
            return instead

    def span(self, rules: RulesInForce, key: str) -> timedelta:
        """The time that a rule states; a minute after a fault."""
        return self.value(lambda: span(rules, key), timedelta(minutes=1))


def policy_of_rules(
    make: Callable[[Gathering], T], *, keys: Mapping[str, str], follows: Collection[str] = ()
) -> T:
    """Make a policy of rules; raises RulesError with every fault of its values and of the whole.

    `keys` maps a field that a fault of the policy names to the rule's key. `follows` are the fields whose
    faults may only follow from others: they are not told while a value could not be read.
    """
    gathering = Gathering()
    sentence, of_policy = "these rules can't be read", []
    try:
        policy = make(gathering)
    except RulesError as error:
        if not is_of_values(error):
            raise
        sentence = str(error).partition("\n")[0]
        of_policy = [each for each in error.faults if not (gathering.faults and each.where in follows)]
    else:
        if not gathering.faults:
            return policy
    raise RulesError(sentence, faults=[*gathering.faults, *(_keyed(each, keys) for each in of_policy)])


def is_of_values(error: RulesError) -> bool:
    """Whether an error tells of values that are wrong, not of rules that have none."""
    return type(error) is RulesError and bool(error.faults)


def _keyed(fault: Fault, keys: Mapping[str, str]) -> Fault:
    field = _FIELD.match(fault.where)
    if field is None or field[0] not in keys:
        return fault
    return attrs.evolve(fault, where=keys[field[0]] + fault.where[field.end() :])
