"""Totp: the second factor that authenticator apps show, a code of six digits every 30 seconds.

Decides what such a code is and when it counts (RFC 6238, computed by `cryptography`): HMAC-SHA-1, six
digits and 30 seconds, because that is what every app reads; 160 secret bits. Invariants: a code counts in
its own step and in the one before and after, for clocks that differ and people who type (RFC 6238 §5.2);
once a step was accepted, neither it nor an earlier one ever is again (NIST SP 800-63B-4 §3.1.4.2).
"""

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, Fault, InvariantError
from dcss_core.users.second_factor.method import FactorGiven, FactorKey, FactorOwner, NewFactor

_SECRET_BYTES: Final = 20  # 160 bits, the recommended length (RFC 4226 §4)
_DIGITS: Final = 6
_STEP_SECONDS: Final = 30
_DRIFT: Final = (-1, 0, 1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CODE: Final = re.compile(rf"[0-9]{{{_DIGITS}}}")
_LONGEST_TYPED: Final = 20
_GROUP: Final = 4


@attrs.frozen
class Totp:
    """Time-based one-time passwords; a `SecondFactorMethod` whose state is the last step accepted."""

    def begin(self, random: bytes, *, owner: FactorOwner, enrolled: Sequence[FactorKey]) -> NewFactor:
        """A new secret, to be shown as a QR code (an `otpauth:` URI) or typed in groups of four.

        Raises InvariantError for fewer than 20 random bytes.
        """
        if len(random) < _SECRET_BYTES:
            raise InvariantError(f"a TOTP secret is made from {_SECRET_BYTES} bytes, not {len(random)}")
        key = random[:_SECRET_BYTES]
        base32 = base64.b32encode(key).decode()
        uri = _totp(key).get_provisioning_uri(owner.account_name, owner.issuer)
        return NewFactor(
            secret=Secret(base32),
            # some apps show a plus where it stands for a blank; nothing else in the URI is a plus
            shown=Secret(uri.replace("+", "%20")),
            typed=Secret(" ".join(base32[at : at + _GROUP] for at in range(0, len(base32), _GROUP))),
        )

    def confirm(self, secret: Secret, answer: Secret, *, now: datetime) -> FactorKey | None:
        """The secret with the step of the code, so that this code signs nobody in; None when it is wrong."""
        step = _step(FactorKey(secret), answer, now)
        return None if step is None else FactorKey(secret, str(step))

    def ask(self, enrolled: Sequence[FactorKey], *, challenge: str) -> None:
        """Nothing: the code is read off the app."""

    def check(
        self, enrolled: Sequence[FactorKey], answer: Secret, *, challenge: str, now: datetime
    ) -> FactorGiven | None:
        """Whose code it is, with its step as the next state. It answers no challenge."""
        steps = [_step(key, answer, now) for key in enrolled]
        return next(
            (FactorGiven(place, str(step)) for place, step in enumerate(steps) if step is not None), None
        )


def totp_of(url: str) -> Totp:
    """The method of the URL `totp:`; raises ConfigurationError for a URL that says more."""
    if url.lower() != "totp:":
        fault = Fault("second factor URL", "something after 'totp:'", "'totp:' alone: there is no choice")
        raise ConfigurationError("codes of an authenticator app are always the same", faults=[fault])
    return Totp()


def _step(key: FactorKey, code: Secret, now: datetime) -> int | None:
    """The last step whose code this is, and that comes after the one that is remembered."""
    digits = _digits(code)
    if digits is None:
        return None
    totp = _totp(base64.b32decode(key.secret.reveal()))
    present = (now - _EPOCH) // timedelta(seconds=_STEP_SECONDS)
    last = -1 if key.state is None else int(key.state)
    steps = [present + drift for drift in _DRIFT if _is_code(totp, present + drift, digits)]
    return max((step for step in steps if step > last), default=None)


def _totp(key: bytes) -> TOTP:
    return TOTP(key, _DIGITS, SHA1(), _STEP_SECONDS)


def _digits(code: Secret) -> bytes | None:
    typed = code.reveal()
    plain = "".join(typed.split()) if len(typed) <= _LONGEST_TYPED else ""
    return plain.encode() if _CODE.fullmatch(plain) else None


def _is_code(totp: TOTP, step: int, digits: bytes) -> bool:
    try:
        totp.verify(digits, step * _STEP_SECONDS)  # compares in constant time
    except InvalidToken:
        return False
    return True
