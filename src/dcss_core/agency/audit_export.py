"""Handing out a part of the audit log, to law enforcement or to whoever may have it.

Decides which entries are meant. Invariants: the export is an entry of the log before its first line is
handed over, and the checkpoint it carries covers that entry; entries come in order and each is proven.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from dcss_core.agency.audit_publishing import publish
from dcss_core.agency.audit_reading import nodes_of
from dcss_core.agency.resources import Resources
from dcss_core.agency.staff_check import write_as
from dcss_core.agency.unit_of_work import AUDIT_LOG, Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.events import AuditLogExported
from dcss_core.audit.export import export_lines
from dcss_core.audit.inclusion_proof import prove_inclusion
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.record import AuditRecord
from dcss_core.base.dates import DateRange
from dcss_core.errors import Fault, InvalidInputError, InvariantError
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.users.staff_member import StaffRole

_PAGE: Final = 500
_LONGEST_REASON: Final = 200


def export(
    resources: Resources,
    sinks: Mapping[str, CheckpointSink],
    *,
    subject: str | None,
    period: DateRange | None,
    reason: str,
    by: Actor,
) -> Iterator[str]:
    """Write the export into the log, sign the log, and give the lines."""
    _check(subject, period, reason)
    first, end = (period.start, period.end) if period else (None, None)
    event = AuditLogExported(reason, subject, first, end)
    write_as(resources, by, StaffRole.RECORDS_OFFICER, lambda work: work.audit([event], by))
    published = publish(resources, sinks)
    if published.checkpoint is None:
        raise InvariantError("the audit log is empty after an entry was written; was it changed by hand?")
    chosen = _chosen(resources, published.size, subject, period)
    return export_lines(
        published.checkpoint, chosen, subject=subject, first_day=first, end_day=end, reason=reason
    )


def _check(subject: str | None, period: DateRange | None, reason: str) -> None:
    faults = []
    if not (reason.strip() and len(reason) <= _LONGEST_REASON and reason.isprintable()):
        expected = f"1 to {_LONGEST_REASON} printable characters, as 'subpoena 26-1234'"
        faults.append(Fault("reason", f"{len(reason)} characters", expected))
    if subject is None and period is None:
        faults.append(Fault("subject, period", "neither", "a record, as 'case:…', or a period, or both"))
    if faults:
        raise InvalidInputError("the audit log is not handed out like this", faults=faults)


def _chosen(
    resources: Resources, size: int, subject: str | None, period: DateRange | None
) -> Iterator[ProvenEntry]:
    """The entries meant, each with its proof in the tree of this size."""
    after = 0
    while after < size:
        page = resources.read(_page_of(resources, after, size, subject, period))
        yield from page[0]
        after = page[1]


def _page_of(
    resources: Resources, after: int, size: int, subject: str | None, period: DateRange | None
) -> Callable[[UnitOfWork], tuple[list[ProvenEntry], int]]:
    def verb(work: UnitOfWork) -> tuple[list[ProvenEntry], int]:
        found = _found(work, after, subject)
        read = nodes_of(work)
        proven = [
            ProvenEntry.of(each.record, prove_inclusion(read, each.version - 1, size))
            for each in found
            if each.version <= size and (period is None or resources.day_of(each.record.at) in period)
        ]
        return proven, found[-1].version if len(found) == _PAGE else size

    return verb


def _found(work: UnitOfWork, after: int, subject: str | None) -> list[Kept[AuditRecord]]:
    if subject is None:
        return work.entries_after(AUDIT_LOG, after, limit=_PAGE)
    return work.find(AUDIT_LOG, ("subject",), (subject,), after=after, limit=_PAGE)
