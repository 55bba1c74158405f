"""SecondFactorConformance: the tests every way to show a second factor passes.

A method's whole test file:

    from dcss_core.testing import SecondFactorConformance

    class TestMyMethod(SecondFactorConformance):
        @pytest.fixture
        def method(self):
            return MyMethod()

        @pytest.fixture
        def device(self, clock):
            return lambda new: MyDevice(new, clock)

`device` gives what the owner holds of a `NewFactor`: `set_up()` is the answer that confirms it,
`answer(asked)` one for a sign-in, another one each time, and of a method that can stand alone `alone(asked)`.
Before each of them the kit moves `clock` on by ten minutes.

Decides what a method owes whoever signs in: an answer counts once, for its own factor and what was asked; and
whatever else comes for an answer is None.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, Protocol, TypeAlias

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.testing.frozen_clock import FrozenClock
from dcss_core.users.second_factor.method import (
    LONGEST_ANSWER,
    FactorGiven,
    FactorKey,
    FactorOwner,
    FactorVerdict,
    NewFactor,
    SecondFactorMethod,
)

_CHALLENGE, _OTHER_CHALLENGE = "5e" * 32, "c0" * 32
_OWNER: Final = FactorOwner("Agency of nowhere", "JRoe88", "h" * 43)
_GARBAGE: Final = {
    "nothing": "",
    "a blank": " ",
    "six digits": "000000",
    "digits of another script": "٠٠٥٩٢٤",
    "half a character": "\ud800",
    "a zero byte": "\x00",
    "a number that has no end": "1e999999",
    "an empty object": "{}",
    "an empty list": "[]",
    "an object of other things": '{"id": 1, "type": null, "response": {"clientDataJSON": ["\\ud800"]}}',
    "nested without end": "[" * 20_000,
    "as long as it may be": "0" * LONGEST_ANSWER,
}


class Device(Protocol):
    """What the owner of a factor holds."""

    def set_up(self) -> Secret:
        """The answer that confirms the set-up."""
        ...

    def answer(self, asked: Secret | None) -> Secret:
        """An answer to what was asked at sign-in."""
        ...


MakeDevice: TypeAlias = Callable[[NewFactor], Any]


@attrs.frozen
class _Held:
    """A factor in force, and the device of its owner."""

    key: FactorKey
    device: Any


class SecondFactorConformance:
    """Subclass it and override the fixtures `method` and `device`."""

    @pytest.fixture
    def clock(self) -> FrozenClock:
        """The clock that the kit moves."""
        return FrozenClock(datetime(2026, 11, 2, 14, tzinfo=UTC))

    @pytest.fixture
    def method(self) -> SecondFactorMethod:
        """The method to test."""
        raise NotImplementedError("override the fixture `method`: the method to test")

    @pytest.fixture
    def device(self, clock: FrozenClock) -> MakeDevice:
        """A function that gives what the owner holds of a NewFactor."""
        raise NotImplementedError("override the fixture `device`: what the owner holds of a NewFactor")

    def test_who_confirmed_a_factor_signs_in_with_it_again_and_again(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """With the state of the last time."""
        held = _confirmed(method, device, clock)
        for turn in range(3):
            challenge = f"{turn:064}"
            answer = _answer(method, held, clock, challenge)
            given = _checked(method, [held.key], answer, clock, challenge)
            assert isinstance(given, FactorGiven)
            held = attrs.evolve(held, key=FactorKey(held.key.secret, given.state))

    def test_an_answer_counts_once(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """NIST SP 800-63B-4 §3.2.7: replay is refused, at once and later."""
        held = _confirmed(method, device, clock)
        answer = _answer(method, held, clock)
        given = _checked(method, [held.key], answer, clock)
        assert isinstance(given, FactorGiven)
        used = FactorKey(held.key.secret, given.state)
        assert _checked(method, [used], answer, clock, _OTHER_CHALLENGE) is None

    def test_the_answer_that_confirmed_signs_nobody_in(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """Whoever looked over the shoulder at set-up has nothing."""
        new = _begun(method)
        answer = device(new).set_up()
        key = method.confirm(new.secret, answer, now=clock.now())
        assert key is not None
        assert _checked(method, [key], answer, clock) is None

    def test_what_answers_a_challenge_answers_no_other(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """Or a page that looks like the portal hands it on."""
        held = _confirmed(method, device, clock)
        if method.ask([held.key], challenge=_CHALLENGE) is None:
            pytest.skip("this method answers no challenge")
        assert _checked(method, [held.key], _answer(method, held, clock), clock, _OTHER_CHALLENGE) is None

    def test_of_several_factors_the_one_is_named_that_answered(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """Its state is remembered, and no other."""
        first = _confirmed(method, device, clock, 1)
        second = _confirmed(method, device, clock, 2, [first.key])
        keys = [first.key, second.key]
        for place, held in enumerate((first, second)):
            given = _checked(method, keys, _answer(method, held, clock, _CHALLENGE, keys), clock)
            assert isinstance(given, FactorGiven)
            assert given.place == place

    def test_the_factor_of_somebody_else_does_not_count(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """Nor does any where there is none."""
        own, other = (_confirmed(method, device, clock, seed) for seed in (1, 2))
        answer = _answer(method, other, clock)
        assert _checked(method, [own.key], answer, clock) is None
        assert _checked(method, [], answer, clock) is None

    def test_another_set_up_is_not_confirmed(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """One begins anew, and the page before is still open."""
        begun, other = _begun(method, 1), _begun(method, 2)
        assert method.confirm(begun.secret, device(other).set_up(), now=clock.now()) is None

    @pytest.mark.parametrize("text", _GARBAGE.values(), ids=_GARBAGE.keys())
    def test_whatever_is_given_is_judged_and_never_an_error(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock, text: str
    ) -> None:
        """And changes nothing: the right answer counts after it."""
        new = _begun(method)
        assert method.confirm(new.secret, Secret(text), now=clock.now()) is None
        held = _confirmed(method, device, clock)
        assert _checked(method, [held.key], Secret(text), clock) is None
        assert isinstance(_checked(method, [held.key], _answer(method, held, clock), clock), FactorGiven)

    def test_an_answer_that_was_cut_off_or_changed_does_not_count(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """As it comes over a line that fails."""
        held = _confirmed(method, device, clock)
        right = _answer(method, held, clock).reveal()
        for text in (right[:-1], right[: len(right) // 2], right[1:], right * 2, right[::-1] + "0"):
            assert _checked(method, [held.key], Secret(text), clock) is None

    def test_what_is_made_comes_from_the_bytes_that_are_given(self, method: SecondFactorMethod) -> None:
        """So that it is as random as they are, and nothing is kept in the method."""
        first, again, other = (_begun(method, seed) for seed in (1, 1, 2))
        assert first.secret.reveal() == again.secret.reveal()
        assert first.secret.reveal() != other.secret.reveal()

    def test_several_threads_judge_alike(
        self, method: SecondFactorMethod, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """As the workers of a portal do."""
        held = _confirmed(method, device, clock)
        answer = _answer(method, held, clock)
        with ThreadPoolExecutor(max_workers=4) as threads:
            verdicts = list(threads.map(lambda _: _checked(method, [held.key], answer, clock), range(16)))
        assert verdicts == verdicts[:1] * 16
        assert isinstance(verdicts[0], FactorGiven)

    def test_nothing_secret_is_logged(
        self,
        method: SecondFactorMethod,
        device: MakeDevice,
        clock: FrozenClock,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Whoever reads logs signs in as nobody."""
        with caplog.at_level(logging.DEBUG):
            held = _confirmed(method, device, clock)
            answer = _answer(method, held, clock)
            _checked(method, [held.key], answer, clock)
        logged = " ".join(record.getMessage() for record in caplog.records)
        assert held.key.secret.reveal() not in logged
        assert answer.reveal() not in logged

    def test_who_stands_alone_is_known_by_the_handle_and_no_answer_counts_for_less(
        self, method: Any, device: MakeDevice, clock: FrozenClock
    ) -> None:
        """The handle is read and not believed; the answer is judged by the factors it leads to."""
        if not hasattr(method, "check_alone"):
            pytest.skip("this method stands beside a password")
        held = _confirmed(method, device, clock)
        asked = method.ask_anybody(challenge=_CHALLENGE)
        answer = held.device.alone(asked)
        assert method.handle_in(answer) == _OWNER.handle
        for challenge, keys in ((_OTHER_CHALLENGE, [held.key]), (_CHALLENGE, [])):
            assert method.check_alone(keys, answer, challenge=challenge, now=clock.now()) is None
        given = method.check_alone([held.key], answer, challenge=_CHALLENGE, now=clock.now())
        assert isinstance(given, FactorGiven)
        for text in _GARBAGE.values():
            assert method.handle_in(Secret(text)) is None
            assert method.check_alone([held.key], Secret(text), challenge=_CHALLENGE, now=clock.now()) is None


def _begun(method: SecondFactorMethod, seed: int = 1, enrolled: Sequence[FactorKey] = ()) -> NewFactor:
    return method.begin(sha256(bytes([seed])).digest(), owner=_OWNER, enrolled=enrolled)


def _confirmed(
    method: SecondFactorMethod,
    device: MakeDevice,
    clock: FrozenClock,
    seed: int = 1,
    enrolled: Sequence[FactorKey] = (),
) -> _Held:
    new = _begun(method, seed, enrolled)
    owner = device(new)
    key = method.confirm(new.secret, owner.set_up(), now=clock.now())
    assert key is not None
    return _Held(key, owner)


def _answer(
    method: SecondFactorMethod,
    held: _Held,
    clock: FrozenClock,
    challenge: str = _CHALLENGE,
    keys: Sequence[FactorKey] = (),
) -> Secret:
    clock.move(minutes=10)
    answer: Secret = held.device.answer(method.ask(keys or [held.key], challenge=challenge))
    return answer


def _checked(
    method: SecondFactorMethod,
    keys: Sequence[FactorKey],
    answer: Secret,
    clock: FrozenClock,
    challenge: str = _CHALLENGE,
) -> FactorVerdict:
    return method.check(keys, answer, challenge=challenge, now=clock.now())
