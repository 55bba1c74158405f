"""Whatever is sent to a verb: an answer or a refusal of the library's own, and bounded work.

Work is counted in steps (`fuzzing.py`), at a length far beyond any bound and at twice that length.
"""

from collections.abc import Callable
from typing import Any

import pytest

from dcss_core.agency.callers.verbs import VERBS
from dcss_core.users.permissions import Asks

from .fuzzing import Place, places_of, tried, values_for
from .scenario import Scenario
from .scenarios import SCENARIOS

LENGTH = 10_000
SLACK = 60
"""Lines by which two runs may differ: where a key falls among others is left to its hash."""

ANONYMOUS = [
    each for each in SCENARIOS if VERBS[each.verb] is Asks.NOBODY or each.verb == "second_factors.give"
]


def more_steps(scenario: Scenario, shorter: Callable[[], Any], longer: Callable[[], Any]) -> str:
    """What is wrong with the steps to two answers; empty when twice the length costs nothing more."""
    (_, few), (_, more) = tried(scenario, shorter), tried(scenario, longer)
    grew = more.lines > few.lines + SLACK or more.characters > few.characters
    return f"{few} at a length and {more} at twice that" if grew else ""


def found_at(scenario: Scenario, place: Place) -> list[str]:
    at_length, at_twice = values_for(place, LENGTH), values_for(place, 2 * LENGTH)
    tried(scenario, next(iter(at_length.values())))  # what is made once in a process is made by then
    wrong = {shape: more_steps(scenario, at_length[shape], at_twice[shape]) for shape in at_length}
    return [f"{scenario}, {place}, {shape}: {each}" for shape, each in wrong.items() if each]


@pytest.mark.parametrize("scenario", ANONYMOUS, ids=str)
def test_input_is_bounded_before_any_work_at_every_door_that_is_open_to_strangers(scenario):
    assert [wrong for place in places_of(scenario) for wrong in found_at(scenario, place)] == []


def test_a_stranger_can_send_text_and_answers_in_many_places():
    names = {f"{scenario.verb} {place}" for scenario in ANONYMOUS for place in places_of(scenario)}
    assert {"accounts.register form.user_id", "accounts.register form.answers[0].text"} <= names
    assert {"accounts.register form.answers of very many", "accounts.sign_in password"} <= names
    assert {"recovery.reset_password answers[0].question_id", "recovery.send_user_id full_name"} <= names
    assert {"recovery.choose_password code", "second_factors.give code", "accounts.sign_out token"} <= names
