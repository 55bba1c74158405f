"""BreachCheckConformance: the tests every breach check passes.

A breach check's whole test file:

    from dcss_core.testing import BreachCheckConformance

    class TestMyCheck(BreachCheckConformance):
        @pytest.fixture
        def breach_check(self, far_side):
            return MyCheck(far_side.url)

        @pytest.fixture
        def unavailable(self, closed_port):
            return MyCheck(f"mine://127.0.0.1:{closed_port}")

        @pytest.fixture
        def sent(self, far_side):
            return lambda: far_side.bytes_it_got

A check over a network shows besides that it ends in time, whatever the far side does:

        def breach_check_to(self, port):
            return MyCheck(f"mine://127.0.0.1:{port}")

Decides what a breach check owes whoever chooses a password: an answer to any text, a value for every
failure, never "not seen" for want of an answer, and nothing of the password outside.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, TypeAlias

import pytest

from dcss_core.base.secret import Secret
from dcss_core.ports.breach_check import BreachAnswer, BreachCheck, BreachCheckUnavailable, SeenInBreaches
from dcss_core.testing.scripted.dripping_server import DrippingServer

Sent: TypeAlias = Callable[[], bytes]

_HASHES = ("sha1", "sha256", "sha512")
_REASON = re.compile(r"[a-z_]{1,40}", re.ASCII)


class BreachCheckConformance:
    """Subclass it and override the fixtures `breach_check`, `unavailable` and `sent`."""

    breached_password: ClassVar[str] = "trustno1"
    """A password that stands in the list behind `breach_check`."""
    unbreached_password: ClassVar[str] = "walrus under a quiet harbour lamp"
    """One that does not."""

    longest_look_up_seconds: ClassVar[int] = 10
    """How long a look-up may take at most: somebody waits for it."""

    def breach_check_to(self, port: int) -> BreachCheck | None:
        """A check whose list is a port of this machine; None for a check that asks nobody."""
        return None

    @pytest.fixture
    def breach_check(self) -> BreachCheck:
        """A check whose list is there and holds `breached_password`."""
        raise NotImplementedError("override the fixture `breach_check`: a check whose list is there")

    @pytest.fixture
    def unavailable(self) -> BreachCheck:
        """A check whose list can't be asked."""
        raise NotImplementedError("override the fixture `unavailable`: a check whose list can't be asked")

    @pytest.fixture
    def sent(self) -> Sent:
        """A function that gives every byte that left the process, `lambda: b""` for a list at hand."""
        raise NotImplementedError("override the fixture `sent`: a function that gives every byte that left")

    def test_a_breached_password_was_seen(self, breach_check: BreachCheck) -> None:
        """It is counted, and the same at every look-up."""
        first, second = (breach_check.look_up(Secret(self.breached_password)) for _attempt in range(2))
        assert isinstance(first, SeenInBreaches)
        assert first.times >= 1
        assert first == second

    def test_another_password_was_not_seen(self, breach_check: BreachCheck) -> None:
        """That is an answer as well, and not the lack of one."""
        assert breach_check.look_up(Secret(self.unbreached_password)) == SeenInBreaches(times=0)

    def test_a_far_side_that_says_a_byte_again_and_again_is_given_up(self) -> None:
        """A deadline holds for a whole look-up, or one far side holds up every registration."""
        with DrippingServer() as far_side:
            check = self.breach_check_to(far_side.port)
            if check is None:
                pytest.skip("this check asks nobody")
            answer = far_side.answered(
                lambda: check.look_up(Secret(self.breached_password)),
                within_seconds=self.longest_look_up_seconds,
            )
            check.close()
        assert isinstance(answer, BreachCheckUnavailable)

    @pytest.mark.parametrize("change", [str.swapcase, "{} ".format, " {}".format, "{}\n".format])
    def test_a_password_is_looked_up_as_it_was_typed(
        self, breach_check: BreachCheck, change: Callable[[str], str]
    ) -> None:
        """Another case or a blank makes another password; no line break ends it."""
        as_typed = breach_check.look_up(Secret(change(self.unbreached_password)))
        assert as_typed == SeenInBreaches(times=0)
        changed = breach_check.look_up(Secret(change(self.breached_password)))
        assert changed != breach_check.look_up(Secret(self.breached_password))

    @pytest.mark.parametrize(
        "text",
        ["", "\0", "\r\nHost: elsewhere", "пароль 密码 😀", "half a character \ud800", "long " * 2_000],
        ids=["empty", "NUL", "line break", "letters of the world", "no Unicode", "long"],
    )
    def test_any_text_is_answered_with_a_value(self, breach_check: BreachCheck, text: str) -> None:
        """What people type is no exception."""
        assert isinstance(breach_check.look_up(Secret(text)), SeenInBreaches | BreachCheckUnavailable)

    def test_without_an_answer_nobody_is_told_that_it_was_not_seen(self, unavailable: BreachCheck) -> None:
        """A failure is a value, with a word for a reason that may stand in an audit log."""
        for password in (self.breached_password, self.unbreached_password):
            answer = unavailable.look_up(Secret(password))
            assert isinstance(answer, BreachCheckUnavailable)
            assert _REASON.fullmatch(answer.reason)
            assert password not in answer.reason

    def test_neither_a_password_nor_a_whole_hash_of_it_leaves(
        self, breach_check: BreachCheck, sent: Sent
    ) -> None:
        """Whoever keeps the list must not learn what was asked about."""
        for password in (self.breached_password, self.unbreached_password):
            breach_check.look_up(Secret(password))
            assert traces_of(password, sent()) == []

    def test_neither_a_password_nor_its_hash_shows_in_a_repr_an_answer_or_a_log(
        self, breach_check: BreachCheck, unavailable: BreachCheck, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What operators see holds nothing of it."""
        with caplog.at_level(logging.DEBUG):
            answers = [each.look_up(Secret(self.unbreached_password)) for each in (breach_check, unavailable)]
        logged = [record.getMessage() for record in caplog.records]
        shown = f"{breach_check!r} {breach_check} {unavailable!r} {unavailable} {answers} {logged}".encode()
        assert traces_of(self.unbreached_password, shown) == []

    def test_several_threads_get_the_answers_to_their_own_questions(self, breach_check: BreachCheck) -> None:
        """A portal serves many people at once."""

        def was_seen(number: int) -> bool:
            password = self.breached_password if number % 2 else self.unbreached_password
            answer: BreachAnswer = breach_check.look_up(Secret(password))
            return answer != SeenInBreaches(times=0)

        with ThreadPoolExecutor(max_workers=4) as threads:
            assert list(threads.map(was_seen, range(16))) == [False, True] * 8

    def test_closing_twice_does_nothing(self, breach_check: BreachCheck, unavailable: BreachCheck) -> None:
        """An agency that is closed twice closes its breach check twice."""
        for check in (breach_check, unavailable):
            check.look_up(Secret(self.unbreached_password))
            check.close()
            check.close()


def traces_of(password: str, text: bytes) -> list[bytes]:
    """What stands in a text and gives a password away, in whatever case."""
    return [trace for trace in _traces(password.encode()) if trace.lower() in text.lower()]


def _traces(text: bytes) -> list[bytes]:
    digests = [hashlib.new(name, text, usedforsecurity=False).digest() for name in _HASHES]
    return [text, *digests, *(digest.hex().encode() for digest in digests), *map(base64.b64encode, digests)]
