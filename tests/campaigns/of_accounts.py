"""Verbs of those who have an account: signing in, passwords, second factors, recovery."""

from collections.abc import Callable
from typing import Any, Final

from dcss_core import Secret
from dcss_core.errors import NotPermittedError
from dcss_core.testing import JOHN_DOE, registration_form
from dcss_core.users import ControlReason

from .scenario import Scenario, by_two
from .world import JANE, MARY, NEW_PASSWORD, SOURCE, WRONG, App, World

WHY: Final = ControlReason.SUSPECTED_MISUSE


def failed(times: int) -> Callable[[World], None]:
    def ready(world: World) -> None:
        for _ in range(times):
            world.sign_in(JANE, WRONG, source=SOURCE)

    return ready


def _begun_factor(world: World) -> None:
    world.things["janes_app"] = App(world.agency.second_factors.begin(world.token, JANE.password))


def _owes_factor(world: World) -> None:
    world.things["owing"] = world.sign_in(MARY).token


def _wrong_code(world: World) -> Secret:
    right = world.app.code(world.clock.now()).reveal()
    return Secret(f"{(int(right) + 500_000) % 1_000_000:06}")


def _code_sent(world: World) -> None:
    world.agency.recovery.request_code(JANE.user_id)
    world.letters()
    world.things["code"] = world.mail.issued_code()


def _asked(world: World) -> None:
    world.things["asked"] = world.agency.recovery.questions(JANE.ssn)


def _recovery_closed(world: World) -> None:
    for _ in range(100):
        world.agency.recovery.reset_password(full_name="Somebody Else", ssn=JANE.ssn, answers=())
    world.letters()


def _reset_requested(world: World) -> None:
    reset = world.agency.staff_resets.request(
        world.janes_account, by=world.desk, reason=ControlReason.OWNER_ASKED
    )
    world.things["request_id"] = reset.request_id


def _changed_password(world: World, current: Secret) -> object:
    return world.agency.credentials.change_password(world.token, current=current, new=NEW_PASSWORD)


def _chosen_answers(world: World) -> Any:
    questions = world.agency.accounts.policies().questions
    return JANE.answers(questions.catalogue[3 : 3 + questions.count])


def _answered(world: World, full_name: str) -> object:
    answers = JANE.answers(world.asked)
    return world.agency.recovery.reset_password(full_name=full_name, ssn=JANE.ssn, answers=answers)


def _session_id(world: World) -> str:
    return world.other_token.session_id


def _not_permitted(call: Callable[[], object]) -> object:
    """What these rules say to a passkey that stands alone."""
    try:
        return call()
    except NotPermittedError as refused:
        return refused.code


_ACCOUNTS: Final = [
    Scenario("accounts.policies", lambda w: w.agency.accounts.policies()),
    Scenario("accounts.banner", lambda w: w.agency.accounts.banner()),
    Scenario(
        "accounts.register", lambda w: w.agency.accounts.register(registration_form(w.agency, JOHN_DOE))
    ),
    Scenario(
        "accounts.register",
        lambda w: w.agency.accounts.register(
            registration_form(w.agency, JOHN_DOE, full_name="Jim Doe"), source=SOURCE
        ),
        of="of somebody else",
    ),
    Scenario("accounts.sign_in", lambda w: w.sign_in(JANE)),
    Scenario("accounts.sign_in", lambda w: w.sign_in(JANE, WRONG, source=SOURCE), of="with a wrong password"),
    Scenario(
        "accounts.sign_in", lambda w: w.sign_in(JANE, WRONG, source=SOURCE), failed(2), of="which locks"
    ),
    Scenario("accounts.sign_in", lambda w: w.sign_in(MARY), of="with a second factor to come"),
    Scenario("accounts.sign_in", lambda w: w.sign_in(JANE, banner="none"), of="without the notice"),
    Scenario("accounts.ask_for_passkey", lambda w: _not_permitted(w.agency.accounts.ask_for_passkey)),
    Scenario(
        "accounts.sign_in_with_passkey",
        lambda w: _not_permitted(
            lambda: w.agency.accounts.sign_in_with_passkey(WRONG, WRONG, banner="none", source=SOURCE)
        ),
    ),
    Scenario("accounts.sign_out", lambda w: w.agency.accounts.sign_out(w.token)),
    Scenario("accounts.display_name", lambda w: w.agency.accounts.display_name(w.token)),
    Scenario("accounts.close", lambda w: w.agency.accounts.close(w.token, JANE.password)),
    Scenario("accounts.close", lambda w: w.agency.accounts.close(w.token, WRONG), of="with a wrong password"),
    Scenario("credentials.change_password", lambda w: _changed_password(w, JANE.password)),
    Scenario("credentials.change_password", lambda w: _changed_password(w, WRONG), of="with a wrong one"),
    Scenario(
        "credentials.change_answers",
        lambda w: w.agency.credentials.change_answers(
            w.token, password=JANE.password, answers=_chosen_answers(w)
        ),
    ),
    Scenario("credentials.answers_due", lambda w: w.agency.credentials.answers_due(w.token)),
    Scenario("sessions.check", lambda w: w.agency.sessions.check(w.token)),
    Scenario("sessions.own", lambda w: w.agency.sessions.own(w.token)),
    Scenario("sessions.end", lambda w: w.agency.sessions.end(w.token, _session_id(w))),
    Scenario("sessions.end_others", lambda w: w.agency.sessions.end_others(w.token)),
    Scenario(
        "sessions.reauthenticate",
        lambda w: w.agency.sessions.reauthenticate(w.token, password=JANE.password),
    ),
]

_FACTORS: Final = [
    Scenario("second_factors.standing", lambda w: w.agency.second_factors.standing(w.marys_token)),
    Scenario("second_factors.begin", lambda w: w.agency.second_factors.begin(w.token, JANE.password)),
    Scenario("second_factors.begin", lambda w: w.agency.second_factors.begin(w.token, WRONG), of="wrongly"),
    Scenario(
        "second_factors.confirm",
        lambda w: w.agency.second_factors.confirm(w.token, w.janes_app.code(w.clock.now())),
        _begun_factor,
    ),
    Scenario("second_factors.ask", lambda w: w.agency.second_factors.ask(w.owing), _owes_factor),
    Scenario(
        "second_factors.give",
        lambda w: w.agency.second_factors.give(w.owing, w.app.code(w.clock.now())),
        _owes_factor,
    ),
    Scenario(
        "second_factors.give",
        lambda w: w.agency.second_factors.give(w.owing, w.saved_codes[0]),
        _owes_factor,
        of="a saved code",
    ),
    Scenario(
        "second_factors.give",
        lambda w: w.agency.second_factors.give(w.owing, _wrong_code(w), source=SOURCE),
        _owes_factor,
        of="wrongly",
    ),
    Scenario(
        "second_factors.new_codes", lambda w: w.agency.second_factors.new_codes(w.marys_token, MARY.password)
    ),
    Scenario("second_factors.remove", lambda w: w.agency.second_factors.remove(w.marys_token, MARY.password)),
    *by_two(
        "second_factors.remove_for",
        lambda w, by: w.agency.second_factors.remove_for(w.marys_account, by=by, reason=WHY),
    ),
]

_RECOVERY: Final = [
    Scenario("recovery.request_code", lambda w: w.agency.recovery.request_code(JANE.user_id, source=SOURCE)),
    Scenario(
        "recovery.request_code", lambda w: w.agency.recovery.request_code("nobody-here"), of="for nobody"
    ),
    Scenario(
        "recovery.choose_password",
        lambda w: w.agency.recovery.choose_password(JANE.user_id, w.code, NEW_PASSWORD),
        _code_sent,
    ),
    Scenario(
        "recovery.choose_password",
        lambda w: w.agency.recovery.choose_password(JANE.user_id, WRONG, NEW_PASSWORD, source=SOURCE),
        _code_sent,
        of="with a wrong code",
    ),
    Scenario(
        "recovery.send_user_id",
        lambda w: w.agency.recovery.send_user_id(full_name=JANE.name.full, ssn=JANE.ssn, source=SOURCE),
    ),
    Scenario("recovery.questions", lambda w: w.agency.recovery.questions(JANE.ssn, source=SOURCE)),
    Scenario("recovery.reset_password", lambda w: _answered(w, JANE.name.full), _asked),
    Scenario("recovery.reset_password", lambda w: _answered(w, "Jean Roe"), _asked, of="wrongly"),
    Scenario("recovery.reopen", lambda w: w.agency.recovery.reopen(JANE.ssn, by=w.desk), _recovery_closed),
    Scenario("staff_resets.progress", lambda w: w.agency.staff_resets.progress(JANE.ssn, by=w.desk)),
    Scenario(
        "staff_resets.request",
        lambda w: w.agency.staff_resets.request(w.janes_account, by=w.desk, reason=WHY),
    ),
    Scenario(
        "staff_resets.approve",
        lambda w: w.agency.staff_resets.approve(w.request_id, by=w.approver),
        _reset_requested,
    ),
    Scenario(
        "staff_resets.decline",
        lambda w: w.agency.staff_resets.decline(w.request_id, by=w.approver, reason=WHY),
        _reset_requested,
    ),
    Scenario(
        "staff_resets.cancel",
        lambda w: w.agency.staff_resets.cancel(w.request_id, by=w.desk),
        _reset_requested,
    ),
    Scenario(
        "staff_resets.pending", lambda w: w.agency.staff_resets.pending(by=w.approver), _reset_requested
    ),
]

SCENARIOS: Final = (*_ACCOUNTS, *_FACTORS, *_RECOVERY)
