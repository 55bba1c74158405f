"""The breach check kit passes a sound check and fails every broken one."""

import hashlib
import logging
import threading
import time

import attrs
import pytest

from dcss_core.ports.breach_check import BreachCheckUnavailable, SeenInBreaches
from dcss_core.testing.kits.breach_check_conformance import BreachCheckConformance

KNOWN = "trustno1"


@attrs.define
class PileOfHashes:
    """A sound check: whoever has the pile is told five digits of a hash and hands back what begins so."""

    pile: list[str] = attrs.field(factory=lambda: [hashed(KNOWN)], repr=False)
    sent: list[bytes] = attrs.field(factory=list, repr=False)

    def look_up(self, password):
        wanted = hashed(self.text_of(password))
        self.sent.append(self.asked_for(password, wanted))
        return SeenInBreaches(self.pile.count(wanted))

    def text_of(self, password):
        return password.reveal()

    def asked_for(self, password, wanted):
        return wanted[:5].encode()

    def close(self):
        self.sent = []


class NoPile(PileOfHashes):
    """A sound check that gets no answer."""

    def look_up(self, password):
        return BreachCheckUnavailable("unreachable")


def hashed(text):
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


class TestASoundCheck(BreachCheckConformance):
    @pytest.fixture
    def breach_check(self):
        return PileOfHashes()

    @pytest.fixture
    def unavailable(self):
        return NoPile()

    @pytest.fixture
    def sent(self, breach_check):
        return lambda: b" ".join(breach_check.sent)


class KnowsNothing(PileOfHashes):
    def look_up(self, password):
        return SeenInBreaches(0)


class KnowsEverything(PileOfHashes):
    def look_up(self, password):
        return SeenInBreaches(1)


class CountsItsQuestions(PileOfHashes):
    def look_up(self, password):
        found = super().look_up(password)
        return SeenInBreaches(found.times * len(self.sent))


class NothingFoundIsNoAnswer(PileOfHashes):
    def look_up(self, password):
        found = super().look_up(password)
        return found if found.times else BreachCheckUnavailable("not_found")


class AnyCase(PileOfHashes):
    def text_of(self, password):
        return password.reveal().lower()


class Strips(PileOfHashes):
    def text_of(self, password):
        return password.reveal().strip()


class StrictAboutText(PileOfHashes):
    def look_up(self, password):
        password.reveal().encode()
        return super().look_up(password)


class TakesLongOnesForNone(PileOfHashes):
    def look_up(self, password):
        return None if len(password.reveal()) > 1000 else super().look_up(password)


class SendsThePassword(PileOfHashes):
    def asked_for(self, password, wanted):
        return password.reveal().upper().encode("utf-8", "replace")


class SendsTheHash(PileOfHashes):
    def asked_for(self, password, wanted):
        return wanted.upper().encode()


class SendsAnotherHash(PileOfHashes):
    def asked_for(self, password, wanted):
        return hashlib.sha256(password.reveal().encode("utf-8", "replace")).digest()


class Chatty(PileOfHashes):
    def look_up(self, password):
        logging.getLogger("chatty").debug("looking for %s", hashed(password.reveal()))
        return super().look_up(password)


@attrs.define
class RemembersAloud(PileOfHashes):
    last: str = ""

    def look_up(self, password):
        self.last = password.reveal()
        return super().look_up(password)


@attrs.define
class OneQuestionAtATime(PileOfHashes):
    question: str = attrs.field(default="", repr=False)

    def look_up(self, password):
        self.question = password.reveal()
        time.sleep(0.001)  # another thread asks meanwhile
        return SeenInBreaches(self.pile.count(hashed(self.question)))


@attrs.define
class OwnedByAThread(PileOfHashes):
    owner: int = attrs.field(factory=threading.get_ident, repr=False)

    def look_up(self, password):
        if threading.get_ident() != self.owner:
            raise RuntimeError("another thread")
        return super().look_up(password)


class ClosesOnce(PileOfHashes):
    closed = False

    def close(self):
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True


class NoAnswerIsNotSeen(NoPile):
    def look_up(self, password):
        return SeenInBreaches(0)


class RaisesWithoutAnAnswer(NoPile):
    def look_up(self, password):
        raise ConnectionError


class SaysMuch(NoPile):
    def look_up(self, password):
        return BreachCheckUnavailable(f"no answer for {password.reveal()}")


class RepeatsWhatItWasAsked(NoPile):
    def look_up(self, password):
        return BreachCheckUnavailable(password.reveal())


@pytest.mark.parametrize(
    ("broken", "test", "arguments"),
    [
        (KnowsNothing, "test_a_breached_password_was_seen", {}),
        (CountsItsQuestions, "test_a_breached_password_was_seen", {}),
        (KnowsEverything, "test_another_password_was_not_seen", {}),
        (NothingFoundIsNoAnswer, "test_another_password_was_not_seen", {}),
        (AnyCase, "test_a_password_is_looked_up_as_it_was_typed", {"change": str.swapcase}),
        (Strips, "test_a_password_is_looked_up_as_it_was_typed", {"change": "{} ".format}),
        (Strips, "test_a_password_is_looked_up_as_it_was_typed", {"change": "{}\n".format}),
        (StrictAboutText, "test_any_text_is_answered_with_a_value", {"text": "\ud800"}),
        (TakesLongOnesForNone, "test_any_text_is_answered_with_a_value", {"text": "long " * 2_000}),
        (SendsThePassword, "test_neither_a_password_nor_a_whole_hash_of_it_leaves", {}),
        (SendsTheHash, "test_neither_a_password_nor_a_whole_hash_of_it_leaves", {}),
        (SendsAnotherHash, "test_neither_a_password_nor_a_whole_hash_of_it_leaves", {}),
        (Chatty, "test_neither_a_password_nor_its_hash_shows_in_a_repr_an_answer_or_a_log", {}),
        (RemembersAloud, "test_neither_a_password_nor_its_hash_shows_in_a_repr_an_answer_or_a_log", {}),
        (OneQuestionAtATime, "test_several_threads_get_the_answers_to_their_own_questions", {}),
        (OwnedByAThread, "test_several_threads_get_the_answers_to_their_own_questions", {}),
        (ClosesOnce, "test_closing_twice_does_nothing", {}),
        (NoAnswerIsNotSeen, "test_without_an_answer_nobody_is_told_that_it_was_not_seen", {}),
        (RaisesWithoutAnAnswer, "test_without_an_answer_nobody_is_told_that_it_was_not_seen", {}),
        (SaysMuch, "test_without_an_answer_nobody_is_told_that_it_was_not_seen", {}),
        (RepeatsWhatItWasAsked, "test_without_an_answer_nobody_is_told_that_it_was_not_seen", {}),
        (SaysMuch, "test_neither_a_password_nor_its_hash_shows_in_a_repr_an_answer_or_a_log", {}),
    ],
)
def test_the_kit_finds_what_is_broken(broken, test, arguments, caplog):
    check = PileOfHashes() if issubclass(broken, NoPile) else broken()
    unavailable = broken() if issubclass(broken, NoPile) else NoPile()
    given = {
        "breach_check": check,
        "unavailable": unavailable,
        "sent": lambda: b" ".join(check.sent),
        "caplog": caplog,
        **arguments,
    }
    test = getattr(BreachCheckConformance(), test)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    with pytest.raises((AssertionError, ConnectionError, UnicodeError, RuntimeError)):
        test(**{name: given[name] for name in wanted})


@pytest.mark.parametrize("fixture", ["breach_check", "unavailable", "sent"])
def test_a_fixture_that_was_not_overridden_says_what_to_do(fixture):
    with pytest.raises(NotImplementedError, match=f"override the fixture `{fixture}`"):
        getattr(BreachCheckConformance, fixture).__wrapped__(BreachCheckConformance())
