"""Handing out a part of the audit log, to law enforcement or to whoever may have it.

Decides which entries are meant: of those the log has when it is asked, for nothing is ever put among them
later. Invariants: which entries they are stands in the log before the first line is handed over, and the
checkpoint the export carries covers that; entries come in order and each is proven.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from dcss_core.agency.audit.publishing import publish
from dcss_core.agency.audit.reading import log_size, nodes_of, proven
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import AUDIT_LOG, Kept, UnitOfWork
from dcss_core.audit.events import AuditLogExported
from dcss_core.audit.export import export_lines
from dcss_core.audit.export_request import ExportRequest
from dcss_core.audit.handed_out import HandedOut
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.record import AuditRecord
from dcss_core.errors import ConflictError, InvariantError
from dcss_core.ports.checkpoint_sink import CheckpointSink

_EXPORT: Final = "audit.export"
_PAGE: Final = 500


@attrs.frozen
class _Chosen:
    """The numbers of the entries that are meant, and what the log is told of them."""

    numbers: "array[int]" = attrs.field(factory=lambda: array("Q"))
    handed_out: HandedOut = attrs.field(factory=HandedOut)


def export(
    resources: Resources, door: Door, sinks: Mapping[str, CheckpointSink], request: ExportRequest, by: Caller
) -> Iterator[str]:
    """Choose the entries, write into the log which they are, sign the log, and give the lines."""
    # whoever may not have them makes the agency read nothing; and choosing keeps no other writer waiting
    through = door.write(_EXPORT, by, lambda work, _: log_size(work))
    chosen = _chosen(resources, request, through)
    event = _event(request, through, chosen.handed_out)

    def written(work: UnitOfWork, caller: Admitted) -> int:
        work.audit([event], caller.actor)
        return log_size(work)

    own = door.write(_EXPORT, by, written)
    published = publish(resources, sinks)
    if published.checkpoint is None:
        why = published.refusal or "it is empty after an entry was written; was it changed by hand?"
        raise InvariantError(f"nothing of the audit log is handed out: {why}")
    [own_entry] = _proven(resources, [own], published.size)
    lines = _handed_out(resources, door, chosen, published.size, by)
    return export_lines(published.checkpoint, own_entry, lines)


def _chosen(resources: Resources, request: ExportRequest, through: int) -> _Chosen:
    chosen, after = _Chosen(), 0
    while after < through:
        page = _page(resources, after, request.subject)
        for each in page:
            if each.version <= through and _is_in_period(resources, request, each.record):
                chosen.numbers.append(each.version)
                chosen.handed_out.add(each.version, each.record.entry)
        after = page[-1].version if len(page) == _PAGE else through
    return chosen


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


def _page(resources: Resources, after: int, subject: str | None) -> list[Kept[AuditRecord]]:
    def verb(work: UnitOfWork) -> list[Kept[AuditRecord]]:
        if subject is None:
            return work.entries_after(AUDIT_LOG, after, limit=_PAGE)
        return work.find(AUDIT_LOG, ("subject",), (subject,), after=after, limit=_PAGE)

    return resources.read(verb)


def _is_in_period(resources: Resources, request: ExportRequest, record: AuditRecord) -> bool:
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
            given.add(each.seq, each.entry)
            yield each
    if given.digest != chosen.handed_out.digest:
        raise ConflictError(
            "entries were pruned while they were handed out; throw this export away, ask again"
        )


def _proven(resources: Resources, numbers: Sequence[int], size: int) -> list[ProvenEntry]:
    def verb(work: UnitOfWork) -> list[ProvenEntry]:
        read = nodes_of(work)
        return [proven(work, read, seq, size) for seq in numbers]

    return resources.read(verb)
