"""Guarded factor: a plugin's way to show a second factor as the core uses it.

Decides what becomes of what a method raises or answers. Invariants: what it raises names the distribution
(`plugins.guard`); what it answers is of the shape the port promises, and points to a factor that it was
shown; no message shows a value.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, PluginError
from dcss_core.plugins.guard import at_work, refusal
from dcss_core.users.second_factor.method import (
    FactorCopied,
    FactorGiven,
    FactorKey,
    FactorOwner,
    FactorVerdict,
    LoneFactorMethod,
    NewFactor,
    SecondFactorMethod,
)

_LONGEST_STATE: Final = 1_000
_LONGEST_SECRET: Final = 65_536
_NEEDED_ALONE: Final = ("ask_anybody", "handle_in", "check_alone")


@attrs.frozen
class GuardedMethod:
    """A plugin's method whose every failure names the distribution."""

    method: SecondFactorMethod
    distribution: str

    def begin(self, random: bytes, *, owner: FactorOwner, enrolled: Sequence[FactorKey]) -> NewFactor:
        """Make a factor; raises PluginError where the method breaks its contract."""
        new: object = at_work(
            self.distribution,
            "its second factor's begin()",
            lambda: self.method.begin(random, owner=owner, enrolled=enrolled),
        )
        if isinstance(new, NewFactor) and all(
            _is_secret(each) for each in (new.secret, new.shown, *([new.typed] if new.typed else []))
        ):
            return new
        raise self._broken("begin()", new, "a NewFactor of Secrets, up to 65,536 characters")

    def confirm(self, secret: Secret, answer: Secret, *, now: datetime) -> FactorKey | None:
        """Judge the first answer; raises PluginError where the method breaks its contract."""
        key: object = at_work(
            self.distribution,
            "its second factor's confirm()",
            lambda: self.method.confirm(secret, answer, now=now),
        )
        if key is None or (isinstance(key, FactorKey) and _is_secret(key.secret) and _is_state(key.state)):
            return key
        raise self._broken("confirm()", key, "a FactorKey with a state up to 1,000 characters, or None")

    def ask(self, enrolled: Sequence[FactorKey], *, challenge: str) -> Secret | None:
        """Say what the browser needs; raises PluginError where the method breaks its contract."""
        asked: object = at_work(
            self.distribution,
            "its second factor's ask()",
            lambda: self.method.ask(enrolled, challenge=challenge),
        )
        if asked is None or _is_secret(asked):
            return asked  # type: ignore[return-value]
        raise self._broken("ask()", asked, "a Secret, or None")

    def check(
        self, enrolled: Sequence[FactorKey], answer: Secret, *, challenge: str, now: datetime
    ) -> FactorVerdict:
        """Judge an answer; raises PluginError where the method breaks its contract."""
        verdict: object = at_work(
            self.distribution,
            "its second factor's check()",
            lambda: self.method.check(enrolled, answer, challenge=challenge, now=now),
        )
        return self._sound(verdict, len(enrolled), "check()")

    def _sound(self, verdict: object, held: int, where: str) -> FactorVerdict:
        match verdict:
            case None:
                return None
            case FactorGiven(place=place, state=state):
                is_sound = _is_place(place, held) and state is not None and _is_state(state)
            case FactorCopied(place=place):
                is_sound = _is_place(place, held)
            case _:
                is_sound = False
        if is_sound:
            return verdict  # type: ignore[return-value]
        raise self._broken(where, verdict, "FactorGiven or FactorCopied of one of the factors, or None")

    def _broken(self, where: str, found: object, expected: str) -> PluginError:
        fault = Fault(where, f"a {type(found).__name__} that is not this", expected)
        return refusal(self.distribution, f"its second factor's {where} broke the contract", [fault])


@attrs.frozen
class GuardedLoneMethod(GuardedMethod):
    """The same of a method that can stand alone."""

    alone: LoneFactorMethod

    @staticmethod
    def needs() -> tuple[str, ...]:
        """What such a method has besides."""
        return _NEEDED_ALONE

    def ask_anybody(self, *, challenge: str) -> Secret:
        """Say what the browser needs; raises PluginError where the method breaks its contract."""
        asked: object = at_work(
            self.distribution,
            "its second factor's ask_anybody()",
            lambda: self.alone.ask_anybody(challenge=challenge),
        )
        if isinstance(asked, Secret) and _is_secret(asked):
            return asked
        raise self._broken("ask_anybody()", asked, "a Secret")

    def handle_in(self, answer: Secret) -> str | None:
        """Read whose answer it says it is; raises PluginError where the method breaks its contract."""
        handle: object = at_work(
            self.distribution, "its second factor's handle_in()", lambda: self.alone.handle_in(answer)
        )
        if handle is None or type(handle) is str:
            return handle
        raise self._broken("handle_in()", handle, "a text, or None")

    def check_alone(
        self, enrolled: Sequence[FactorKey], answer: Secret, *, challenge: str, now: datetime
    ) -> FactorVerdict:
        """Judge an answer that stands alone; raises PluginError where the method breaks its contract."""
        verdict: object = at_work(
            self.distribution,
            "its second factor's check_alone()",
            lambda: self.alone.check_alone(enrolled, answer, challenge=challenge, now=now),
        )
        return self._sound(verdict, len(enrolled), "check_alone()")


def _is_secret(value: object) -> bool:
    return isinstance(value, Secret) and len(value.reveal()) <= _LONGEST_SECRET


def _is_state(state: object) -> bool:
    return state is None or (type(state) is str and len(state) <= _LONGEST_STATE)


def _is_place(place: object, held: int) -> bool:
    return type(place) is int and 0 <= place < held
