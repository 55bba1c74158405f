"""Whatever is sent to a verb: an answer or a refusal of the library's own, and bounded work.

Work is counted in steps (`fuzzing.py`), at a length far beyond any bound and at twice that length. What
strangers can send is tried whole each time; of all verbs a few hundred tries follow from a seed, and
`tox -e fuzz` makes many thousands.
"""

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import pytest

from dcss_core.agency.callers.verbs import VERBS
from dcss_core.users.permissions import Asks

from .fuzzing import Place, places_of, tried, values_for
from .scenario import Scenario
from .scenarios import SCENARIOS
from .seeds import points

LENGTH = 10_000
SLACK = 60
"""Lines by which two runs may differ: where a key falls among others is left to its hash."""

TRIES = 3
"""Work that grows with what is sent grows each time; what is finalized in between does not."""

ANONYMOUS = [
    each for each in SCENARIOS if VERBS[each.verb] is Asks.NOBODY or each.verb == "second_factors.give"
]


def more_steps(
    scenario: Scenario, shorter: Callable[[], Any], longer: Callable[[], Any], *, is_warm: bool = True
) -> str:
    """What is wrong with the steps to two answers; empty when twice the length costs nothing more."""
    if not is_warm:  # what is made once in a process is made by then
        tried(scenario, shorter)
    for _ in range(TRIES):
        (_, few), (_, more) = tried(scenario, shorter), tried(scenario, longer)
        if more.lines <= few.lines + SLACK and more.characters <= few.characters:
            return ""
    return f"{few} at a length and {more} at twice that"


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


# --- every verb, whoever may use it -------------------------------------------------------------------------
FEW, MANY = 300, 30_000
few_and_many = pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.fuzz)])
MOST_STEPS = 400_000
"""Lines that no call comes near: the dearest verb of the populated world takes a third of it."""
MOST_RECORDS = 10
"""Times a list is repeated: what staff hand over is worked through whole, however long it is."""


def a_try(chance: Random) -> tuple[Scenario, Place, str, int]:
    """A verb, a place in its arguments, what is put there and how long it is."""
    scenario = chance.choice(SCENARIOS)
    while not (places := places_in(scenario)):
        scenario = chance.choice(SCENARIOS)
    place = chance.choice(places)
    length = chance.choice((1, 2, 63, 64, 65, 254, 255, 400, 401, 1_024, 5_000))
    return scenario, place, chance.choice([*values_for(place, 1)]), length


places_in = cache(places_of)


@few_and_many
def test_no_verb_answers_whatever_is_sent_with_an_error_of_pythons_own_or_without_end(count):
    wrong = []
    for _, where, chance in points("Fuzz", count, is_long=count == MANY):
        scenario, place, shape, length = a_try(chance)
        try:
            _, steps = tried(
                scenario,
                values_for(place, min(length, MOST_RECORDS) if place.kind is tuple else length)[shape],
            )
        except Exception as error:  # whatever it is, it is a finding
            wrong.append(f"{where}, {scenario}, {place}, {shape} x {length}: {type(error).__name__}: {error}")
        else:
            if steps.lines > MOST_STEPS:
                wrong.append(f"{where}, {scenario}, {place}, {shape} x {length}: {steps}")
    assert wrong == []


@few_and_many
def test_no_verb_works_longer_at_longer_text(count):
    wrong = []
    for _, where, chance in points("Longer text", count // 6, is_long=count == MANY):
        scenario, place, shape, _ = a_try(chance)
        if place.kind is str:
            found = more_steps(
                scenario,
                values_for(place, LENGTH)[shape],
                values_for(place, 2 * LENGTH)[shape],
                is_warm=False,
            )
            wrong += [f"{where}, {scenario}, {place}, {shape}: {found}"] if found else []
    assert wrong == []


def test_every_verb_that_takes_anything_is_tried():
    untried = {scenario.verb for scenario in SCENARIOS} - {
        scenario.verb for scenario in SCENARIOS if places_in(scenario)
    }
    assert untried == {"accounts.policies", "accounts.banner", "accounts.ask_for_passkey"}
