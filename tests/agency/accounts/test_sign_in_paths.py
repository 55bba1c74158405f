"""There is one way in: whoever holds no token gets one from `accounts.sign_in`, and from nothing else."""

import inspect
import typing
from functools import cached_property

import attrs

from dcss_core import Agency
from dcss_core.users import SessionToken


def verbs():
    """Every public verb of an open agency, by area and name, with its type hints."""
    for area, each in vars(Agency).items():
        if isinstance(each, cached_property) and not area.startswith("_"):
            for name, verb in vars(typing.get_type_hints(each.func)["return"]).items():
                if not name.startswith("_") and inspect.isfunction(verb):
                    yield f"{area}.{name}", typing.get_type_hints(verb)


def holds_a_token(hint):
    """Whether a value of this type is a session token or has one in it."""
    if hint is SessionToken:
        return True
    if attrs.has(hint):
        return any(holds_a_token(each) for each in typing.get_type_hints(hint).values())
    return any(holds_a_token(each) for each in typing.get_args(hint))


def test_only_sign_in_gives_a_token_to_somebody_who_has_none():
    giving = {path: hints for path, hints in verbs() if holds_a_token(hints.get("return"))}
    without_one = [path for path, hints in giving.items() if SessionToken not in hints.values()]
    # the second one only where the rules say so, and never below AAL2; the third only for a job that vouches
    assert without_one == ["accounts.sign_in", "accounts.sign_in_with_passkey", "vouched.enter"]


def test_the_second_half_and_every_change_go_on_from_a_token():
    # so that the test above is known to see them: each gives another token for the one it takes
    giving = {path for path, hints in verbs() if holds_a_token(hints.get("return"))}
    assert giving == {
        "accounts.sign_in",
        "accounts.sign_in_with_passkey",
        "credentials.change_password",
        "second_factors.confirm",
        "second_factors.give",
        "second_factors.new_codes",
        "second_factors.remove",
        "sessions.reauthenticate",
        "vouched.enter",
    }
