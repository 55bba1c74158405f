"""Reading the audit log: its records, its tree, its name and its keys.

Decides how the tree is read from the rows: the perfect subtree (level, index) stands in the row of the
last leaf it holds, so a proof needs at most two rows for each level of the tree, and asks for them at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG
from dcss_core.agency.work.trail.reading import log_size, records_after, records_at
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.checkpoint import Checkpoint, origin_in, origin_of, read_checkpoint
from dcss_core.audit.inclusion_proof import InclusionProof, prove_inclusion
from dcss_core.audit.log_record import LogRecord
from dcss_core.audit.merkle_tree import EMPTY_ROOT, NodeReader, tree_hash
from dcss_core.audit.numbering import NumberedLeaf, damaged
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.signed_note import NoteRefused, VerifierKey
from dcss_core.audit.written_entry import WrittenEntry
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, InvalidInputError, InvariantError, NotFoundError

T = TypeVar("T")
_PAGE: Final = 500


def apparent_size(resources: Resources) -> int:
    """How many entries the log seems to have; 0 when its last record can't even be read."""
    try:
        return resources.read(log_size)
    except InvariantError:
        return 0


def entry_at(work: UnitOfWork, seq: int) -> WrittenEntry:
    """The entry with this number; raises InvariantError when it is gone, for none is ever removed."""
    [record] = records_at(work, [seq])
    if record.written is None:
        raise damaged(f"the entry of record {seq} is missing")
    return record.written


def with_nodes(work: UnitOfWork, ask: Callable[[NodeReader], T]) -> T:
    """Ask something of the tree: once to learn which rows it needs, and again when they are read."""
    return ask(_reader(_leaves_at(work, _wanted(ask))))


def _wanted(ask: Callable[[NodeReader], object]) -> set[int]:
    wanted: set[int] = set()

    def note(level: int, index: int) -> bytes:
        wanted.add((index + 1) << level)
        return EMPTY_ROOT

    ask(note)
    return wanted


def _leaves_at(work: UnitOfWork, wanted: set[int]) -> dict[int, NumberedLeaf]:
    numbers = sorted(wanted)
    leaves = dict(zip(numbers, work.get_each(AUDIT_LOG, numbers), strict=True))
    missing = next((seq for seq, kept in leaves.items() if kept is None), None)
    if missing is not None:
        raise damaged(f"record {missing} is missing")
    return {seq: kept.record for seq, kept in leaves.items() if kept is not None}


def _reader(leaves: Mapping[int, NumberedLeaf]) -> NodeReader:
    return lambda level, index: leaves[(index + 1) << level].node(level)


def checkpoint_of(work: UnitOfWork, jurisdiction: str, size: int) -> Checkpoint:
    """What the log says of itself at this size, which is 1 or more."""
    first, root = with_nodes(work, lambda read: (read(0, 0), tree_hash(read, size)))
    return Checkpoint(origin_of(jurisdiction, first), size, root)


def proven(work: UnitOfWork, numbers: Sequence[int], size: int | None = None) -> list[ProvenEntry]:
    """Entries and their proofs in the tree of this size, of the whole log if none is given.

    Raises NotFoundError when there is no such entry, InvalidInputError for a size without it.
    """
    reached = log_size(work)
    if size is not None:
        _check_size("size", size, reached)
    missing = next((seq for seq in numbers if not 1 <= seq <= reached), None)
    if missing is not None:
        fault = Fault("seq", shown_number(missing), "1 to the log's size")
        raise NotFoundError("there is no such entry", faults=[fault])
    whole = reached if size is None else size

    def proofs(read: NodeReader) -> list[InclusionProof]:
        return [prove_inclusion(read, seq - 1, whole) for seq in numbers]

    leaves = _leaves_at(work, _wanted(proofs).union(numbers))
    entries = work.get_each(AUDIT_ENTRIES, [(leaves[seq].act, leaves[seq].line) for seq in numbers])
    return [
        ProvenEntry.of(_there(seq, entry), leaves[seq].line, proof)
        for seq, entry, proof in zip(numbers, entries, proofs(_reader(leaves)), strict=True)
    ]


def _there(seq: int, entry: Kept[WrittenEntry] | None) -> WrittenEntry:
    if entry is None:
        raise damaged(f"the entry of record {seq} is missing")
    return entry.record


def check_size(work: UnitOfWork, name: str, size: int) -> None:
    """Refuse a size the log has not reached; raises InvalidInputError."""
    _check_size(name, size, log_size(work))


def _check_size(name: str, size: int, reached: int) -> None:
    if not 0 <= size <= reached:
        fault = Fault(name, shown_number(size), f"0 to {reached}")
        raise InvalidInputError("the log has another size", faults=[fault])


def verifier_keys_of(resources: Resources, origin: str) -> tuple[VerifierKey, ...]:
    """The keys that sign under an origin, the current one first."""
    return tuple(
        VerifierKey(origin, public_key, signs_nothing_after)
        for public_key, signs_nothing_after in resources.sealer.audit_verifiers()
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


def each_record(resources: Resources, after: int | None = None) -> Iterator[LogRecord]:
    """Every record after a number in order, page by page; the first that can't be read is the last.

    Without a number it begins with the first record there is, which is not record 1 when somebody put one
    before it.
    """
    page = _PAGE
    while True:
        records = _page(resources, after, page)
        if records is None and page == 1:
            yield LogRecord((after or 0) + 1, None, None, is_readable=False)
            return
        if records is None:
            page = 1  # which of the page it is
            continue
        yield from records
        if len(records) < page:
            return
        after = records[-1].seq


def _page(resources: Resources, after: int | None, page: int) -> list[LogRecord] | None:
    try:
        return resources.read(lambda work: records_after(work, after, limit=page))
    except (InvariantError, InvalidInputError):  # somebody wrote into a row what nobody can read
        return None
