"""The second factor kit passes a sound method and fails every broken one."""

import hmac
import logging
import random as chance
import threading
from datetime import UTC, datetime

import pytest

from dcss_core import Secret
from dcss_core.plugins import FactorGiven, FactorKey, NewFactor
from dcss_core.testing import FrozenClock, SecondFactorConformance


def tag(secret, text):
    return hmac.digest(secret.encode(), text.encode("utf-8", "replace"), "sha256").hex()


class Sound:
    """Answers are a count and a tag over what was asked; it can stand alone."""

    def begin(self, random, *, owner, enrolled):
        return NewFactor(Secret(f"{owner.handle} {random.hex()}"), Secret(f"{owner.handle} {random.hex()}"))

    def confirm(self, secret, answer, *, now):
        given = self.check([FactorKey(secret, "-1")], answer, challenge="set-up", now=now)
        return given and FactorKey(secret, given.state)

    def ask(self, enrolled, *, challenge):
        return Secret(challenge)

    def check(self, enrolled, answer, *, challenge, now):
        for place, key in enumerate(enrolled):
            for count in range(int(key.state) + 1, int(key.state) + 9):
                if self.text(key.secret, challenge, count) == answer.reveal():
                    return FactorGiven(place, str(count))
        return None

    def text(self, secret, challenge, count):
        handle, _, key = secret.reveal().partition(" ")
        return f"{handle} {count} {tag(key, f'{challenge} {count}')}"

    def ask_anybody(self, *, challenge):
        return Secret(challenge)

    def handle_in(self, answer):
        parts = answer.reveal().split(" ")
        return parts[0] if len(parts) == 3 else None

    def check_alone(self, enrolled, answer, *, challenge, now):
        return self.check(enrolled, answer, challenge=challenge, now=now)


class Owner:
    def __init__(self, new):
        self.secret, self.count = Secret(new.shown.reveal()), -1

    def set_up(self):
        return self.alone(Secret("set-up"))

    def answer(self, asked):
        return self.alone(asked or Secret("typed"))

    def alone(self, asked):
        self.count += 1
        return Secret(Sound().text(self.secret, asked.reveal(), self.count))


class TestASoundMethod(SecondFactorConformance):
    @pytest.fixture
    def method(self):
        return Sound()

    @pytest.fixture
    def device(self):
        return Owner


class Typed(Sound):
    """The same, but nothing is asked."""

    def ask(self, enrolled, *, challenge):
        return None

    def check(self, enrolled, answer, *, challenge, now):
        asked = challenge if challenge == "set-up" else "typed"
        return super().check(enrolled, answer, challenge=asked, now=now)


class Forgets(Typed):
    def check(self, enrolled, answer, *, challenge, now):
        given = super().check(enrolled, answer, challenge=challenge, now=now)
        return given and FactorGiven(given.place, "-1")


class AnyChallenge(Sound):
    def text(self, secret, challenge, count):
        return super().text(secret, "session" if challenge != "set-up" else challenge, count)

    def check(self, enrolled, answer, *, challenge, now):
        for each in (challenge, "5e" * 32, "c0" * 32):
            given = Sound.check(Sound(), enrolled, answer, challenge=each, now=now)
            if given:
                return given
        return None


class TheFirst(Sound):
    def check(self, enrolled, answer, *, challenge, now):
        given = super().check(enrolled, answer, challenge=challenge, now=now)
        return given and FactorGiven(0, given.state)


class AnybodysWhereThereIsNone(Sound):
    def check(self, enrolled, answer, *, challenge, now):
        return super().check(enrolled, answer, challenge=challenge, now=now) or (
            FactorGiven(0, "1") if not enrolled else None
        )


class ConfirmsAnything(Sound):
    def confirm(self, secret, answer, *, now):
        return FactorKey(secret, "0")


class SetUpCountsAgain(Sound):
    def confirm(self, secret, answer, *, now):
        key = super().confirm(secret, answer, now=now)
        return key and FactorKey(secret, "-1")

    def check(self, enrolled, answer, *, challenge, now):
        for each in (challenge, "set-up"):
            given = super().check(enrolled, answer, challenge=each, now=now)
            if given:
                return given
        return None


class Stumbles(Sound):
    def check(self, enrolled, answer, *, challenge, now):
        answer.reveal().encode()
        return super().check(enrolled, answer, challenge=challenge, now=now)


class Forgiving(Sound):
    def check(self, enrolled, answer, *, challenge, now):
        for end in ("", *"0123456789abcdef"):
            longer = Secret(answer.reveal() + end)
            given = super().check(enrolled, longer, challenge=challenge, now=now)
            if given:
                return given
        return None


class OfItsOwnChance(Sound):
    def begin(self, random, *, owner, enrolled):
        return super().begin(chance.randbytes(32), owner=owner, enrolled=enrolled)


class OwnedByAThread(Sound):
    def __init__(self):
        self.owner = threading.get_ident()

    def check(self, enrolled, answer, *, challenge, now):
        if threading.get_ident() != self.owner:
            raise RuntimeError("another thread")
        return super().check(enrolled, answer, challenge=challenge, now=now)


class Chatty(Sound):
    def check(self, enrolled, answer, *, challenge, now):
        logging.getLogger("chatty").debug("given %s", answer.reveal())
        return super().check(enrolled, answer, challenge=challenge, now=now)


class AloneForLess(Sound):
    def check_alone(self, enrolled, answer, *, challenge, now):
        return FactorGiven(0, "1") if enrolled else None


class NobodysHandle(Sound):
    def handle_in(self, answer):
        return "somebody"


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (Forgets, "test_an_answer_counts_once"),
        (AnyChallenge, "test_what_answers_a_challenge_answers_no_other"),
        (TheFirst, "test_of_several_factors_the_one_is_named_that_answered"),
        (AnybodysWhereThereIsNone, "test_the_factor_of_somebody_else_does_not_count"),
        (ConfirmsAnything, "test_another_set_up_is_not_confirmed"),
        (ConfirmsAnything, "test_whatever_is_given_is_judged_and_never_an_error"),
        (SetUpCountsAgain, "test_the_answer_that_confirmed_signs_nobody_in"),
        (Stumbles, "test_whatever_is_given_is_judged_and_never_an_error"),
        (Forgiving, "test_an_answer_that_was_cut_off_or_changed_does_not_count"),
        (OfItsOwnChance, "test_what_is_made_comes_from_the_bytes_that_are_given"),
        (OwnedByAThread, "test_several_threads_judge_alike"),
        (Chatty, "test_nothing_secret_is_logged"),
        (AloneForLess, "test_who_stands_alone_is_known_by_the_handle_and_no_answer_counts_for_less"),
        (NobodysHandle, "test_who_stands_alone_is_known_by_the_handle_and_no_answer_counts_for_less"),
    ],
)
def test_the_kit_finds_what_is_broken(broken, test, caplog):
    given = {
        "method": broken(),
        "device": Owner,
        "clock": FrozenClock(datetime(2026, 11, 2, 14, tzinfo=UTC)),
        "caplog": caplog,
        "text": "\ud800",
    }
    test = getattr(SecondFactorConformance(), test)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    with pytest.raises((AssertionError, RuntimeError, ValueError)):
        test(**{name: given[name] for name in wanted})


@pytest.mark.parametrize("fixture", ["method", "device"])
def test_a_fixture_that_was_not_overridden_says_what_to_do(fixture):
    kit = SecondFactorConformance()
    given = [kit] if fixture == "method" else [kit, None]
    with pytest.raises(NotImplementedError, match=f"override the fixture `{fixture}`"):
        getattr(SecondFactorConformance, fixture).__wrapped__(*given)
