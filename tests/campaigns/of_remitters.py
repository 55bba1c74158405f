"""Verbs on remitters, their people and their invitations."""

from collections.abc import Callable
from typing import Any, Final

import attrs

from dcss_core import Actor, Secret
from dcss_core.errors import NotPermittedError
from dcss_core.users import RemitterRights

from .of_accounts import WHY
from .scenario import Scenario, by_two
from .world import World

COMPANY: Final = "1580000001"
PASSWORD: Final = Secret("ledger walrus thirteen umbrellas")
HR: Final = Secret("hr@peachtree.example.com")
CLERK: Final = Secret("clerk@peachtree.example.com")


def _open(world: World, by: Actor) -> object:
    return world.agency.remitters.open("Peach Tree", sends_as=[COMPANY], administrator=HR, by=by)


def _opened(world: World) -> None:
    _open(world, world.colleague)
    world.things["remitter"] = _open(world, world.admin).remitter_id
    _invited(world)


def _invited(world: World) -> None:
    world.letters()
    world.things["code"] = world.mail.invitation_code()


def _accept(world: World, user_id: str) -> object:
    return world.agency.invitations.accept(world.things["code"], user_id, PASSWORD)


def _joined(world: World) -> None:
    _opened(world)
    _accept(world, "peachtree")
    banner = world.agency.accounts.banner().version
    world.things["hr"] = world.agency.accounts.sign_in("peachtree", PASSWORD, banner=banner).token


def _with_an_invitation(world: World) -> None:
    _joined(world)
    invited = _invite(world)
    world.things["invitation"] = invited.invitation_id


def _with_a_colleague(world: World) -> None:
    _joined(world)
    _invite(world)
    _invited(world)
    world.things["member"] = _accept(world, "peach-clerk").account_id


def _invite(world: World) -> Any:
    return world.agency.members.invite(world.things["hr"], PASSWORD, CLERK, RemitterRights())


def _refused(call: Callable[[], object]) -> str:
    try:
        call()
    except NotPermittedError as refused:
        return str(refused)
    raise AssertionError("the rules let nobody make such an account")


_BY_STAFF: Final = [
    *by_two("remitters.open", _open),
    *(
        attrs.evolve(each, ready=lambda w, ready=each.ready: (_opened(w), ready(w)))
        for each in (
            *by_two(
                "remitters.change",
                lambda w, by: w.agency.remitters.change(
                    w.things["remitter"], name="Peach Tree Pay", sends_as=["1580000002"], by=by
                ),
            ),
            *by_two(
                "remitters.invite_administrator",
                lambda w, by: w.agency.remitters.invite_administrator(w.things["remitter"], CLERK, by=by),
            ),
        )
    ),
    Scenario(
        "remitters.end",
        lambda w: w.agency.remitters.end(w.things["remitter"], by=w.admin, reason=WHY),
        _with_a_colleague,
    ),
    Scenario("remitters.find", lambda w: w.agency.remitters.find(COMPANY, by=w.admin), _opened),
    Scenario(
        "remitters.standing",
        lambda w: w.agency.remitters.standing(w.things["remitter"], by=w.admin),
        _with_an_invitation,
    ),
]

_BY_MEMBERS: Final = [
    Scenario("invitations.accept", lambda w: _accept(w, "peachtree"), _opened),
    Scenario(
        "invitations.accept",
        lambda w: w.agency.invitations.accept(Secret("wrong"), "peachtree", PASSWORD),
        of="with a wrong code",
    ),
    Scenario("invitations.ask_to_pay", lambda w: _refused(lambda: w.agency.invitations.ask_to_pay(CLERK))),
    Scenario("members.own", lambda w: w.agency.members.own(w.things["hr"]), _joined),
    Scenario("members.sent", lambda w: w.agency.members.sent(w.things["hr"]), _joined),
    Scenario("members.people", lambda w: w.agency.members.people(w.things["hr"]), _with_an_invitation),
    Scenario("members.invite", _invite, _joined),
    Scenario(
        "members.limit",
        lambda w: w.agency.members.limit(
            w.things["hr"], PASSWORD, w.things["member"], RemitterRights(is_administrator=True)
        ),
        _with_a_colleague,
    ),
    Scenario(
        "members.end",
        lambda w: w.agency.members.end(w.things["hr"], PASSWORD, w.things["member"]),
        _with_a_colleague,
    ),
    Scenario(
        "members.withdraw",
        lambda w: w.agency.members.withdraw(w.things["hr"], w.things["invitation"]),
        _with_an_invitation,
    ),
]

SCENARIOS: Final = [*_BY_STAFF, *_BY_MEMBERS]
