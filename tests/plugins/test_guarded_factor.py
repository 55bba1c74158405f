"""A plugin's way to show a second factor is held to its contract, and no message shows a value."""

import pytest

from dcss_core import Secret
from dcss_core.errors import ConfigurationError, PluginError
from dcss_core.plugins import FactorCopied, FactorGiven, FactorKey, FactorOwner, NewFactor
from dcss_core.plugins.guarded_factor import GuardedLoneMethod, GuardedMethod

OWNER = FactorOwner("Agency", "JRoe88", "h" * 43)
KEYS = [FactorKey(Secret("walrus"))]


class Says:
    """A method that answers the same to everything."""

    def __init__(self, answer):
        self.answer = answer

    def begin(self, random, *, owner, enrolled):
        return self.given()

    def confirm(self, secret, answer, *, now):
        return self.given()

    def ask(self, enrolled, *, challenge):
        return self.given()

    check = check_alone = lambda self, enrolled, answer, *, challenge, now: self.given()

    def ask_anybody(self, *, challenge):
        return self.given()

    def handle_in(self, answer):
        return self.given()

    def given(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def calls(answer):
    method = GuardedLoneMethod(Says(answer), "dcss-mine", Says(answer))
    return {
        "begin": lambda: method.begin(bytes(32), owner=OWNER, enrolled=()),
        "confirm": lambda: method.confirm(Secret("s"), Secret("a"), now=None),
        "ask": lambda: method.ask(KEYS, challenge="c"),
        "check": lambda: method.check(KEYS, Secret("a"), challenge="c", now=None),
        "check_alone": lambda: method.check_alone(KEYS, Secret("a"), challenge="c", now=None),
        "ask_anybody": lambda: method.ask_anybody(challenge="c"),
        "handle_in": lambda: method.handle_in(Secret("a")),
    }


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("begin", NewFactor(Secret("s"), Secret("t"))),
        ("confirm", None),
        ("confirm", FactorKey(Secret("s"), "1" * 1000)),
        ("ask", None),
        ("ask", Secret("s")),
        ("check", None),
        ("check", FactorGiven(0, "")),
        ("check", FactorCopied(0)),
        ("check_alone", FactorGiven(0, "1")),
        ("ask_anybody", Secret("s")),
        ("handle_in", "h"),
        ("handle_in", None),
    ],
)
def test_what_the_port_promises_passes(verb, answer):
    assert calls(answer)[verb]() is answer


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("begin", None),
        ("begin", NewFactor("walrus", Secret("t"))),
        ("begin", NewFactor(Secret("x" * 65_537), Secret("t"))),
        ("confirm", True),
        ("confirm", FactorKey("walrus")),
        ("confirm", FactorKey(Secret("s"), 1)),
        ("confirm", FactorKey(Secret("s"), "1" * 1001)),
        ("ask", "walrus"),
        ("check", True),
        ("check", FactorGiven(1, "1")),
        ("check", FactorGiven(-1, "1")),
        ("check", FactorGiven(False, "1")),
        ("check", FactorGiven(0, None)),
        ("check", FactorGiven(0, "1" * 1001)),
        ("check", FactorCopied(1)),
        ("check_alone", "walrus"),
        ("ask_anybody", None),
        ("handle_in", b"walrus"),
    ],
)
def test_anything_else_names_the_distribution_and_shows_nothing(verb, answer):
    with pytest.raises(PluginError, match="dcss-mine") as refused:
        calls(answer)[verb]()
    assert "walrus" not in str(refused.value)


@pytest.mark.parametrize("verb", list(calls(None)))
def test_what_a_method_raises_names_the_distribution_unless_it_is_the_library_s_own(verb):
    with pytest.raises(PluginError, match="dcss-mine") as refused:
        calls(KeyError("walrus"))[verb]()
    assert "walrus" not in str(refused.value)
    with pytest.raises(ConfigurationError):
        calls(ConfigurationError("no such key"))[verb]()


def test_a_method_that_stands_beside_a_password_has_no_other_verbs():
    assert not hasattr(GuardedMethod(Says(None), "dcss-mine"), "check_alone")
