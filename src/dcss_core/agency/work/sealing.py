"""Sealing: how protected fields are encrypted before a storage sees them.

Decides the envelope, the keys derived from the ring and the blind index. Invariants: AES-256-GCM
with a fresh 96-bit nonce; the additional data names collection, field, record and version, so that a
sealed value that is moved to another row, or put back into a later version of its own, does not open (a
whole row that is put back does); the keys for sealing, indexing, peppering and signing are derived apart
(HKDF-SHA256) and are never equal.
"""

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError
from dcss_core.ports.keys import KeyRing, MasterKey, RetiredKey
from dcss_core.ports.randomness import Randomness

_ENVELOPE_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_DECOY_BYTES: Final = 32
_KEY_ID: Final = re.compile(rb"[a-z0-9-]{1,16}")
_SEAL, _INDEX, _PEPPER, _DECOY = b"dcss/seal/1", b"dcss/index/1", b"dcss/pepper/1", b"dcss/decoy/1"
_AUDIT_SIGNATURE: Final = b"dcss/audit-signature/1"
_TYPED_ID: Final = b"dcss/typed-id/1"
_APPROVAL: Final = b"dcss/approval/1"
_CHALLENGE: Final = b"dcss/passkey-challenge/1"


def place_of(collection: str, field: str, key: object, version: object) -> str:
    """The place that a sealed value of a record is bound to."""
    return f"{collection}/{field}/{key!s}/{version!s}"


@attrs.define(repr=False)
class Sealer:
    """Seals and opens protected fields, and indexes the numbers of people, with one key ring."""

    ring: KeyRing
    randomness: Randomness
    _ciphers: dict[str, AESGCM] = attrs.field(factory=dict, init=False, eq=False)
    _hash_keys: dict[tuple[str, bytes], bytes] = attrs.field(factory=dict, init=False, eq=False)

    def seal(self, plain: str, place: str) -> bytes:
        """Encrypt text for one place (collection/field/record/version) with the current key."""
        key = self.ring.current
        nonce = self.randomness.token_bytes(_NONCE_BYTES)
        sealed = self._cipher(key).encrypt(nonce, plain.encode("utf-8", "surrogatepass"), place.encode())
        key_id = key.key_id.encode()
        return _ENVELOPE_VERSION + bytes([len(key_id)]) + key_id + nonce + sealed

    def open(self, envelope: bytes, place: str) -> str:
        """Decrypt what was sealed for this place.

        Raises BackendError when the bytes were changed or moved, ConfigurationError when the ring
        lacks the key.
        """
        id_end = 2 + envelope[1] if len(envelope) > 1 else 2
        nonce_end = id_end + _NONCE_BYTES
        key_id = envelope[2:id_end]
        whole = envelope[:1] == _ENVELOPE_VERSION and len(envelope) >= nonce_end + _TAG_BYTES
        if not (whole and _KEY_ID.fullmatch(key_id)):
            raise _changed(place)
        key = self.ring.with_id(key_id.decode())
        try:
            plain = self._cipher(key).decrypt(
                envelope[id_end:nonce_end], envelope[nonce_end:], place.encode()
            )
        except InvalidTag:
            raise _changed(place) from None
        return plain.decode("utf-8", "surrogatepass")

    def index_of(self, number: TaxpayerNumber) -> str:
        """The blind index by which a new record with this number is found: HMAC-SHA256, with its key id."""
        return self._index(self.ring.current, number.reveal())

    def indexes_of(self, number: TaxpayerNumber | Irn | ClientId) -> tuple[str, ...]:
        """Every index that something kept under this number can have, the current key's first."""
        text = f"{number.word}: {number}" if isinstance(number, Irn | ClientId) else number.reveal()
        return tuple(self._index(key, text) for key in self.ring.keys)

    def index_of_telephone(self, number: Secret) -> str:
        """The blind index by which a new contact point with this number is found."""
        return self._index(self.ring.current, f"telephone: {number.reveal()}")

    def indexes_of_telephone(self, number: Secret) -> tuple[str, ...]:
        """Every index that a contact point with this number can have, the current key's first."""
        return tuple(self._index(key, f"telephone: {number.reveal()}") for key in self.ring.keys)

    def indexes_of_subject(self, issuer: str, subject: Secret) -> tuple[str, ...]:
        """Every index that the link of an issuer's id of a person can have, the current key's first."""
        return tuple(self._index(key, f"subject: {issuer}\n{subject.reveal()}") for key in self.ring.keys)

    def decoys_of_oldest(self) -> Secret:
        """What decoys were made with before a database kept that itself: derived from the ring's last key."""
        return Secret(_derived(self.ring.keys[-1], _DECOY).hex())

    def new_decoys(self) -> Secret:
        """32 random bytes to make decoys with, as hexadecimal."""
        return Secret(self.randomness.token_bytes(_DECOY_BYTES).hex())

    def typed_id(self, user_key: str) -> str:
        """A keyed digest under which attempts at a user id are counted, whether or not anybody has it.

        What was typed is not kept: a password is typed into the wrong field now and then.
        """
        return self._keyed(self.ring.current, _TYPED_ID, user_key).hex()

    def digests_of_act(self, in_full: Secret) -> tuple[str, ...]:
        """Keyed digests by which an act that waits for a second person is known, the current key's first.

        With an address in it, the act itself is not kept.
        """
        text = in_full.reveal()
        return tuple(f"{key.key_id}:{self._keyed(key, _APPROVAL, text).hex()}" for key in self.ring.keys)

    def tags_of_challenge(self, text: str) -> tuple[str, ...]:
        """Keyed digests by which a challenge is known as one of the agency's, the current key's first.

        So nothing is kept of those that nobody answers.
        """
        return tuple(self._keyed(key, _CHALLENGE, text).hex() for key in self.ring.keys)

    def audit_signing_key(self) -> Ed25519PrivateKey:
        """The key that signs checkpoints of the audit log now."""
        return _signing_key(self.ring.current)

    def audit_verifiers(self) -> tuple[tuple[bytes, int | None], ...]:
        """The public keys of all that signed checkpoints, the current one first, each with its bound."""
        held = [(_public_key(key), key.signs_nothing_after) for key in self.ring.keys]
        return (*held, *((key.public_key, key.signs_nothing_after) for key in self.ring.retired))

    def retired(self, key_id: str, signs_nothing_after: int) -> RetiredKey:
        """What is left of a key of the ring; raises ConfigurationError for one that it does not hold."""
        return RetiredKey(key_id, _public_key(self.ring.with_id(key_id)), signs_nothing_after)

    def peppers(self) -> Mapping[str, bytes]:
        """The pepper of each key, by key id, for hashing passwords and answers."""
        return {key.key_id: _derived(key, _PEPPER) for key in self.ring.keys}

    def _index(self, key: MasterKey, text: str) -> str:
        return f"{key.key_id}:{self._keyed(key, _INDEX, text).hex()}"

    def _keyed(self, key: MasterKey, purpose: bytes, text: str) -> bytes:
        derived = self._hash_keys.get((key.key_id, purpose))
        if derived is None:
            derived = self._hash_keys[key.key_id, purpose] = _derived(key, purpose)
        return hmac.digest(derived, text.encode(), sha256)

    def _cipher(self, key: MasterKey) -> AESGCM:
        if key.key_id not in self._ciphers:
            self._ciphers[key.key_id] = AESGCM(_derived(key, _SEAL))
        return self._ciphers[key.key_id]


def _changed(place: str) -> BackendError:
    return BackendError(
        f"the sealed value at {place} was changed or moved since it was saved; "
        "restore the record from a backup and look into the audit log",
        retryable=False,
    )


def key_of_envelope(envelope: bytes) -> str | None:
    """The id of the key that sealed something; None for bytes that are no envelope."""
    key_id = envelope[2 : 2 + envelope[1]] if len(envelope) > 1 else b""
    is_one = envelope[:1] == _ENVELOPE_VERSION and _KEY_ID.fullmatch(key_id)
    return key_id.decode() if is_one else None


def decoy_digest(decoys: Secret, number: TaxpayerNumber) -> bytes:
    """A keyed digest from which somebody unknown is shown the same security questions each time.

    What it is keyed with belongs to the database and no master key: with a new one decoys would change, and
    real questions would not.
    """
    return hmac.digest(bytes.fromhex(decoys.reveal()), number.reveal().encode(), sha256)


def _signing_key(key: MasterKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derived(key, _AUDIT_SIGNATURE))


def _public_key(key: MasterKey) -> bytes:
    return _signing_key(key).public_key().public_bytes_raw()


def _derived(key: MasterKey, purpose: bytes) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose)
    return hkdf.derive(bytes.fromhex(key.key_hex.reveal()))
