"""Signature: whether the gateway itself sent a callback, and lately.

Decides by an HMAC-SHA256 over what the file says (RFC 2104, FIPS 180-4). Invariants: each header that
counts is there once; the comparison takes the same time wherever two signatures differ; a timestamp too
far from now, before or after, is refused, and it is part of what is signed.
"""

import binascii
import hmac
import re
from base64 import b64decode
from datetime import datetime
from typing import Final, Self

import attrs

from dcss_core import Secret
from dcss_core_sms_http.file.environment import secret_named
from dcss_core_sms_http.file.table import Table

_ENCODINGS: Final = ("hex", "base64")
_DEFAULT_TOLERANCE_SECONDS: Final = 300
_LONGEST_TOLERANCE_SECONDS: Final = 86_400
_SHORTEST_KEY: Final = 16  # characters
_SIGNED: Final = re.compile(r"(?:\{timestamp\}[^{}]{0,9})?(?:\{url\}[^{}]{0,9})?\{body\}")
_SIGNED_EXPECTED: Final = (
    "'{body}' last, and before it '{timestamp}', '{url}' or both, as '{timestamp}.{body}'"
)
_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


@attrs.frozen
class Signature:
    """How one gateway signs what it posts."""

    header: str
    encoding: str
    prefix: str
    signed: str
    timestamp_header: str
    tolerance_seconds: int
    key: Secret

    @classmethod
    def read(cls, table: Table) -> Self:
        """Read `[callback.signature]`; what is wrong is noted."""
        signature = cls(
            header=table.text("header").lower(),
            encoding=table.choice("encoding", _ENCODINGS),
            prefix=table.text("prefix", ""),
            signed=table.text("signed"),
            timestamp_header=table.text("timestamp_header", "").lower(),
            tolerance_seconds=table.number(
                "tolerance_seconds",
                _DEFAULT_TOLERANCE_SECONDS,
                smallest=1,
                largest=_LONGEST_TOLERANCE_SECONDS,
            ),
            key=secret_named(table, "key"),
        )
        table.ended()
        if not signature.signed:
            return signature  # which is a fault already
        if not _SIGNED.fullmatch(signature.signed):
            table.fault("signed", "another text", _SIGNED_EXPECTED)
        elif ("{timestamp}" in signature.signed) != bool(signature.timestamp_header):
            table.fault(
                "timestamp_header",
                "it without '{timestamp}' in 'signed', or that without it",
                "both or neither",
            )
        if not signature.timestamp_header and "tolerance_seconds" in table:
            table.fault("tolerance_seconds", "no timestamp that it is about", "'{timestamp}' in 'signed'")
        if signature.key and len(signature.key.reveal()) < _SHORTEST_KEY:
            table.fault("key", "a key that can be guessed", f"one of {_SHORTEST_KEY} characters or more")
        return signature

    def holds(self, headers: list[tuple[str, str]], body: bytes, url: str, now: datetime) -> bool:
        """Whether the callback bears the gateway's signature of these bytes, made about now."""
        given = _only(headers, self.header)
        sent_at = _only(headers, self.timestamp_header) if self.timestamp_header else "0"
        if given is None or sent_at is None or not _SECONDS.fullmatch(sent_at):
            return False
        before = self.signed.removesuffix("{body}").replace("{timestamp}", sent_at).replace("{url}", url)
        wanted = hmac.digest(
            self.key.reveal().encode(), before.encode("utf-8", "surrogatepass") + body, "sha256"
        )
        is_genuine = hmac.compare_digest(self._decoded(given), wanted)
        is_late = self.timestamp_header and abs(now.timestamp() - int(sent_at)) > self.tolerance_seconds
        return is_genuine and not is_late

    def _decoded(self, given: str) -> bytes:
        """The bytes of a signature; none where it has not the form that it ought to have."""
        if not given.startswith(self.prefix):
            return b""
        written = given.removeprefix(self.prefix)
        try:
            return bytes.fromhex(written) if self.encoding == "hex" else b64decode(written, validate=True)
        except (ValueError, binascii.Error):
            return b""


def _only(headers: list[tuple[str, str]], name: str) -> str | None:
    values = [value for key, value in headers if key.lower() == name]
    return values[0] if len(values) == 1 else None
