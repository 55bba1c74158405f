"""Verbs on vouched identities, under rules that believe nobody outside."""

from collections.abc import Callable
from typing import Final

from dcss_core import Actor, Secret
from dcss_core.errors import NotPermittedError
from dcss_core.users import VouchedIdentity

from .scenario import Scenario
from .world import JANE, World

SSO: Final = Actor.system("single-sign-on")


def _said(world: World) -> VouchedIdentity:
    return VouchedIdentity(
        issuer="https://login.georgia.example",
        subject=Secret("subject"),
        assertion_id=Secret("assertion"),
        at=world.clock.now(),
        full_name=JANE.name.full,
        birth_date=JANE.birth_date,
        number=JANE.ssn,
    )


def _refused(call: Callable[[], object]) -> str:
    try:
        call()
    except NotPermittedError as refused:
        return str(refused)
    raise AssertionError("somebody outside was believed")


def _entered(world: World) -> str:
    banner = world.agency.accounts.banner().version
    return _refused(lambda: world.agency.vouched.enter(_said(world), by=SSO, banner=banner))


SCENARIOS: Final = [
    Scenario("vouched.enter", _entered),
    Scenario("vouched.own", lambda w: w.agency.vouched.own(w.token)),
    Scenario(
        "vouched.link",
        lambda w: w.agency.vouched.link(w.token, JANE.password, Secret("no such ticket")),
        of="without a ticket",
    ),
    Scenario(
        "vouched.unlink",
        lambda w: w.agency.vouched.unlink(w.token, JANE.password, "no such link"),
        of="what is none",
    ),
]
