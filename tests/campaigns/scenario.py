"""Scenario: one call of a verb, in a world in which it has something to do."""

from collections.abc import Callable
from typing import Final

import attrs

from dcss_core import Actor

from .world import Moment, World, base


@attrs.frozen
class Scenario:
    """A call of a verb; `ready` makes what it needs and the populated world has not."""

    verb: str
    call: Callable[[World], object]
    ready: Callable[[World], object] = lambda world: None
    of: str = ""

    def __str__(self) -> str:
        return f"{self.verb}: {self.of}" if self.of else self.verb


def by_two(
    verb: str, call: Callable[[World, Actor], object], *, people: tuple[str, str] = ("colleague", "admin")
) -> tuple[Scenario, Scenario]:
    """The first word of an act that takes two people, and the second."""
    first, second = people
    return (
        Scenario(verb, lambda w: call(w, getattr(w, first)), of="the first word"),
        Scenario(
            verb,
            lambda w: call(w, getattr(w, second)),
            lambda w: call(w, getattr(w, first)),
            of="the second word",
        ),
    )


def moment_of(scenario: Scenario, kind: str) -> Moment:
    """The moment before the call of a scenario, made once a run."""
    key = (str(scenario), kind)
    if key not in _MOMENTS:
        world = base(kind).begin("ready")
        scenario.ready(world)
        _MOMENTS[key] = Moment.of(world)
    return _MOMENTS[key]


_MOMENTS: Final[dict[tuple[str, str], Moment]] = {}
