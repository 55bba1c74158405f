"""Processes that give, set up and replace the second factor of one account at the same instant."""

import pytest

from dcss_core import Secret
from dcss_core.users import SignedIn
from dcss_core.users.sign_in.sign_in import SecondFactorRefused

from ..accounts.authenticator_app import App


@pytest.fixture
def enrolled(course_of, jane, register, attempt, clock):
    """A course on which Jane has a second factor, and what she holds of it."""

    def made():
        running = course_of()
        agency = running.agency
        register(agency, jane)
        token = attempt(agency, jane.user_id, jane.password).token
        app = App(agency.second_factors.begin(token, jane.password), clock)
        outcome = agency.second_factors.confirm(token, app.code())
        clock.move(seconds=30)  # the code that confirmed is used up
        return running, app, outcome.saved_codes

    return made


@pytest.fixture
def tokens_of(attempt, jane):
    """The tokens of so many sign-ins."""
    return lambda agency, count: [
        attempt(agency, jane.user_id, jane.password).token.reveal() for _ in range(count)
    ]


@pytest.mark.parametrize("is_saved", [False, True], ids=["of the app", "saved"])
def test_of_processes_that_give_one_code_exactly_one_gets_in(enrolled, course, tokens_of, is_saved):
    processes, rounds = course
    for _ in range(rounds):
        running, app, saved_codes = enrolled()
        code = (saved_codes[0] if is_saved else app.code()).reveal()
        given = [{"token": token, "code": code} for token in tokens_of(running.agency, processes)]
        counted, _ = running.race("give", given)
        assert counted == {"SignedIn": 1, "SecondFactorRefused": processes - 1}
        assert running.letters("A saved code was used") == is_saved


def test_of_processes_that_confirm_one_factor_exactly_one_shows_the_saved_codes_in_force(
    course_of, course, jane, register, attempt, tokens_of, clock
):
    processes, rounds = course
    for _ in range(rounds):
        running = course_of()
        agency = running.agency
        register(agency, jane)
        tokens = tokens_of(agency, processes)
        begun = attempt(agency, jane.user_id, jane.password).token
        code = App(agency.second_factors.begin(begun, jane.password), clock).code().reveal()
        counted, outcomes = running.race("confirm", [{"token": each, "code": code} for each in tokens])
        assert_one_is_in_force(running, jane, attempt, counted, outcomes)


def test_of_processes_that_set_up_a_factor_each_one_is_in_force_with_the_saved_codes_it_showed(
    course_of, course, jane, register, attempt, tokens_of
):
    processes, rounds = course
    for _ in range(rounds):
        running = course_of()
        register(running.agency, jane)
        password = jane.password.reveal()
        given = [{"token": each, "password": password} for each in tokens_of(running.agency, processes)]
        counted, outcomes = running.race("enrol", given)
        assert_one_is_in_force(running, jane, attempt, counted, outcomes)


def assert_one_is_in_force(running, jane, attempt, counted, outcomes):
    assert counted["EnrolmentAccepted"] == 1
    assert counted.keys() <= {"EnrolmentAccepted", "EnrolmentRefused", "SessionEndedError"}
    [shown] = [each["saved_codes"] for each in outcomes if "saved_codes" in each]
    agency = running.agency
    for saved in shown[:2]:
        due = attempt(agency, jane.user_id, jane.password).token
        assert isinstance(agency.second_factors.give(due, Secret(saved)), SignedIn)
    due = attempt(agency, jane.user_id, jane.password).token
    assert agency.second_factors.give(due, Secret(shown[0])) == SecondFactorRefused()
    assert running.letters("A second factor was set up") == 1
