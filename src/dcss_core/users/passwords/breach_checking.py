"""BreachChecking: what the answer of a list of breached passwords means.

Decides from the count the list gave. Invariant: without an answer a password is refused only where the
jurisdiction says so, because else a list that is down keeps everybody from choosing a password.
"""

from enum import Enum

from dcss_core.users.passwords.password import PasswordFault, PasswordViolation


class BreachChecking(Enum):
    """Whether a list of breached passwords is asked, and what holds when it does not answer."""

    OFF = "off"
    FAIL_OPEN = "fail_open"
    FAIL_CLOSED = "fail_closed"

    def violation(self, count: int | None, *, most: int) -> PasswordViolation | None:
        """The reason against a password seen `count` times; None is no answer, `most` is still accepted."""
        if self is BreachChecking.OFF:
            return None
        if count is None:
            return _UNAVAILABLE if self is BreachChecking.FAIL_CLOSED else None
        if count <= most:
            return None
        sentence = "This password became known when another site was broken into; choose a new one."
        return PasswordViolation(PasswordFault.BREACHED, sentence, (("times", count),))


_UNAVAILABLE = PasswordViolation(
    PasswordFault.BREACH_CHECK_UNAVAILABLE,
    "No password can be checked at the moment; try again in a few minutes.",
)
