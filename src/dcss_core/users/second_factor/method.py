"""Method: a way to show a second factor, which a plugin offers and an agency is opened with.

Decides nothing; it says what a method has to answer. Invariants: what a method makes for an account is kept
for it sealed, and nothing else is; a method is shown what it made itself, and nothing of another one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol, TypeAlias

import attrs

from dcss_core.base.secret import Secret

NEW_FACTOR_BYTES: Final = 32
LONGEST_ANSWER: Final = 65_536
"""Characters. A longer answer is refused before a method sees it; that of a passkey has some thousand."""


@attrs.frozen
class FactorOwner:
    """Whom a factor is made for.

    `issuer` is the agency's name and `account_name` the user ID, both to be shown. `handle` is 43 random
    characters that name the account to a device, the same for each factor of it.
    """

    issuer: str
    account_name: str
    handle: str


@attrs.frozen
class NewFactor:
    """A factor to be set up: the secret to keep, and what the owner is shown, once.

    `shown` is meant for a QR code or for the browser; `typed` is the same for whoever can't scan, None
    where nothing can be typed.
    """

    secret: Secret
    shown: Secret
    typed: Secret | None = None


@attrs.frozen
class FactorKey:
    """What a factor is checked with: its secret, and what is remembered of it, up to 1,000 characters."""

    secret: Secret
    state: str | None = None


@attrs.frozen
class FactorGiven:
    """The answer counts: which of the factors gave it, from 0, and what to remember of that one."""

    place: int
    state: str


@attrs.frozen
class FactorCopied:
    """The answer is that of a factor, from 0, but it counts no further: there may be a copy of the device."""

    place: int


FactorVerdict: TypeAlias = FactorGiven | FactorCopied | None


class SecondFactorMethod(Protocol):
    """A way to show a second factor. It decides and does nothing: no I/O, no clock, safe in any thread.

    An answer may be any text at all of up to 65,536 characters, that of another method too. What does not
    count is None and never an exception.
    """

    def begin(self, random: bytes, *, owner: FactorOwner, enrolled: Sequence[FactorKey]) -> NewFactor:
        """Make a factor from 32 fresh random bytes, for somebody who has others of this method already."""
        ...

    def confirm(self, secret: Secret, answer: Secret, *, now: datetime) -> FactorKey | None:
        """What to keep, when the answer shows that the owner has the factor that began with this secret."""
        ...

    def ask(self, enrolled: Sequence[FactorKey], *, challenge: str) -> Secret | None:
        """What the browser needs to answer with one of these factors; None where a code is typed."""
        ...

    def check(
        self, enrolled: Sequence[FactorKey], answer: Secret, *, challenge: str, now: datetime
    ) -> FactorVerdict:
        """Whether the answer is that of one of these factors; None when it does not count.

        `challenge` is the same text as in `ask`: nobody can guess it, and it takes one right answer at most.
        What was accepted must not count again at another one, with the state that `FactorGiven` gives.
        """
        ...


class LoneFactorMethod(SecondFactorMethod, Protocol):
    """A method that can stand alone, without user ID and password.

    Each of its factors verifies its owner itself, as by a fingerprint or a PIN (NIST SP 800-63B-4 §3.1.6).
    """

    def ask_anybody(self, *, challenge: str) -> Secret:
        """What the browser needs of somebody who has not said who they are."""
        ...

    def handle_in(self, answer: Secret) -> str | None:
        """The handle of the account that the answer says it is of; nothing of it is verified yet."""
        ...

    def check_alone(
        self, enrolled: Sequence[FactorKey], answer: Secret, *, challenge: str, now: datetime
    ) -> FactorVerdict:
        """As `check`, for an answer by which the device has verified its owner; None for any other."""
        ...
