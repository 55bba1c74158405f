"""Totp: the second factor that authenticator apps show, a code of six digits every 30 seconds.

Decides what such a code is and when it counts (RFC 6238, computed by `cryptography`): HMAC-SHA-1, six
digits and 30 seconds, because that is what every app reads; 160 secret bits. Invariants: a code counts in
its own step and in the one before and after, for clocks that differ and people who type (RFC 6238 §5.2);
once a step was accepted, neither it nor an earlier one ever is again (NIST SP 800-63B-4 §3.1.4.2).
"""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

import attrs
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError
from dcss_core.users.second_factor.method import NewFactor

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

    key: ClassVar[str] = "totp"

    def begin(self, random: bytes, *, issuer: str, account_name: str) -> NewFactor:
        """A new secret, to be shown as a QR code (an `otpauth:` URI) or typed in groups of four.

        Raises InvariantError for fewer than 20 random bytes.
        """
        if len(random) < _SECRET_BYTES:
            raise InvariantError(f"a TOTP secret is made from {_SECRET_BYTES} bytes, not {len(random)}")
        key = random[:_SECRET_BYTES]
        base32 = base64.b32encode(key).decode()
        uri = _totp(key).get_provisioning_uri(account_name, issuer)
        return NewFactor(
            secret=Secret(base32),
            # some apps show a plus where it stands for a blank; nothing else in the URI is a plus
            shown=Secret(uri.replace("+", "%20")),
            typed=Secret(" ".join(base32[at : at + _GROUP] for at in range(0, len(base32), _GROUP))),
        )

    def check(
        self, secret: Secret, code: Secret, *, state: str | None, challenge: str, now: datetime
    ) -> str | None:
        """The step of the code, as the next state; None when it doesn't count. It answers no challenge."""
        digits = _digits(code)
        if digits is None:
            return None
        totp = _totp(base64.b32decode(secret.reveal()))
        present = (now - _EPOCH) // timedelta(seconds=_STEP_SECONDS)
        last = -1 if state is None else int(state)
        steps = [present + drift for drift in _DRIFT if _is_code(totp, present + drift, digits)]
        fresh = [step for step in steps if step > last]
        return str(max(fresh)) if fresh else None


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
