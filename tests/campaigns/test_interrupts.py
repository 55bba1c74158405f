"""Whatever interrupts a verb, and wherever: it is done up to one of its commits, and the next one works."""

import signal
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from .courses import Course
from .interrupting import Point, alarm_raises, followed_by
from .judging import Ended, judge
from .scenario import Scenario
from .scenarios import SHUFFLED
from .seeds import LONG, points

FEW, MANY = 15, 2_000

# an interrupt that comes while hypothesis looks at the garbage collector is lost there, and nothing of ours
lost_elsewhere = pytest.mark.filterwarnings("ignore:Exception ignored in. <function gc_cumulative_time")

on_both = pytest.mark.parametrize("kind", ["memory", "sqlite"])
few_and_many = pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=LONG)])


@cache
def course_of(scenario: Scenario, kind: str) -> Course:
    return Course.of(scenario, kind)


def course_at(number: int, kind: str) -> Course:
    return course_of(SHUFFLED[number % len(SHUFFLED)], kind)


def ended_by(call: Callable[[], object], interrupt: type[BaseException]) -> Ended:
    """How a call ended; the interrupt is handled when this returns."""
    try:
        return Ended(repr(call()), interrupt)
    except interrupt:
        return Ended(None, interrupt)


def wrong_after(course: Course, call: Callable[[Any], Ended]) -> tuple[bool, list[str]]:
    """Whether an interrupt came out of a call in a world of its own, and what is wrong there afterwards."""
    world = course.begin()
    try:
        ended = call(world)
        return ended.answer is None, judge(course, world, ended)
    finally:
        world.close()


@lost_elsewhere
@on_both
@few_and_many
@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, MemoryError])
def test_an_interrupt_between_two_instructions(kind, count, interrupt):
    wrong, came, tried = [], 0, 0
    name = f"{interrupt.__name__} between two instructions, {kind}"
    for number, where, chance in points(name, count, is_long=count == MANY):
        course = course_at(number, kind)
        point = course.passes.chosen(chance, interrupt)
        _, found = wrong_after(course, lambda world: interrupted_at(point, course, world))  # noqa: B023
        tried, came = tried + 1, came + point.came
        wrong += [f"{where}, {course.scenario}, {point}: {each}" for each in found]
    print(f"{came} of {tried} came")
    assert wrong == []
    assert came > tried * (0.9 if count == MANY else 0.7)


def interrupted_at(point: Point, course: Course, world: Any) -> Ended:
    with followed_by(point.follow):
        return ended_by(lambda: course.scenario.call(world), point.interrupt)


@lost_elsewhere
@on_both
@few_and_many
def test_a_real_signal_at_any_moment(kind, count):
    wrong, came, tried = [], 0, 0
    for number, where, chance in points(f"A real signal, {kind}", count, is_long=count == MANY):
        course = course_at(number, kind)
        after = chance.uniform(0.000_01, course.seconds)
        is_interrupted, found = wrong_after(course, lambda world: signalled(after, course, world))  # noqa: B023
        tried, came = tried + 1, came + is_interrupted
        wrong += [f"{where}, {course.scenario}, after {after:.6f} s: {each}" for each in found]
    print(f"{came} of {tried} came")
    assert wrong == []
    assert came > tried / 2


def signalled(after: float, course: Course, world: Any) -> Ended:
    with alarm_raises(KeyboardInterrupt) as ring:

        def call() -> object:
            ring(after)
            try:
                return course.scenario.call(world)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)

        return ended_by(call, KeyboardInterrupt)
