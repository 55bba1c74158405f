"""`agency.audit`: read what happened."""

from collections.abc import Iterator

import attrs

from dcss_core.agency.resources import Resources
from dcss_core.agency.unit_of_work import AUDIT_LOG, Kept
from dcss_core.audit.entry import AuditEntry
from dcss_core.base.expected_types import checked
from dcss_core.errors import Fault, InvalidInputError


@attrs.frozen(repr=False)
class AuditLog:
    """The audit log, oldest entry first."""

    _resources: Resources

    @checked
    def entries(self, *, after: int = 0, page: int = 500) -> Iterator[tuple[int, AuditEntry]]:
        """Every entry after a sequence number, with its own; read page by page, so of any length.

        Raises InvalidInputError for a page of less than one entry.
        """
        if page < 1:
            fault = Fault("page", str(page), "1 or more")
            raise InvalidInputError("the audit log is read by pages of at least one entry", faults=[fault])
        while True:
            kept = self._page(after, page)
            yield from ((each.version, each.record) for each in kept)
            if len(kept) < page:
                return
            after = kept[-1].version

    def _page(self, after: int, page: int) -> list[Kept[AuditEntry]]:
        return self._resources.read(lambda work: work.entries_after(AUDIT_LOG, after, limit=page))

    @checked
    def about(self, subject: str) -> tuple[AuditEntry, ...]:
        """Every entry about one record, as `receipt:R…` or `case:…`."""
        found = self._resources.read(lambda work: work.find(AUDIT_LOG, ("subject",), (subject,)))
        return tuple(each.record for each in found)
