"""ProvenEntry: an entry of the log with all that a stranger needs to see that it stands there.

Decides how an entry is handed out: one line of JSON. Invariant: nothing that the agency says about an
entry is taken on trust; commitment and leaf are computed anew from what the line says. An entry has one line:
what was read counts only if it would be written as the very same text, so that nothing can stand in a line
that another reader takes for something else.
"""

import json
from datetime import datetime
from typing import Any, Self

import attrs

from dcss_core.audit.checkpoint import Checkpoint
from dcss_core.audit.entry import AuditEntry, canonical_json, composed
from dcss_core.audit.entry_id import EntryId
from dcss_core.audit.inclusion_proof import InclusionProof
from dcss_core.audit.merkle_tree import is_hash, leaf_hash
from dcss_core.audit.written_entry import WrittenEntry, commitment_of, leaf_of, numbered_leaf_of
from dcss_core.base.expected_types import check_fields
from dcss_core.base.json.strict_json import strict_json
from dcss_core.errors import Fault, InvalidInputError

_FIELDS = {"actor", "at", "commitment", "details", "kind", "path", "salt", "seq", "size", "source", "subject"}


@attrs.frozen
class ProvenEntry:
    """An entry, its number and id, its salt (None once it is pruned), its commitment and its proof.

    An entry from before entries had ids has None there: its leaf names its number instead.
    """

    seq: int
    entry_id: str | None
    entry: AuditEntry
    salt: bytes | None
    commitment: bytes
    proof: InclusionProof

    @classmethod
    def of(cls, written: WrittenEntry, line: int, proof: InclusionProof) -> Self:
        """An entry as it is handed out."""
        entry_id = None if written.names_its_number else str(EntryId(written.act, line))
        return cls(proof.index + 1, entry_id, written.entry, written.salt, written.commitment, proof)

    def is_in(self, checkpoint: Checkpoint) -> bool:
        """Whether the log had this entry, at this number and with these contents, when it was signed."""
        if self.proof.size != checkpoint.size or self.proof.index != self.seq - 1:
            return False
        if not is_hash(self.commitment):
            return False
        if self.salt is not None and commitment_of(self.entry, self.salt) != self.commitment:
            return False
        return self.proof.proves(leaf_hash(self._leaf()), checkpoint.root)

    def _leaf(self) -> bytes:
        if self.entry_id is None:
            return numbered_leaf_of(self.seq, self.entry.at, self.entry.kind, self.commitment)
        return leaf_of(EntryId.parse(self.entry_id), self.entry.at, self.entry.kind, self.commitment)

    def to_json(self) -> str:
        """Write it as one line, without a line break."""
        line = {
            "seq": self.seq,
            **({} if self.entry_id is None else {"id": self.entry_id}),
            "at": self.entry.at.isoformat(),
            "kind": composed(self.entry.kind),
            "actor": _composed(self.entry.actor),
            "subject": _composed(self.entry.subject),
            "source": _composed(self.entry.source),
            "details": None if self.entry.details is None else json.loads(self.entry.details),
            "salt": None if self.salt is None else self.salt.hex(),
            "commitment": self.commitment.hex(),
            "size": self.proof.size,
            "path": [each.hex() for each in self.proof.path],
        }
        return json.dumps(line, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Read it again; raises InvalidInputError for any other text, one letter off included.

        The line may end in a line break, `\\n`, or not; another one, as `\\r\\n`, makes it another text.
        """
        try:
            read = cls._read(strict_json(line))
            if read.to_json() == line.removesuffix("\n"):
                return read
        except (InvalidInputError, ValueError, TypeError, RecursionError):
            pass  # said below: the cause may hold what a stranger wrote
        fault = Fault("line", "another text", "a line of an export, as it was handed out")
        raise InvalidInputError("this is no entry of an audit log", faults=[fault])

    @classmethod
    def _read(cls, written: Any) -> Self:
        if set(written) - {"id"} != _FIELDS:
            raise ValueError("other fields")
        details = written["details"]
        salt = None if written["salt"] is None else bytes.fromhex(written["salt"])
        actor, subject, source = (written[name] for name in ("actor", "subject", "source"))
        # a pruned entry has no contents: what a line without a salt says of them would be proven by nothing
        is_pruned = (actor, subject, source, details) == (None, None, None, None)
        if (salt is None) != is_pruned:
            raise ValueError("contents without a salt")
        text = None if details is None else canonical_json(details)
        at = datetime.fromisoformat(written["at"])
        entry = AuditEntry(at, written["kind"], actor, subject, source, text)
        check_fields(entry)
        path = tuple(map(bytes.fromhex, written["path"]))
        proof = InclusionProof(written["seq"] - 1, written["size"], path)
        entry_id = str(EntryId.parse(written["id"])) if "id" in written else None
        read = cls(written["seq"], entry_id, entry, salt, bytes.fromhex(written["commitment"]), proof)
        check_fields(read)
        return read


def _composed(text: str | None) -> str | None:
    # what is hashed is composed; written otherwise, a line could be spelled anew and would prove the same
    return None if text is None else composed(text)
