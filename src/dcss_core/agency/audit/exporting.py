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
from dcss_core.agency.callers.staff_role import write_as
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import AUDIT_LOG, Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.events import AuditLogExported
from dcss_core.audit.export import export_lines
from dcss_core.audit.export_request import ExportRequest
from dcss_core.audit.handed_out import HandedOut
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.record import AuditRecord
from dcss_core.errors import ConflictError, InvariantError
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.users.staff.member import StaffRole

_PAGE: Final = 500


@attrs.frozen
class _Chosen:
    """The numbers of the entries that are meant, and what the log is told of them."""

    numbers: "array[int]" = attrs.field(factory=lambda: array("Q"))
    handed_out: HandedOut = attrs.field(factory=HandedOut)


def export(
    resources: Resources, sinks: Mapping[str, CheckpointSink], request: ExportRequest, by: Actor
) -> Iterator[str]:
    """Choose the entries, write into the log which they are, sign the log, and give the lines."""
    role = StaffRole.RECORDS_OFFICER
    # whoever may not have them makes the agency read nothing; and choosing keeps no other writer waiting
    through = write_as(resources, by, role, log_size)
    chosen = _chosen(resources, request, through)
    event = _event(request, through, chosen.handed_out)

    def written(work: UnitOfWork) -> int:
        work.audit([event], by)
        return log_size(work)

    own = write_as(resources, by, role, written)
    published = publish(resources, sinks)
    if published.checkpoint is None:
        why = published.refusal or "it is empty after an entry was written; was it changed by hand?"
        raise InvariantError(f"nothing of the audit log is handed out: {why}")
    [own_entry] = _proven(resources, [own], published.size)
    return export_lines(published.checkpoint, own_entry, _handed_out(resources, chosen, published.size))


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


def _handed_out(resources: Resources, chosen: _Chosen, size: int) -> Iterator[ProvenEntry]:
    """The entries chosen, each with its proof in the tree of this size."""
    given = HandedOut()
    for start in range(0, len(chosen.numbers), _PAGE):
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
