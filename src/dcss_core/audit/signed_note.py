"""SignedNote: a text with the signatures of those who vouch for it, as C2SP signed-note v1.0.0 has it.

Decides how a note is signed and whose signature on it counts. Invariants: a signature counts only if a
key that is trusted by name and id made it; one bad signature under the name of a trusted key spoils the
note; signatures of strangers (such as witnesses) are passed over. Keys are Ed25519 (type 0x01).
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final, Self, TypeAlias

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dcss_core.base.expected_types import check_fields
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, InvalidInputError

SigningKey: TypeAlias = Ed25519PrivateKey

_ED25519: Final = b"\x01"
_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_MOST_SIGNATURES: Final = 100
_NAME: Final = re.compile(r"[^\s+]+")
_ID: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)
_SIGNATURE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_HOW_A_KEY_LOOKS: Final = "as NAME+1a2b3c4d+AQ…, the way agency.audit.verifier_keys() prints it"
_UP_TO: Final = re.compile(r" up to (0|[1-9]\d{0,18})", re.ASCII)


@attrs.frozen
class VerifierKey:
    """A public key and the name its owner signs under; `str()` writes it as others read it.

    What a key signed that was retired, or that somebody else may have, counts for so many records of a log as
    `signs_nothing_after` says; `str()` writes ` up to 1200` after such a key.

    Raises InvalidInputError for a name with spaces, a plus or what does not print, a key that has not 32
    bytes, or a bound below 0.
    """

    name: str
    public_key: bytes
    signs_nothing_after: int | None = None

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        # half a character does not print, and has no bytes that could be hashed
        is_name = _NAME.fullmatch(self.name) and self.name.isprintable()
        if not is_name or len(self.public_key) != _KEY_BYTES:
            fault = Fault("verifier key", "another name or length", "a name without spaces, and 32 bytes")
            raise InvalidInputError("this can't be the key of a signed note", faults=[fault])
        if self.signs_nothing_after is not None and self.signs_nothing_after < 0:
            fault = Fault("signs_nothing_after", shown_number(self.signs_nothing_after), "0 or more records")
            raise InvalidInputError("a key can't be bound like this", faults=[fault])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `NAME+ID+KEY`, with a bound or without.

        Raises InvalidInputError, also when the id does not belong to the key.
        """
        bound = _UP_TO.search(text) if isinstance(text, str) else None
        if bound is not None and bound.end() == len(text):
            return attrs.evolve(cls.parse(text[: bound.start()]), signs_nothing_after=int(bound[1]))
        parts = text.split("+", 2) if isinstance(text, str) else []
        decoded = _decoded(parts[2]) if len(parts) == 3 else None
        if decoded is None or decoded[:1] != _ED25519:
            fault = Fault("verifier key", "another text", _HOW_A_KEY_LOOKS)
            raise InvalidInputError("this is not the Ed25519 key of a signed note", faults=[fault])
        key = cls(parts[0], decoded[1:])
        if parts[1] != key.key_id.hex():
            found = f"the id {parts[1]}" if _ID.fullmatch(parts[1]) else "another text as its id"
            fault = Fault("verifier key", found, f"the id {key.key_id.hex()}")
            raise InvalidInputError("this key was copied wrongly: its id is another's", faults=[fault])
        return key

    @property
    def key_id(self) -> bytes:
        """The four bytes that name the key in a signature."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        bound = "" if self.signs_nothing_after is None else f" up to {self.signs_nothing_after}"
        return f"{self.name}+{self.key_id.hex()}+{_encoded(_ED25519 + self.public_key)}{bound}"

    def may_sign(self, records: int) -> bool:
        """Whether its signature counts under a statement about so many records."""
        return self.signs_nothing_after is None or records <= self.signs_nothing_after

    def made(self, signature: bytes, text: str) -> bool:
        """Whether this key made a signature over a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@attrs.frozen
class NoteRefused:
    """A note nobody needs to believe; `reason` says why."""

    reason: str


def sign(text: str, name: str, key: SigningKey) -> str:
    """Sign a text, which ends with a line break, under a name."""
    verifier = VerifierKey(name, key.public_key().public_bytes_raw())
    return f"{text}\n— {name} {_encoded(verifier.key_id + key.sign(text.encode()))}\n"


def read_note(note: str, trusted: Iterable[VerifierKey]) -> str | NoteRefused:
    """The text of a note that a trusted key signed."""
    text, blank_line, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")
    if not blank_line or lines.pop() or not lines or len(lines) > _MOST_SIGNATURES or not _is_plain(note):
        return NoteRefused("it is not a signed note")
    text += "\n"
    keys = {(key.name, key.key_id): key for key in trusted}
    by_trusted = 0
    for signature in _signatures(lines):
        if signature is None:
            return NoteRefused("a line of its signatures is damaged")
        name, key_id, made = signature
        key = keys.get((name, key_id))
        if key is not None:
            if not key.made(made, text):
                return NoteRefused(f"the signature of {name} does not fit its text")
            by_trusted += 1
    return text if by_trusted else NoteRefused("no key that is trusted signed it")


def _signatures(lines: Iterable[str]) -> Iterator[tuple[str, bytes, bytes] | None]:
    for line in lines:
        match = _SIGNATURE.fullmatch(line)
        decoded = _decoded(match[2]) if match else None
        if match is None or decoded is None or len(decoded) <= _ID_BYTES:
            yield None
        else:
            yield match[1], decoded[:_ID_BYTES], decoded[_ID_BYTES:]


def _is_plain(note: str) -> bool:
    try:
        note.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return not _CONTROL.search(note)


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decoded(text: str) -> bytes | None:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError for letters beyond ASCII
        return None
    return decoded if _encoded(decoded) == text else None  # one spelling only
