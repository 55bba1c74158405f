"""WrittenEntry: an entry as a verb writes it, in its own transaction, before it has a number.

Decides the bytes that are hashed and what of them can be erased. A leaf of the tree is canonical JSON:

    {"at":"2026-01-07T15:00:00.000001+00:00","commitment":"<hex>","id":"<hex>-1","kind":"case_opened","v":2}

`commitment` is SHA-256 over the contents, canonical JSON too:

    {"actor":"staff:w-17","details":{…},"salt":"<hex>","source":null,"subject":"case:1"}

Invariants: once contents and salt are erased, instant, kind and id stay provable, and nobody can confirm a
guess at what was erased (the salt has 128 random bits); the leaf names the entry's own id, so that no entry
can pose as another. Leaves of the first version named the number instead of the id (`"seq":1,"v":1`); logs
that were begun with them go on.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, TypeAlias

import attrs

from dcss_core.audit.entry import AuditEntry, canonical_json
from dcss_core.audit.entry_id import EntryId
from dcss_core.audit.merkle_tree import leaf_hash
from dcss_core.errors import InvariantError

SALT_BYTES: Final = 16
LEAF_VERSION: Final = 2
NUMBERED_LEAF_VERSION: Final = 1
PRUNED_FIELDS: Final = ("actor", "subject", "source", "details", "salt")
"""What pruning erases; what is hashed into the leaf itself stays."""

Fields: TypeAlias = dict[str, str | int | bytes | datetime | None]


@attrs.frozen
class WrittenEntry:
    """What is stored of an entry; its line in the act is the number the storage gives it."""

    act: bytes
    at: datetime
    kind: str
    actor: str | None
    subject: str | None
    source: str | None
    details: str | None
    salt: bytes | None
    commitment: bytes
    leaf_version: int = LEAF_VERSION

    @property
    def entry(self) -> AuditEntry:
        """The entry, as people read it."""
        return AuditEntry(self.at, self.kind, self.actor, self.subject, self.source, self.details)

    def read_as(self, line: int) -> AuditEntry:
        """The entry with its id, as this line of its act."""
        return attrs.evolve(self.entry, entry_id=str(EntryId(self.act, line)))

    @property
    def is_pruned(self) -> bool:
        """Whether everything that pruning erases is gone."""
        rest = self.actor is None and self.subject is None and self.source is None
        return rest and self.details is None and self.salt is None

    @property
    def names_its_number(self) -> bool:
        """Whether its leaf names its number instead of its id, as those of the first version do."""
        return self.leaf_version == NUMBERED_LEAF_VERSION

    def leaf_hash(self, line: int, seq: int) -> bytes:
        """The hash of its leaf, as this line of its act, which has this number."""
        if self.names_its_number:
            return leaf_hash(numbered_leaf_of(seq, self.at, self.kind, self.commitment))
        entry_id = EntryId(self.act, line)
        return leaf_hash(leaf_of(entry_id, self.at, self.kind, self.commitment, self.leaf_version))

    def holds_what_it_commits_to(self) -> bool:
        """Whether contents and commitment agree; for a pruned entry there is nothing to compare."""
        return self.is_pruned or self.commitment == commitment_of(self, self.salt or b"")


@attrs.frozen
class WrittenAct:
    """The fields of each entry of an act, as WrittenEntry names them, and the hashes of their leaves."""

    entries: list[Fields]
    leaves: bytes


def written(act: bytes, entries: Sequence[AuditEntry], salts: bytes) -> WrittenAct:
    """The entries of an act, in order, with 16 bytes of salt for each.

    Raises InvariantError for another number of salts.
    """
    if len(salts) != SALT_BYTES * len(entries):
        raise InvariantError("each entry has a salt of its own")
    # No record is made of them: each entry there is passes here, and many verbs write a thousand.
    name, known, leaves = act.hex(), _Spelled(), []
    fields: list[Fields] = []
    instants = {at: at.isoformat() for at in {entry.at for entry in entries}}
    for line, entry in enumerate(entries, 1):
        salt = salts[SALT_BYTES * (line - 1) : SALT_BYTES * line]
        contents = _contents(
            known[entry.actor], entry.details, salt, known[entry.source], known[entry.subject]
        )
        commitment = sha256(contents).digest()
        leaf = _leaf(f"{name}-{line}", instants[entry.at], known[entry.kind], commitment, LEAF_VERSION)
        leaves.append(sha256(b"\x00" + leaf).digest())
        fields.append(
            {
                "act": act,
                "at": entry.at,
                "kind": entry.kind,
                "actor": entry.actor,
                "subject": entry.subject,
                "source": entry.source,
                "details": entry.details,
                "salt": salt,
                "commitment": commitment,
                "leaf_version": LEAF_VERSION,
            }
        )
    return WrittenAct(fields, b"".join(leaves))


class _Spelled(dict[str | None, str]):
    """Texts of one act as JSON, each spelled once."""

    def __missing__(self, text: str | None) -> str:
        spelled = self[text] = canonical_json(text)
        return spelled


def contents_of(entry: AuditEntry | WrittenEntry, salt: bytes) -> bytes:
    """What an entry commits to: canonical JSON of everything pruning erases."""
    actor, source, subject = map(canonical_json, (entry.actor, entry.source, entry.subject))
    return _contents(actor, entry.details, salt, source, subject)


def _contents(actor: str, details: str | None, salt: bytes, source: str, subject: str) -> bytes:
    text = (
        f'{{"actor":{actor},"details":{details},"salt":"{salt.hex()}","source":{source},"subject":{subject}}}'
    )
    return text.encode("utf-8", "surrogatepass")  # a lone surrogate is for the storage to refuse


def commitment_of(entry: AuditEntry | WrittenEntry, salt: bytes) -> bytes:
    """The salted hash of an entry's contents."""
    return sha256(contents_of(entry, salt)).digest()


def leaf_of(
    entry_id: EntryId, at: datetime, kind: str, commitment: bytes, version: int = LEAF_VERSION
) -> bytes:
    """The leaf of the entry with this id: canonical JSON."""
    return _leaf(str(entry_id), at.isoformat(), canonical_json(kind), commitment, version)


def _leaf(entry_id: str, at: str, kind: str, commitment: bytes, version: int) -> bytes:
    text = f'{{"at":"{at}","commitment":"{commitment.hex()}","id":"{entry_id}","kind":{kind},"v":{version}}}'
    return text.encode("utf-8", "surrogatepass")


def numbered_leaf_of(seq: int, at: datetime, kind: str, commitment: bytes) -> bytes:
    """The leaf of an entry that was numbered when it was written: canonical JSON of the first version."""
    text = (
        f'{{"at":"{at.isoformat()}","commitment":"{commitment.hex()}",'
        f'"kind":{canonical_json(kind)},"seq":{seq},"v":{NUMBERED_LEAF_VERSION}}}'
    )
    return text.encode("utf-8", "surrogatepass")
