"""Handing out a part of the audit log, to law enforcement or to whoever may have it.

Decides which entries are meant: of those the log has when it is asked, for nothing is ever put among them
later. Invariants: which entries they are stands in the log before the first line is handed over, and the
checkpoint the export carries covers that; entries come in order and each is proven.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import attrs

from dcss_core.agency.audit.publishing import publish
from dcss_core.agency.audit.reading import proven
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import nothing_found
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG
from dcss_core.agency.work.trail.reading import log_size, numbers_of, records_after
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.events import AuditLogExported
from dcss_core.audit.export import export_lines
from dcss_core.audit.export_request import ExportRequest
from dcss_core.audit.handed_out import HandedOut
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.written_entry import WrittenEntry
from dcss_core.errors import ConflictError, InvariantError
from dcss_core.ports.checkpoint_sink import CheckpointSink

_EXPORT: Final = "audit.export"
_PAGE: Final = 500


@attrs.frozen
class _Chosen:
    """The numbers of the entries that are meant, in order, and what the log is told of them."""

    numbers: "array[int]"
    handed_out: HandedOut


def export(
    resources: Resources, door: Door, sinks: Mapping[str, CheckpointSink], request: ExportRequest, by: Caller
) -> Iterator[str]:
    """Choose the entries, write into the log which they are, sign the log, and give the lines."""
    # whoever may not have them makes the agency read nothing; and choosing keeps no other writer waiting
    door.read(_EXPORT, by, partial(_check_subject, subject=request.subject))
    resources.number_what_waits()
    through = resources.read(log_size)
    chosen = _chosen(resources, request, through)
    event = _event(request, through, chosen.handed_out)
    made: list[UnitOfWork] = []

    def written(work: UnitOfWork, caller: Admitted) -> None:
        work.audit([event], caller.actor)
        made.append(work)

    door.write(_EXPORT, by, written)
    resources.number_what_waits(by_job=False)
    own = _number_of_act(resources, made[-1])
    published = publish(resources, sinks)
    if published.checkpoint is None:
        why = published.refusal or "it is empty after an entry was written; was it changed by hand?"
        raise InvariantError(f"nothing of the audit log is handed out: {why}")
    [own_entry] = _proven(resources, [own], published.size)
    lines = _handed_out(resources, door, chosen, published.size, by)
    return export_lines(published.checkpoint, own_entry, lines)


def _check_subject(work: UnitOfWork, _: Admitted, *, subject: str | None) -> None:
    # What is named here stands in the log from now on: so it has to stand there already, as an id of ours.
    if subject is not None and not work.find(AUDIT_ENTRIES, ("subject",), (subject,), limit=1):
        raise nothing_found(work, "audit_record", "the audit log holds nothing about such a record")


def _number_of_act(resources: Resources, made: UnitOfWork) -> int:
    act = made.trace.act
    found = resources.read(lambda work: work.find(AUDIT_LOG, ("act", "line"), (act,), limit=1))
    if not found:
        raise ConflictError(
            "another sequencer has not numbered the entry of this export yet; ask again in a moment"
        )
    return found[0].version


def _chosen(resources: Resources, request: ExportRequest, through: int) -> _Chosen:
    every = _everything(resources) if request.subject is None else _about(resources, request.subject)
    # one number an entry: twice its own, and one more when it is pruned
    chosen = array("Q")
    for seq, written in every:
        if seq > through and request.subject is None:
            break
        if seq <= through and _is_in_period(resources, request, written):
            chosen.append(2 * seq + written.entry.is_pruned)
    handed_out = HandedOut()
    numbers = array("Q")
    for each in sorted(chosen):
        numbers.append(each // 2)
        handed_out.add(each // 2, is_pruned=bool(each % 2))
    return _Chosen(numbers, handed_out)


def _everything(resources: Resources) -> Iterator[tuple[int, WrittenEntry]]:
    after = 0
    while page := resources.read(partial(records_after, seq=after, limit=_PAGE)):
        yield from ((each.seq, each.written) for each in page if each.written is not None)
        after = page[-1].seq


def _about(resources: Resources, subject: str) -> Iterator[tuple[int, WrittenEntry]]:
    last: Kept[WrittenEntry] | None = None
    while page := resources.read(partial(_page_about, subject=subject, after=last)):
        yield from ((seq, kept.record) for seq, kept in page if seq is not None)
        last = page[-1][1]


def _page_about(
    work: UnitOfWork, subject: str, after: Kept[WrittenEntry] | None
) -> list[tuple[int | None, Kept[WrittenEntry]]]:
    found = work.find(AUDIT_ENTRIES, ("subject",), (subject,), after=after, limit=_PAGE)
    return list(zip(numbers_of(work, found), found, strict=True))


def _event(request: ExportRequest, through: int, handed_out: HandedOut) -> AuditLogExported:
    period = request.period
    return AuditLogExported(
        reason=request.reason,
        reference=request.reference,
        about_record=request.subject,
        first_day=None if period is None else period.start,
        end_day=None if period is None else period.end,
        through=through,
        entries=handed_out.entries,
        digest=handed_out.digest,
    )


def _is_in_period(resources: Resources, request: ExportRequest, record: WrittenEntry) -> bool:
    return request.period is None or resources.day_of(record.at) in request.period


def _handed_out(
    resources: Resources, door: Door, chosen: _Chosen, size: int, by: Caller
) -> Iterator[ProvenEntry]:
    """The entries chosen, each with its proof in the tree of this size.

    Whether the caller may have them is asked for each page (OWASP ASVS 5.0.0, 8.3.2).
    """
    given = HandedOut()
    for start in range(0, len(chosen.numbers), _PAGE):
        door.pass_through(_EXPORT, by)
        for each in _proven(resources, chosen.numbers[start : start + _PAGE], size):
            given.add(each.seq, is_pruned=each.entry.is_pruned)
            yield each
    if given.digest != chosen.handed_out.digest:
        raise ConflictError(
            "entries were pruned while they were handed out; throw this export away, ask again"
        )


def _proven(resources: Resources, numbers: Sequence[int], size: int) -> list[ProvenEntry]:
    return resources.read(lambda work: proven(work, numbers, size))
