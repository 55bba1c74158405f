"""What is looked at after something went wrong: what is committed, who waits, and what the next verbs say."""

import sqlite3
from contextlib import closing
from typing import Final

import attrs

from dcss_core import CaseNumber
from dcss_core.users import SecondFactorDue, SignedIn, SignInRefused
from dcss_core_sql.storage import SqlStorage

from .courses import Course
from .interrupting import alarm_raises
from .world import AUDIT, CASE, JANE, MARY, WRONG, World

_STUCK_AFTER_SECONDS: Final = 5
_ASK_PLUGINS: Final = {
    "audit.publish",
    "audit.publish_if_due",
    "audit.verify",
    "outbox.dispatch",
    "subscriptions.dispatch",
}


class Stuck(BaseException):
    """Something waits that should not."""


@attrs.frozen
class Ended:
    """How a call ended: by the interrupt, or with an answer."""

    answer: str | None
    interrupt: type[BaseException]

    def may_be_of_a_plugin(self, verb: str) -> bool:
        """Whether it may have failed what a plugin was asked, which the verb then says in its answer."""
        return self.interrupt is MemoryError and verb in _ASK_PLUGINS and self.answer is not None


def judge(course: Course, world: World, ended: Ended) -> list[str]:
    """Everything that is wrong after a call that was to be interrupted."""
    if ended.may_be_of_a_plugin(course.scenario.verb):
        return what_is_wrong(world)
    return _what_is_half_done(course, world, ended) + what_is_wrong(world)


def what_is_wrong(world: World) -> list[str]:
    """Everything that is wrong with an agency, whatever it did last; it waits for nobody."""
    try:
        with alarm_raises(Stuck) as ring:
            ring(_STUCK_AFTER_SECONDS)
            _begin_at_once(world)
            return _by_the_next_verbs(world) + _by_the_books(world)
    except Stuck:
        return ["it is stuck"]
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]


def _what_is_half_done(course: Course, world: World, ended: Ended) -> list[str]:
    state = world.state()
    reached = [number for number, expected in enumerate(course.states) if expected == state]
    if not reached:
        changed = [name for name in state if state[name] != course.states[0][name]]
        return [f"half done, in {', '.join(changed)}"]
    if ended.answer is not None and reached[-1] != len(course.states) - 1:
        return [f"it answered after {reached[-1]} of {len(course.states) - 1} commits"]
    if ended.answer is not None and ended.answer != course.answer:
        return [f"it answered {ended.answer}, and not {course.answer}"]
    return []


def _begin_at_once(world: World) -> None:
    """Write, in this process and in another connection, and wait for nobody."""
    with world.storage.transaction(writes=True, wait_seconds=0):
        pass
    if isinstance(world.storage, SqlStorage):
        path = world.storage._database.location.path
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")


def _by_the_next_verbs(world: World) -> list[str]:
    looked = world.agency.cases.find(CaseNumber(CASE), by=world.clerk)
    refused, taken = world.sign_in(JANE, WRONG), world.sign_in(MARY)
    wrong = []
    if looked is None:
        wrong.append("the case is not found any more")
    if not isinstance(refused, SignInRefused) or not isinstance(taken, SecondFactorDue | SignedIn):
        wrong.append(f"signing in says {refused}, {taken}")
    return wrong


def _by_the_books(world: World) -> list[str]:
    verified = world.agency.audit.verify(by=AUDIT), world.agency.payments.verify(by=AUDIT)
    return [str(each) for each in verified if not each.is_sound]
