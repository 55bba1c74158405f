"""Export: a part of the log as it is handed to somebody who need not trust the agency.

Decides the format, JSON Lines: a header with a signed checkpoint and what was asked for, a line for each
entry with its inclusion proof in that checkpoint, and an end that counts them. Invariant: with the log's
verifier key alone, a change of any entry, of the order, of the number of lines or of the checkpoint is
found. What an export can't prove is that nothing was left out of it: the log proves what stands in it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import attrs

from dcss_core.audit.checkpoint import Checkpoint, read_checkpoint
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.signed_note import NoteRefused, VerifierKey
from dcss_core.base.expected_types import checked
from dcss_core.errors import Fault, InvalidInputError

_FORMAT: Final = "dcss-core audit export 1"
_HEADER: Final = {"format", "checkpoint", "subject", "first_day", "end_day", "reason"}
_MOST_FAULTS: Final = 20


@attrs.frozen
class ExportVerification:
    """What an export proves: so many entries of the log of this origin, as it was signed with `size` entries.

    `faults` names everything wrong, up to twenty.
    """

    origin: str
    size: int
    entries: int
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every entry of the export stood in the log when it was signed."""
        return not self.faults


def export_lines(
    note: str,
    entries: Iterable[ProvenEntry],
    *,
    subject: str | None,
    first_day: date | None,
    end_day: date | None,
    reason: str,
) -> Iterator[str]:
    """Write an export, line by line; each ends with a line break."""
    header = {
        "format": _FORMAT,
        "checkpoint": note,
        "subject": subject,
        "first_day": first_day and first_day.isoformat(),
        "end_day": end_day and end_day.isoformat(),
        "reason": reason,
    }
    yield json.dumps(header, ensure_ascii=False) + "\n"
    count = 0
    for entry in entries:
        count += 1
        yield entry.to_json() + "\n"
    yield json.dumps({"entries": count}) + "\n"


@checked
def verify_export(lines: Iterable[str], verifier_keys: Sequence[str]) -> ExportVerification:
    """Verify an export, such as an open file, with the keys `agency.audit.verifier_keys()` printed.

    Needs neither the agency nor its database. Raises InvalidInputError for a key that is none.
    """
    trusted = [VerifierKey.parse(key) for key in verifier_keys]
    rest = iter(lines)
    header = _parsed(next(rest, ""))
    if set(header) != _HEADER or header["format"] != _FORMAT or not isinstance(header["checkpoint"], str):
        fault = Fault("line 1", "another line", f"the header of a '{_FORMAT}'")
        return ExportVerification("", 0, 0, (fault,))
    checkpoint = read_checkpoint(header["checkpoint"], trusted)
    if isinstance(checkpoint, NoteRefused):
        fault = Fault("checkpoint", checkpoint.reason, "one that is signed with one of these keys")
        return ExportVerification("", 0, 0, (fault,))
    faults: list[Fault] = []
    entries = 0
    for found, is_entry in _judged(rest, checkpoint, header["subject"]):
        entries += is_entry
        if found is not None and len(faults) < _MOST_FAULTS:
            faults.append(found)
    return ExportVerification(checkpoint.origin, checkpoint.size, entries, tuple(faults))


def _judged(
    lines: Iterable[str], checkpoint: Checkpoint, subject: str | None
) -> Iterator[tuple[Fault | None, bool]]:
    """Each line's fault, if it has one, and whether it holds an entry."""
    count, last, ended = 0, 0, False
    for number, line in enumerate(lines, start=2):
        where = f"line {number}"
        if ended:
            yield Fault(where, "a line after the end", "nothing more"), False
        elif set(end := _parsed(line)) == {"entries"}:
            ended = True
            found, expected = f"{count} entries before it", f"{end['entries']}"
            yield None if end["entries"] == count else Fault(where, found, expected), False
        else:
            proven = _entry(line)
            fault = _fault_of(proven, where, checkpoint, subject, last)
            if proven is not None:
                count, last = count + 1, proven.seq
            yield fault, proven is not None
    if not ended:
        yield Fault("the end", "nothing", "a line that counts the entries"), False


def _fault_of(
    proven: ProvenEntry | None, where: str, checkpoint: Checkpoint, subject: str | None, last: int
) -> Fault | None:
    if proven is None:
        return Fault(where, "another text", "an entry and its proof")
    if not proven.is_in(checkpoint):
        return Fault(where, f"an entry {proven.seq} that was not in the log", "one that was")
    if proven.seq <= last:
        return Fault(where, f"entry {proven.seq} after entry {last}", "entries in order, each once")
    if subject is not None and proven.entry.subject != subject:
        return Fault(where, "an entry about another record", f"entries about {subject}")
    return None


def _entry(line: str) -> ProvenEntry | None:
    try:
        return ProvenEntry.from_json(line)
    except InvalidInputError:
        return None


def _parsed(line: str) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
