"""Export: a part of the log as it is handed to somebody who need not trust the agency.

Decides the format, JSON Lines: a header with a signed checkpoint, the log's own entry of this export, and a
line for each entry handed out, all but the header with an inclusion proof in that checkpoint. What was
asked for, why, when, by whom, and which entries were handed out stands in the log's own entry and nowhere
else, so it is proven like the rest. Invariant: with the log's verifier key alone, a change of any entry, of
the order or of the checkpoint is found, and so is a line less, a line more, or another export's header. A
line counts only as it was handed out, letter for letter, so that no two readers see two things in it.
What an export can't prove is that the agency chose rightly: that there was no other entry to hand out.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from dcss_core.audit.checkpoint import Checkpoint, read_checkpoint
from dcss_core.audit.events import AuditLogExported
from dcss_core.audit.handed_out import HandedOut
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.signed_note import NoteRefused, VerifierKey
from dcss_core.base.expected_types import checked
from dcss_core.base.json.strict_json import strict_json
from dcss_core.base.printable import counted
from dcss_core.errors import Fault, InvalidInputError

_FORMAT: Final = "dcss-core audit export 1"
_MOST_FAULTS: Final = 20


@attrs.frozen
class ExportVerification:
    """What an export proves: so many entries of the log of this origin, as it was signed with `size` entries.

    `exported` is what the log says of the export; None when that is not proven. `faults` names everything
    wrong, up to twenty.
    """

    origin: str
    size: int
    entries: int
    faults: tuple[Fault, ...]
    exported: AuditLogExported | None = None

    @property
    def is_sound(self) -> bool:
        """Whether this is what the log says was handed out, and all of it stood there when it was signed."""
        return not self.faults

    def __str__(self) -> str:
        verdict = "sound" if self.is_sound else "NOT SOUND"
        of = f" of {self.origin}, signed at {counted(self.size, 'records')}" if self.origin else ""
        entries = "1 entry" if self.entries == 1 else f"{self.entries} entries"
        return "\n  ".join([f"export of {entries}{of}: {verdict}", *map(str, self.faults)])


def export_lines(note: str, own: ProvenEntry, entries: Iterable[ProvenEntry]) -> Iterator[str]:
    """Write an export, line by line; each ends with a line break. `own` is the log's entry of it."""
    yield _header(note) + "\n"
    yield own.to_json() + "\n"
    for entry in entries:
        yield entry.to_json() + "\n"


@checked
def verify_export(lines: Iterable[str], verifier_keys: Sequence[str]) -> ExportVerification:
    """Verify an export, such as an open file, with the keys `agency.audit.verifier_keys()` printed.

    Needs neither the agency nor its database. A line ends in `\\n` or in nothing; a file that came by way of
    Windows is read as it was by `open(path, encoding="utf-8")`. Raises InvalidInputError for a key that is
    none, and for nothing else: whatever the lines hold is a fault.
    """
    trusted = [VerifierKey.parse(key) for key in verifier_keys]
    rest = iter(lines)
    first = next(rest, None)
    note = None if first is None else _note(first)
    if note is None:
        fault = Fault("line 1", _seen(first), f"the header of a '{_FORMAT}'")
        return ExportVerification("", 0, 0, (fault,))
    checkpoint = read_checkpoint(note, trusted)
    if isinstance(checkpoint, NoteRefused):
        fault = Fault("checkpoint", checkpoint.reason, "one that is signed with one of these keys")
        return ExportVerification("", 0, 0, (fault,))
    second = next(rest, None)
    own = None if second is None else _entry(second)
    exported = AuditLogExported.told_by(own.entry) if own and own.is_in(checkpoint) else None
    if exported is None:
        fault = Fault("line 2", _seen(second), "the log's own entry of an export, with its proof")
        return ExportVerification(checkpoint.origin, checkpoint.size, 0, (fault,))
    handed_out = HandedOut()
    faults: list[Fault] = []
    for fault in _faults(rest, checkpoint, exported, handed_out):
        faults.append(fault)
        del faults[_MOST_FAULTS:]
    return ExportVerification(checkpoint.origin, checkpoint.size, handed_out.entries, tuple(faults), exported)


def _faults(
    lines: Iterable[str], checkpoint: Checkpoint, exported: AuditLogExported, handed_out: HandedOut
) -> Iterator[Fault]:
    last = 0
    for number, line in enumerate(lines, start=3):
        proven = _entry(line)
        if proven is None:
            yield Fault(f"line {number}", _seen(line), "an entry and its proof")
        else:
            yield from _faults_of(proven, f"line {number}", checkpoint, exported, last)
            handed_out.add(proven.seq, is_pruned=proven.entry.is_pruned)
            last = proven.seq
    if handed_out.entries != exported.entries:
        yield Fault("the end", f"{handed_out.entries} entries", f"{exported.entries}, as the log says")
    elif handed_out.digest != exported.digest:
        yield Fault("the end", "other entries than were handed out", "those whose digest the log holds")


def _faults_of(
    proven: ProvenEntry, where: str, checkpoint: Checkpoint, exported: AuditLogExported, last: int
) -> Iterator[Fault]:
    subject = exported.about_record
    if not proven.is_in(checkpoint):
        yield Fault(where, f"an entry {proven.seq} that was not in the log", "one that was")
    elif proven.seq <= last:
        yield Fault(where, f"entry {proven.seq} after entry {last}", "entries in order, each once")
    elif subject is not None and proven.entry.subject != subject:
        yield Fault(where, "an entry about another record", f"entries about {subject}")


def _seen(line: object) -> str:
    """What became of a line on its way, as far as that can be seen; what stands in it is not repeated."""
    if not isinstance(line, str):
        return "no line" if line is None else "no text"
    if not line.strip("\r\n"):
        return "an empty line"
    if line.startswith("\ufeff"):
        return "a byte order mark before the line"
    if line.endswith(("\r", "\r\n")):
        return "a line that ends in CR LF, as Windows writes it"
    return "another line"


def _entry(line: str) -> ProvenEntry | None:
    try:
        return ProvenEntry.from_json(line)
    except InvalidInputError:
        return None


def _header(note: str) -> str:
    return json.dumps({"format": _FORMAT, "checkpoint": note}, ensure_ascii=False)


def _note(line: str) -> str | None:
    """The note in the header; None for any other line."""
    try:
        header = strict_json(line)
    except InvalidInputError:
        return None
    note = header.get("checkpoint") if isinstance(header, dict) else None
    return note if isinstance(note, str) and _header(note) == line.removesuffix("\n") else None
