"""Checkpoint: what the log said of itself at some size, signed.

Decides the text (C2SP tlog-checkpoint: origin, size, base64 of the root), under which name a log signs,
and whose signature makes a checkpoint believable. Invariant: the origin of a log names the jurisdiction
and, by the hash of its first entry, the log itself, so the logs of two agencies are never confused, and a
log that was replaced whole goes by another name.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Final

import attrs

from dcss_core.audit.consistency_proof import ConsistencyProof
from dcss_core.audit.merkle_tree import check_hashes, is_hash
from dcss_core.audit.signed_note import NoteRefused, SigningKey, VerifierKey, read_note, sign
from dcss_core.base.expected_types import check_fields

_PREFIX: Final = "dcss-core"
_NAME_BYTES: Final = 8
_LINES: Final = re.compile(r"([^\n]+)\n(0|[1-9]\d{0,18})\n([A-Za-z0-9+/]+={0,2})\n(?:[^\n]+\n)*", re.ASCII)


@attrs.frozen
class Checkpoint:
    """The root of a log's tree at one size; raises InvalidInputError for a root that is no hash."""

    origin: str
    size: int
    root: bytes

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        check_hashes("root", [self.root])

    def is_continued_by(self, later: "Checkpoint", proof: ConsistencyProof) -> bool:
        """Whether the log only grew from this checkpoint to the later one, as the proof says."""
        of_these = (proof.earlier_size, proof.later_size) == (self.size, later.size)
        return of_these and self.origin == later.origin and proof.proves(self.root, later.root)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def origin_of(jurisdiction: str, first_leaf: bytes) -> str:
    """The name of the log that begins with the leaf of this hash, as `dcss-core/US-GA/0123456789abcdef`."""
    return f"{_PREFIX}/{jurisdiction}/{first_leaf[:_NAME_BYTES].hex()}"


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Write a checkpoint as a note signed under the log's origin."""
    return sign(str(checkpoint), checkpoint.origin, key)


def origin_in(note: str) -> str:
    """The origin a note claims, to learn which keys to ask; nothing of it is believed yet."""
    return note.partition("\n")[0] if isinstance(note, str) else ""


def read_checkpoint(note: str, trusted: Iterable[VerifierKey]) -> Checkpoint | NoteRefused:
    """Read a checkpoint that a trusted key signed under the origin it is about, and may sign at its size."""
    claimed = origin_in(note)
    named = [key for key in trusted if key.name == claimed]
    text = read_note(note, named)
    if isinstance(text, NoteRefused):
        return text
    match = _LINES.fullmatch(text)
    root = _root(match[3]) if match else None
    if match is None or root is None:
        return NoteRefused("it is signed, but it is not a checkpoint")
    size = int(match[2])
    may_sign = [key for key in named if key.may_sign(size)]
    if len(may_sign) < len(named) and isinstance(read_note(note, may_sign), NoteRefused):
        return NoteRefused(f"the key that signed it may sign for no log of {size} records any more")
    return Checkpoint(match[1], size, root)


def _root(text: str) -> bytes | None:
    try:
        root = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    has_one_spelling = base64.b64encode(root).decode() == text
    return root if has_one_spelling and is_hash(root) else None
