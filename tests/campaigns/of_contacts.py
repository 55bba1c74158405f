"""Verbs on contact points."""

from typing import Final

from dcss_core import Actor, Secret
from dcss_core.cases import ContactKind

from .of_accounts import WHY
from .scenario import Scenario
from .world import JANE, World

EMAIL: Final = ContactKind.EMAIL
NEW: Final = Secret("jane.new@example.org")
NUMBER: Final = Secret("+14045550100")
REPLIES: Final = Actor.system("text-replies")


def _asked(world: World) -> None:
    world.agency.contacts.change(world.token, JANE.password, EMAIL, NEW)
    world.letters()
    body = world.mail.letters_to(NEW)[-1].body.reveal()
    world.things["code"] = next(line.strip() for line in body.splitlines() if line.startswith("    "))


def _confirmed(world: World) -> object:
    return world.agency.contacts.confirm(world.token, EMAIL, Secret(world.things["code"]))


def _changed(world: World) -> None:
    _asked(world)
    _confirmed(world)


SCENARIOS: Final = [
    Scenario("contacts.own", lambda w: w.agency.contacts.own(w.token), _changed),
    Scenario("contacts.change", lambda w: w.agency.contacts.change(w.token, JANE.password, EMAIL, NEW)),
    Scenario("contacts.confirm", _confirmed, _asked),
    Scenario(
        "contacts.confirm",
        lambda w: w.agency.contacts.confirm(w.token, EMAIL, Secret("wrong")),
        _asked,
        of="with a wrong code",
    ),
    Scenario("contacts.drop", lambda w: w.agency.contacts.drop(w.token, EMAIL), _asked),
    Scenario(
        "contacts.remove", lambda w: w.agency.contacts.remove(w.token, JANE.password, ContactKind.MOBILE)
    ),
    Scenario(
        "contacts.revert",
        lambda w: w.agency.contacts.revert(w.janes_account, EMAIL, by=w.admin, reason=WHY),
        _changed,
    ),
    Scenario("texts.stop", lambda w: w.agency.texts.stop(NUMBER, by=REPLIES)),
    Scenario("texts.start", lambda w: w.agency.texts.start(NUMBER, by=REPLIES)),
]
