"""Turns: in which order the acts of one process began.

Decides the next turn without a lock, which an interrupt could leave locked. Invariants: a turn is above every
turn that was given before it was asked for, in whichever thread; whoever asks at the same moment may be given
the same one.
"""

from datetime import datetime

import attrs

from dcss_core.audit.entry_id import next_turn


@attrs.define(eq=False)
class Turns:
    """The turns of one process, by its clock as long as that goes on."""

    _given: dict[int, None] = attrs.field(factory=dict, init=False)

    def next(self, now: datetime) -> int:
        """The turn of an act that begins now."""
        given = list(self._given)
        turn = next_turn(max(given, default=0), now)
        self._given[turn] = None
        for lower in given:  # only now: what others may be looking at never falls
            self._given.pop(lower, None)
        return turn
