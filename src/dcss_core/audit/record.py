"""AuditRecord: an entry of the log together with its place in the tree.

Decides the bytes that are hashed and what of them can be erased. A leaf of the tree is canonical JSON:

    {"at":"2026-01-07T15:00:00.000001+00:00","commitment":"<hex>","kind":"case_opened","seq":1,"v":1}

`commitment` is SHA-256 over the contents, canonical JSON too:

    {"actor":"staff:w-17","details":{…},"salt":"<hex>","source":null,"subject":"case:1"}

Invariants: once contents and salt are erased, instant, kind and place stay provable, and nobody can
confirm a guess at what was erased (the salt has 128 random bits); the leaf names its own number, so that
no entry can stand at another place. A record holds the hashes of all perfect subtrees that end with it,
its own leaf's first: the subtree (level, index) stands in record (index + 1)·2^level, from byte 32·level.
The last record of each group appended holds the other peaks as well, so the log goes on from one record.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import attrs

from dcss_core.audit.entry import AuditEntry, canonical_json
from dcss_core.audit.merkle_tree import HASH_BYTES, GrowingTree, leaf_hash
from dcss_core.errors import InvariantError

SALT_BYTES: Final = 16
LEAF_VERSION: Final = 1
PRUNED_FIELDS: Final = ("actor", "subject", "source", "details", "salt")
"""What pruning erases; what is hashed into the leaf itself stays."""


@attrs.frozen
class AuditRecord:
    """What the log stores for an entry."""

    at: datetime
    kind: str
    actor: str | None
    subject: str | None
    source: str | None
    details: str | None
    salt: bytes | None
    commitment: bytes
    nodes: bytes
    peaks: bytes | None

    @property
    def entry(self) -> AuditEntry:
        """The entry, as people read it."""
        return AuditEntry(self.at, self.kind, self.actor, self.subject, self.source, self.details)

    @property
    def is_pruned(self) -> bool:
        """Whether everything that pruning erases is gone."""
        return all(getattr(self, field) is None for field in PRUNED_FIELDS)

    def leaf(self, seq: int) -> bytes:
        """Its leaf, as the entry with this number."""
        return leaf_of(seq, self.at, self.kind, self.commitment)

    def node(self, level: int) -> bytes:
        """The hash of the perfect subtree of this level that ends with it.

        Raises InvariantError when it is not there: the log was changed by hand.
        """
        found = self.nodes[HASH_BYTES * level : HASH_BYTES * (level + 1)]
        if len(found) != HASH_BYTES:
            raise _damaged("a record lacks hashes of its tree")
        return found

    def holds_what_it_commits_to(self) -> bool:
        """Whether contents and commitment agree; for a pruned record there is nothing to compare."""
        return self.is_pruned or self.commitment == commitment_of(self.entry, self.salt or b"")


def contents_of(entry: AuditEntry, salt: bytes) -> bytes:
    """What a record commits to: canonical JSON of everything pruning erases."""
    text = (
        f'{{"actor":{canonical_json(entry.actor)},"details":{entry.details},"salt":"{salt.hex()}",'
        f'"source":{canonical_json(entry.source)},"subject":{canonical_json(entry.subject)}}}'
    )
    return text.encode("utf-8", "surrogatepass")  # a lone surrogate is for the storage to refuse


def commitment_of(entry: AuditEntry, salt: bytes) -> bytes:
    """The salted hash of an entry's contents."""
    return sha256(contents_of(entry, salt)).digest()


def leaf_of(seq: int, at: datetime, kind: str, commitment: bytes) -> bytes:
    """The leaf of the entry with this number: canonical JSON."""
    text = (
        f'{{"at":"{at.isoformat()}","commitment":"{commitment.hex()}",'
        f'"kind":{canonical_json(kind)},"seq":{seq},"v":{LEAF_VERSION}}}'
    )
    return text.encode("utf-8", "surrogatepass")


def grown_by(
    last: tuple[int, AuditRecord] | None, entries: Sequence[AuditEntry], salts: Sequence[bytes]
) -> list[AuditRecord]:
    """The records of new entries, each with its salt, after the last record of the log and its number.

    Raises InvariantError when the last record can't be continued: the log was changed by hand.
    """
    tree = GrowingTree() if last is None else tree_after(*last)
    size = tree.size + len(entries)
    return [_added(tree, entry, salt, size) for entry, salt in zip(entries, salts, strict=True)]


def tree_after(seq: int, last: AuditRecord) -> GrowingTree:
    """The tree that ends with the last record of a group.

    Raises InvariantError when its hashes do not fit its number.
    """
    whole = b"" if last.peaks is None else last.peaks + last.nodes[-HASH_BYTES:]
    if len(whole) != HASH_BYTES * seq.bit_count():
        raise _damaged(f"record {seq} does not hold the peaks of its tree")
    return GrowingTree(seq, [whole[place : place + HASH_BYTES] for place in range(0, len(whole), HASH_BYTES)])


def _added(tree: GrowingTree, entry: AuditEntry, salt: bytes, size: int) -> AuditRecord:
    commitment = commitment_of(entry, salt)
    nodes = tree.add(leaf_hash(leaf_of(tree.size + 1, entry.at, entry.kind, commitment)))
    return AuditRecord(
        entry.at,
        entry.kind,
        entry.actor,
        entry.subject,
        entry.source,
        entry.details,
        salt,
        commitment,
        nodes,
        b"".join(tree.peaks[:-1]) if tree.size == size else None,
    )


def _damaged(what: str) -> InvariantError:
    return InvariantError(
        f"the audit log was changed by hand: {what}; run agency.audit.verify() and keep the database as it is"
    )
