"""StateTable: a lifecycle as one table of what may follow what.

Decides which state an act leads to, and refuses every act that stands in no row. Invariants: a state and an
act together stand in one row at most; every state is reached by some row and every act stands in one, so
that a table holds nothing that can't happen; a record that is not there yet has the state None.

An act bears the name of the decision that does it. The decision asks the table, the documentation shows it,
and a test tries every act in every state: the three can't disagree.
"""

from enum import Enum
from typing import Generic, TypeVar

import attrs

from dcss_core.errors import ConflictError, InvariantError

S = TypeVar("S", bound=Enum)
A = TypeVar("A", bound=Enum)

_NOT_THERE_YET = "(new)"


@attrs.frozen
class StateTable(Generic[S, A]):
    """The rows of one lifecycle: in this state, this act leads to that state.

    `record` says what has these states, as "a receipt". Raises InvariantError for a table with a gap.
    """

    record: str
    states: type[S]
    acts: type[A]
    rows: tuple[tuple[S | None, A, S], ...]

    def __attrs_post_init__(self) -> None:
        taken = [(state, act) for state, act, _ in self.rows]
        if len(set(taken)) != len(taken):
            raise InvariantError(f"the table of {self.record} has two rows for one state and act")
        reached, used = {row[2] for row in self.rows}, {row[1] for row in self.rows}
        idle = [each.value for each in (*self.states, *self.acts) if each not in reached | used]
        if idle:
            raise InvariantError(f"the table of {self.record} never comes to {', '.join(idle)}")

    def allows(self, state: S | None, act: A) -> bool:
        """Whether the act can be done in this state."""
        return self._after(state, act) is not None

    def next_state(self, state: S | None, act: A) -> S:
        """The state an act leads to; raises ConflictError where it can't be done in this one.

        A conflict, since a caller who has looked meets this only when somebody else was faster.
        """
        after = self._after(state, act)
        if after is None:
            now = _NOT_THERE_YET if state is None else state.value
            raise ConflictError(f"no '{act.value}' of {self.record} that is {now}; nothing was changed")
        return after

    @property
    def final(self) -> tuple[S, ...]:
        """The states that are never left for another."""
        left = {state for state, _, after in self.rows if state is not None and after is not state}
        return tuple(state for state in self.states if state not in left)

    def __str__(self) -> str:
        told = [
            (_NOT_THERE_YET if state is None else state.value, f"--{act.value}-->", after.value)
            for state, act, after in self.rows
        ]
        told += [(state.value, "(final)", "") for state in self.final]
        first, second = (max(len(row[place]) for row in told) for place in (0, 1))
        return "\n".join(f"{one:<{first}}  {two:<{second}}  {three}".rstrip() for one, two, three in told)

    def _after(self, state: S | None, act: A) -> S | None:
        return next((after for before, by, after in self.rows if before is state and by is act), None)
