"""Method: a way to show a second factor, which an agency is opened with.

Decides nothing; it says what a method has to answer. Invariant: what a method makes for an account is kept
for it, and nothing else is.
"""

from datetime import datetime
from typing import Final, Protocol

import attrs

from dcss_core.base.secret import Secret

NEW_FACTOR_BYTES: Final = 32


@attrs.frozen
class NewFactor:
    """A factor to be set up: the secret to keep, and what the owner is shown, once.

    `shown` is meant for a QR code or for the browser; `typed` is the same for whoever can't scan, None
    where nothing can be typed.
    """

    secret: Secret
    shown: Secret
    typed: Secret | None = None


class SecondFactorMethod(Protocol):
    """A way to show a second factor. It decides and does nothing: no I/O, no clock, safe in any thread."""

    @property
    def key(self) -> str:
        """The name that is kept beside what was made for the method, as `totp`."""
        ...

    def begin(self, random: bytes, *, issuer: str, account_name: str) -> NewFactor:
        """Make a factor for an account from 32 fresh random bytes; `issuer` is the agency's name."""
        ...

    def check(
        self, secret: Secret, code: Secret, *, state: str | None, challenge: str, now: datetime
    ) -> str | None:
        """Whether the code counts: what to remember for the next time, or None when it does not.

        `state` is what was remembered the last time, None before the first. `challenge` is the id of the
        session in which the code is given, for a method whose codes answer something: nobody can guess
        it, and a session takes one right code at most. A code may be any text at all, of any length.
        """
        ...
