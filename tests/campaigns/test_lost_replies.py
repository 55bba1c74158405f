"""The reply to a commit is lost, at each commit of each verb: the verb answers as if it had come."""

import re
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import pytest

from dcss_core.agency.callers.verbs import VERBS
from dcss_core.errors import OutcomeUnknownError
from dcss_core.ports.storage import Storage, Transaction

from .judging import what_is_wrong
from .scenario import Scenario, moment_of
from .scenarios import SCENARIOS, UNTRIED
from .seeds import LONG
from .world import World

BEFORE, AFTER = "before it is done", "after it is done"
NUMBERING = ("audit_log", "audit_queue", "leases")
RANDOM = re.compile(r"[0-9a-f]{16,}|[A-Za-z0-9+/_-]{38,}=*")


class Lossy:
    """A storage that counts its commits; `lost` says how the replies to the next ones are lost, or None."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.commits = 0
        self.lost: list[str | None] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.storage, name)

    def transaction(
        self, *, writes: bool, wait_seconds: float | None = None
    ) -> AbstractContextManager[Transaction]:
        block = self.storage.transaction(writes=writes, wait_seconds=wait_seconds)
        return _LossyBlock(block, self) if writes else block


class _NothingSaved(Exception):  # noqa: N818  # no error: how a block is told to save nothing
    pass


class _LossyBlock:
    def __init__(self, block: AbstractContextManager[Transaction], storage: Lossy) -> None:
        self._block, self._storage = block, storage

    def __enter__(self) -> Transaction:
        return self._block.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if raised is not None:
            return self._block.__exit__(kind, raised, trace)
        self._storage.commits += 1
        lost = self._storage.lost.pop(0) if self._storage.lost else None
        if lost == BEFORE:
            self._block.__exit__(_NothingSaved, _NothingSaved(), None)
        else:
            self._block.__exit__(None, None, None)
        if lost is not None:
            raise OutcomeUnknownError("the connection was lost while it committed")
        return None


def masked(value: object) -> object:
    """A stored value without what is random in it."""
    if isinstance(value, bytes):
        return "bytes"
    return RANDOM.sub("random", value) if isinstance(value, str) else value


def left_by(world: World) -> dict[str, list[str]]:
    """All rows but how they are numbered and that commits were given up."""
    world.agency._resources.number_what_waits()
    state = world.state()
    assert len(state["audit_log"]) == len(state["audit_entries"])
    rows = {name: rows for name, rows in state.items() if name not in NUMBERING}
    rows["audit_entries"] = [row for row in rows["audit_entries"] if row["kind"] != "sys_commit_unanswered"]
    return {
        name: sorted(str({field: masked(value) for field, value in row.items()}) for row in kept)
        for name, kept in rows.items()
    }


def outside_of(world: World) -> tuple[list[str], int, int]:
    """What left the agency."""
    letters = [each.subject for each in world.mail.delivered]
    return letters, len(world.outside.sink().kept), len(world.outside.subscriber().taken)


def outcome_of(scenario: Scenario, kind: str, lost: list[str | None]) -> tuple[int, Any]:
    """How many commits a call had, and what came of it: its answer, what is left and what left."""
    world = moment_of(scenario, kind).begin("lost", wrapped=Lossy)
    world.storage.lost = list(lost)
    answer = masked(repr(scenario.call(world)))
    assert world.storage.lost == []  # it came to each
    commits, outcome = world.storage.commits, (answer, left_by(world), outside_of(world))
    assert what_is_wrong(world) == []
    world.close()
    return commits, outcome


def test_every_verb_has_a_scenario():
    assert not UNTRIED
    assert {each.verb for each in SCENARIOS} == {*VERBS}


@pytest.mark.parametrize("kind", ["memory", pytest.param("sqlite", marks=LONG)])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_reply_lost_at_any_commit_changes_neither_the_answer_nor_what_is_left(scenario, kind):
    commits, expected = outcome_of(scenario, kind, [])
    print(f"{scenario}, {kind}: {commits} commits")
    for place in range(commits):
        for lost in (BEFORE, AFTER):
            _, outcome = outcome_of(scenario, kind, [None] * place + [lost])
            assert outcome == expected, f"commit {place + 1} of {commits}, {lost}"
