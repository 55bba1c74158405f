"""Reading the audit log: its records, its tree, its name and its keys.

Decides how the tree is read from the rows: the perfect subtree (level, index) stands in the row of the
last entry it holds, so a proof reads at most two rows for each level of the tree.
"""

from collections.abc import Iterator
from typing import Final

from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import AUDIT_LOG, Kept, UnitOfWork
from dcss_core.audit.checkpoint import Checkpoint, origin_in, origin_of, read_checkpoint
from dcss_core.audit.inclusion_proof import prove_inclusion
from dcss_core.audit.merkle_tree import NodeReader, tree_hash
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.record import AuditRecord
from dcss_core.audit.signed_note import NoteRefused, VerifierKey
from dcss_core.audit.verification import Numbered
from dcss_core.errors import Fault, InvalidInputError, InvariantError, NotFoundError
from dcss_core.ports.storage import SEQUENCE

_PAGE: Final = 500


def log_size(work: UnitOfWork) -> int:
    """How many entries the log has."""
    last = work.last_entry(AUDIT_LOG)
    return 0 if last is None else last.version


def apparent_size(resources: Resources) -> int:
    """How many entries the log seems to have; 0 when its last record can't even be read."""
    try:
        return resources.read(log_size)
    except InvariantError:
        return 0


def record_at(work: UnitOfWork, seq: int) -> AuditRecord:
    """The record with this number; raises InvariantError when it is gone, for none is ever removed."""
    kept = work.get(AUDIT_LOG, seq)
    if kept is None:
        raise InvariantError(
            f"the audit log was changed by hand: record {seq} is missing; run agency.audit.verify() and keep "
            "the database as it is"
        )
    return kept.record


def nodes_of(work: UnitOfWork) -> NodeReader:
    """The tree, read row by row; a row is read once."""
    rows: dict[int, AuditRecord] = {}

    def read(level: int, index: int) -> bytes:
        seq = (index + 1) << level
        if seq not in rows:
            rows[seq] = record_at(work, seq)
        return rows[seq].node(level)

    return read


def checkpoint_of(work: UnitOfWork, jurisdiction: str, size: int) -> Checkpoint:
    """What the log says of itself at this size, which is 1 or more."""
    read = nodes_of(work)
    return Checkpoint(origin_of(jurisdiction, read(0, 0)), size, tree_hash(read, size))


def proven(work: UnitOfWork, read: NodeReader, seq: int, size: int) -> ProvenEntry:
    """An entry and its proof in the tree of this size.

    Raises NotFoundError when there is no such entry, InvalidInputError for a size without it.
    """
    kept = work.get(AUDIT_LOG, seq)
    if kept is None:
        raise NotFoundError("there is no such entry", faults=[Fault("seq", str(seq), "1 to the log's size")])
    return ProvenEntry.of(kept.record, prove_inclusion(read, seq - 1, size))


def check_size(work: UnitOfWork, name: str, size: int) -> None:
    """Refuse a size the log has not reached; raises InvalidInputError."""
    reached = log_size(work)
    if not 0 <= size <= reached:
        fault = Fault(name, str(size), f"0 to {reached}")
        raise InvalidInputError("the log has another size", faults=[fault])


def verifier_keys_of(resources: Resources, origin: str) -> tuple[VerifierKey, ...]:
    """The keys that sign under an origin, the current one first."""
    return tuple(
        VerifierKey(origin, key.public_key().public_bytes_raw())
        for key in resources.sealer.audit_signing_keys()
    )


def own_checkpoint(resources: Resources, note: str) -> Checkpoint | NoteRefused:
    """A checkpoint that a key of this agency signed for a log of this jurisdiction."""
    origin = origin_in(note)
    if not origin.startswith(origin_of(resources.jurisdiction.key, b"")):
        return NoteRefused(f"it is not about a log of {resources.jurisdiction.key}")
    try:
        keys = verifier_keys_of(resources, origin)
    except InvalidInputError:  # no key can sign under such a name
        return NoteRefused("its origin is none")
    return read_checkpoint(note, keys)


def each_record(resources: Resources) -> Iterator[Numbered]:
    """Every record in order, page by page; the first that can't be read comes as None and is the last.

    It begins with the first record there is, which is not record 1 when somebody put one before it.
    """
    after: int | None = None
    page = _PAGE
    while True:
        kept = _page(resources, after, page)
        if kept is None and page == 1:
            yield (after or 0) + 1, None
            return
        if kept is None:
            page = 1  # which of the page it is
            continue
        yield from ((each.version, each.record) for each in kept)
        if len(kept) < page:
            return
        after = kept[-1].version


def _page(resources: Resources, after: int | None, page: int) -> list[Kept[AuditRecord]] | None:
    try:
        return resources.read(lambda work: work.find(AUDIT_LOG, (SEQUENCE,), after=after, limit=page))
    except InvariantError:  # somebody wrote into a row what nobody can read
        return None
