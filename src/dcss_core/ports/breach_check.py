"""BreachCheck: whether a password is known from somebody else's breach.

Decides what the core asks of a list of breached passwords. Invariants: the password leaves neither
the machine nor the `Secret` whole; every foreseeable failure is a value, because whether a password is
taken without an answer is a rule of the jurisdiction and not of the checker.
"""

from typing import Protocol, TypeAlias

import attrs

from dcss_core.base.secret import Secret


@attrs.frozen
class SeenInBreaches:
    """The list answered: how often the password stands in it, 0 when it does not."""

    times: int


@attrs.frozen
class BreachCheckUnavailable:
    """The list did not answer; `reason` is one of a few words for the audit log, never what was sent."""

    reason: str


BreachAnswer: TypeAlias = SeenInBreaches | BreachCheckUnavailable


class BreachCheck(Protocol):
    """Looks a password up among breached ones. Safe to use from several threads."""

    def look_up(self, password: Secret) -> BreachAnswer:
        """How often the password was seen; raises nothing a network can cause."""
        ...

    def close(self) -> None:
        """Release every resource; closing twice does nothing."""
        ...
