"""The course of a verb: what is committed after each of its transactions when nothing comes in between."""

import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import attrs

from dcss_core.ports.storage import Storage, Transaction

from .interrupting import Passes, followed_by
from .scenario import Scenario, moment_of
from .world import State, World, state_of

SEED = "course"


class _Recording:
    """A storage that notes what is committed after each commit."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.states = [state_of(storage)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.storage, name)

    def transaction(
        self, *, writes: bool, wait_seconds: float | None = None
    ) -> AbstractContextManager[Transaction]:
        block = self.storage.transaction(writes=writes, wait_seconds=wait_seconds)
        return _RecordingBlock(block, self) if writes else block


class _RecordingBlock:
    def __init__(self, block: AbstractContextManager[Transaction], storage: _Recording) -> None:
        self._block, self._storage = block, storage

    def __enter__(self) -> Transaction:
        return self._block.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        result = self._block.__exit__(kind, raised, trace)
        self._storage.states.append(state_of(self._storage.storage))
        return result


@attrs.frozen
class Course:
    """How a scenario goes when nothing comes in between: its answer, what was committed, what it passes."""

    scenario: Scenario
    kind: str
    states: list[State]
    answer: str
    passes: Passes
    seconds: float

    @classmethod
    def of(cls, scenario: Scenario, kind: str) -> "Course":
        moment = moment_of(scenario, kind)
        world = moment.begin(SEED, wrapped=_Recording)
        answer = repr(scenario.call(world))
        states = world.storage.states
        world.close()
        passes = Passes()
        for _ in range(2):  # what is made once in a process is made by then
            passes.counted.clear()
            world = moment.begin(SEED)
            with followed_by(passes.follow):
                scenario.call(world)
            world.close()
        world = moment.begin(SEED)
        begun = time.perf_counter()
        assert repr(scenario.call(world)) == answer
        seconds = time.perf_counter() - begun
        assert world.state() == states[-1]
        world.close()
        return cls(scenario, kind, states, answer, passes, seconds)

    def begin(self) -> World:
        return moment_of(self.scenario, self.kind).begin(SEED)
