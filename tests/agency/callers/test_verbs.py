"""The verbs that are written down are those of the areas, and each asks whom its signature asks."""

import inspect
import typing
from functools import cached_property

from dcss_core import Agency
from dcss_core.agency.callers.verbs import VERBS
from dcss_core.users import ApprovalDue
from dcss_core.users.approvals.policy import HIGH_VALUE
from dcss_core.users.approvals.waiting import WORDS
from dcss_core.users.permissions import Asks

# What no signature tells: a token may stand there for anybody, and a caller may be a parent.
OTHERWISE = {
    **dict.fromkeys(("members.own", "members.sent"), Asks.REMITTER),
    **dict.fromkeys(
        (f"members.{name}" for name in ("people", "invite", "limit", "end", "withdraw")),
        Asks.REMITTER_ADMINISTRATOR,
    ),
    "accounts.sign_out": Asks.NOBODY,
    "cases.own": Asks.PARENT,
    "payments.explain": Asks.PARENT_OR_STAFF,
    "payments.history": Asks.PARENT_OR_STAFF,
    "payments.statement": Asks.PARENT_OR_STAFF,
}


def asks(verb):
    parameters = inspect.signature(verb).parameters
    if "token" in parameters:
        return Asks.ACCOUNT
    return Asks.STAFF if "by" in parameters else Asks.NOBODY


def test_every_public_verb_of_every_area_is_written_down_with_whom_it_asks():
    found = {
        f"{area}.{name}": asks(verb)
        for area, each in vars(Agency).items()
        if isinstance(each, cached_property) and not area.startswith("_")
        for name, verb in vars(typing.get_type_hints(each.func)["return"]).items()
        if inspect.isfunction(verb) and not name.startswith("_")
    }
    assert len(found) > 70
    assert found | OTHERWISE == VERBS


def test_the_verbs_that_can_wait_for_a_second_person_are_those_that_may_answer_so():
    answering = {
        f"{area}.{name}"
        for area, each in vars(Agency).items()
        if isinstance(each, cached_property) and not area.startswith("_")
        for name, verb in vars(typing.get_type_hints(each.func)["return"]).items()
        if inspect.isfunction(verb)
        and not name.startswith("_")
        and ApprovalDue in typing.get_args(typing.get_type_hints(inspect.unwrap(verb)).get("return"))
    }
    assert answering == {*HIGH_VALUE}
    assert {*WORDS} == {*HIGH_VALUE}
