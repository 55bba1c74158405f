"""SoftwareAuthenticator: a browser and a security key in one, for the tests of a portal.

Decides what a device answers (W3C Web Authentication Level 3, §6), written from the standard with
`cryptography` alone. Invariants: it answers as a well-behaved browser and device do, until a test changes one
of its attributes; a key never leaves it.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias

import attrs
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key as generate_ec,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key as generate_rsa
from cryptography.hazmat.primitives.hashes import SHA256

from dcss_core.base.secret import Secret
from dcss_core.errors import ConflictError

PasskeyAlgorithm: TypeAlias = Literal["ES256", "EdDSA", "RS256"]
_Key: TypeAlias = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey
_NUMBERS: Final[Mapping[PasskeyAlgorithm, int]] = {
    "ES256": -7,
    "EdDSA": -8,
    "RS256": -257,
}  # RFC 9053, RFC 8812
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40  # §6.1
_NO_AAGUID: Final = bytes(16)


@attrs.define
class _Credential:
    credential_id: bytes
    rp_id: str
    handle: str
    key: _Key


@attrs.define(eq=False)
class SoftwareAuthenticator:
    """Makes credentials, and answers with them, as the page at `origin` would hand the answers on.

    A test changes what it is to do otherwise: `origin`; `rp_id` for another one than it is asked for;
    `is_present` and `verifies_user`; `counter`, which goes up by `counts_by` at each answer, where 0 means
    that it does not count.
    """

    origin: str
    algorithm: PasskeyAlgorithm = "ES256"
    rp_id: str | None = None
    is_present: bool = True
    verifies_user: bool = True
    counts_by: int = 1
    counter: int = 0
    is_in_a_frame: bool = False
    _credentials: list[_Credential] = attrs.field(factory=list, init=False, repr=False)

    def create(self, options: Secret) -> Secret:
        """Make a credential: what `navigator.credentials.create()` answers, as JSON.

        `options` are what `second_factors.begin` shows. Raises ConflictError where it has one already.
        """
        asked = json.loads(options.reveal())
        if self._held({each["id"] for each in asked.get("excludeCredentials", ())}):
            raise ConflictError("this authenticator has a passkey of this account already")
        key, rp_id = _made(self.algorithm), asked["rp"]["id"]
        number = len(self._credentials) + 1
        credential_id = sha256(f"{number}".encode() + _public(key)).digest()
        handle = asked["user"]["id"]
        self._credentials.append(_Credential(credential_id, rp_id, handle, key))
        attested = _NO_AAGUID + len(credential_id).to_bytes(2, "big") + credential_id + _public(key)
        device = self._device_data(rp_id, _ATTESTED, attested)
        attestation = _cbor({"fmt": "none", "attStmt": {}, "authData": device})
        client = self._client_data("webauthn.create", asked["challenge"])
        return _answer(credential_id, {"clientDataJSON": client, "attestationObject": attestation})

    def get(self, options: Secret) -> Secret:
        """Answer a challenge: what `navigator.credentials.get()` answers, as JSON.

        `options` are what `second_factors.ask` shows. Raises ConflictError where it has no credential that
        was asked for.
        """
        asked = json.loads(options.reveal())
        wanted = asked.get("allowCredentials", ())
        found = self._held({each["id"] for each in wanted}) if wanted else self._of(asked["rpId"])
        if not found:
            raise ConflictError("this authenticator has no passkey that was asked for")
        credential = found[-1]
        self.counter += self.counts_by
        device = self._device_data(credential.rp_id)
        client = self._client_data("webauthn.get", asked["challenge"])
        signed = {
            "clientDataJSON": client,
            "authenticatorData": device,
            "signature": _signed(credential.key, device + sha256(client).digest()),
        }
        return _answer(credential.credential_id, signed, userHandle=credential.handle)

    def _held(self, credential_ids: Iterable[str]) -> list[_Credential]:
        wanted = set(map(_raw, credential_ids))
        return [each for each in self._credentials if each.credential_id in wanted]

    def _of(self, rp_id: str) -> list[_Credential]:
        return [each for each in self._credentials if each.rp_id == rp_id]

    def _device_data(self, rp_id: str, flags: int = 0, attested: bytes = b"") -> bytes:
        flags |= (_PRESENT if self.is_present else 0) | (_VERIFIED if self.verifies_user else 0)
        digest = sha256((self.rp_id or rp_id).encode()).digest()
        return digest + bytes([flags]) + self.counter.to_bytes(4, "big") + attested

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {
            "type": kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": self.is_in_a_frame,
        }
        return json.dumps(said).encode()


def _made(algorithm: PasskeyAlgorithm) -> _Key:
    if algorithm == "EdDSA":
        return Ed25519PrivateKey.generate()
    return generate_ec(SECP256R1()) if algorithm == "ES256" else generate_rsa(65537, 2048)


def _public(key: _Key) -> bytes:
    """The public key as RFC 9052 and RFC 8230 write it."""
    if isinstance(key, Ed25519PrivateKey):
        return _cbor({1: 1, 3: _NUMBERS["EdDSA"], -1: 6, -2: key.public_key().public_bytes_raw()})
    if isinstance(key, RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return _cbor({1: 3, 3: _NUMBERS["RS256"], -1: numbers.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"})
    point = key.public_key().public_numbers()
    x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
    return _cbor({1: 2, 3: _NUMBERS["ES256"], -1: 1, -2: x, -3: y})


def _signed(key: _Key, text: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(text)
    if isinstance(key, RSAPrivateKey):
        return key.sign(text, PKCS1v15(), SHA256())
    return key.sign(text, ECDSA(SHA256()))


def _answer(credential_id: bytes, response: Mapping[str, bytes], **more: str) -> Secret:
    written = _websafe(credential_id)
    said: dict[str, Any] = {
        "id": written,
        "rawId": written,
        "type": "public-key",
        "authenticatorAttachment": "cross-platform",
        "clientExtensionResults": {},
        "response": {name: _websafe(value) for name, value in response.items()} | more,
    }
    return Secret(json.dumps(said))


def _cbor(value: Any) -> bytes:
    """CBOR of what stands in a credential (RFC 8949): small maps, texts, bytes and numbers."""
    match value:
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case _:
            return _head(5, len(value)) + b"".join(_cbor(key) + _cbor(each) for key, each in value.items())


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    if number < 1 << 8:
        return bytes([kind << 5 | 24, number])
    return bytes([kind << 5 | 25]) + number.to_bytes(2, "big")


def _websafe(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
