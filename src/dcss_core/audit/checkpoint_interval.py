"""CheckpointInterval: when the log is to be signed again (IRS Pub. 1075, AU-9).

Decides by how many records, and by how old a record, a sink may be behind. Invariant: both are positive, so
that a log that grows is signed at some time and one that rests is not signed all the time.
"""

from datetime import timedelta
from typing import Final

import attrs

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce

_ENTRIES: Final = "audit.checkpoint_events"
_AGE: Final = "audit.checkpoint_minutes"


@attrs.frozen
class CheckpointInterval:
    """The most that no checkpoint may vouch for; raises RulesError, all faults at once."""

    entries: int
    age: timedelta

    def __attrs_post_init__(self) -> None:
        faults = []
        if self.entries < 1:
            faults.append(Fault(_ENTRIES, shown_number(self.entries), "1 or more"))
        if self.age <= timedelta(0):
            faults.append(Fault(_AGE, str(self.age), "a positive time"))
        if faults:
            raise RulesError("the log can't be signed like this", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "CheckpointInterval":
        """Read the interval in force."""
        return policy_of_rules(lambda read: cls(rules.integer(_ENTRIES), read.span(rules, _AGE)), keys={})
