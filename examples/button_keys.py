"""Keys with a button that show a code at each press (HOTP, RFC 4226), for whoever has no telephone.

The help desk programs a key with what is shown at its set-up, and its owner types the first code. An agency
is opened with it as `second_factors=["totp:", "hotp:"]`, or `"hotp:?look_ahead=20"`.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha1

from dcss_core import Secret, errors
from dcss_core.plugins import (
    FactorGiven,
    FactorKey,
    FactorOwner,
    NewFactor,
    SecondFactorKind,
    SecondFactorMethod,
    UrlOptions,
    hookimpl,
)


class ButtonKeys:
    """Codes that count presses. The state is the next count; presses in a pocket lock nobody out."""

    def __init__(self, look_ahead: int) -> None:
        self._look_ahead = look_ahead  # RFC 4226, 7.4

    def begin(self, random: bytes, *, owner: FactorOwner, enrolled: Sequence[FactorKey]) -> NewFactor:
        """Show what the key is programmed with: 160 bits."""
        return NewFactor(secret=Secret(random[:20].hex()), shown=Secret(random[:20].hex()))

    def confirm(self, secret: Secret, answer: Secret, *, now: datetime) -> FactorKey | None:
        """One of its first codes shows that it was programmed right."""
        given = self.check([FactorKey(secret, "0")], answer, challenge="", now=now)
        return FactorKey(secret, given.state) if given else None

    def ask(self, enrolled: Sequence[FactorKey], *, challenge: str) -> None:
        """Nothing: the code is read off the key."""

    def check(
        self, enrolled: Sequence[FactorKey], answer: Secret, *, challenge: str, now: datetime
    ) -> FactorGiven | None:
        """Whose next code it is, or which one soon after it."""
        typed = answer.reveal().strip()
        if not (len(typed) == 6 and typed.isascii() and typed.isdecimal()):
            return None
        for place, key in enumerate(enrolled):
            for count in range(int(key.state or 0), int(key.state or 0) + self._look_ahead):
                if hmac.compare_digest(code_of(key.secret, count), typed):
                    return FactorGiven(place, state=str(count + 1))
        return None


def code_of(secret: Secret, count: int) -> str:
    """The code of a count (RFC 4226, 5.3)."""
    digest = hmac.digest(bytes.fromhex(secret.reveal()), count.to_bytes(8, "big"), sha1)
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def button_keys(url: str) -> SecondFactorMethod:
    """The method of a URL; raises ConfigurationError with every fault."""
    options = UrlOptions.read(url.partition("?")[2], known=["look_ahead"])
    faults = [*options.faults, *options.faults_of_number("look_ahead", largest=100)]
    if faults:
        raise errors.ConfigurationError("keys with a button can't be used like this", faults=faults)
    return ButtonKeys(options.number("look_ahead", default=10))


@hookimpl
def dcss_second_factors() -> list[SecondFactorKind]:
    """Offer it."""
    return [SecondFactorKind("hotp", "Keys with a button (RFC 4226)", factory=button_keys)]
