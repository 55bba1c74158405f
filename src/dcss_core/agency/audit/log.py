"""`agency.audit`: read what happened, prove it, and hand it out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import attrs

from dcss_core.agency.audit import exporting, pruning, publishing, verifying
from dcss_core.agency.audit.reading import (
    check_size,
    checkpoint_of,
    log_size,
    nodes_of,
    proven,
    verifier_keys_of,
)
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import AUDIT_LOG, Kept, UnitOfWork
from dcss_core.audit.consistency_proof import ConsistencyProof, prove_consistency
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.export_request import ExportReason, ExportRequest
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.prune_report import PruneReport
from dcss_core.audit.publish_report import PublishReport
from dcss_core.audit.record import AuditRecord
from dcss_core.audit.verification import LogVerification, Progress
from dcss_core.base.dates import DateRange
from dcss_core.base.expected_types import checked
from dcss_core.base.pages import LONGEST_PAGE, check_limit
from dcss_core.ports.checkpoint_sink import CheckpointSink


@attrs.frozen(repr=False)
class AuditLog:
    """The audit log, oldest entry first, and the sinks that hold signed checkpoints of it."""

    _resources: Resources
    _door: Door
    _sinks: Mapping[str, CheckpointSink] = attrs.field(factory=dict)

    @checked
    def entries(self, *, by: Caller, after: int = 0, page: int = 500) -> Iterator[tuple[int, AuditEntry]]:
        """Every entry after a sequence number, with its own; read page by page, so of any length.

        Whether the caller may read is asked for each page (OWASP ASVS 5.0.0, 8.3.2).
        """
        self._door.pass_through("audit.entries", by)
        check_limit(page, "page")
        return self._entries(by, after, page)

    def _entries(self, by: Caller, after: int, page: int) -> Iterator[tuple[int, AuditEntry]]:
        while True:
            kept = self._page(by, after, page)
            yield from ((each.version, each.record.entry) for each in kept)
            if len(kept) < page:
                return
            after = kept[-1].version

    def _page(self, by: Caller, after: int, page: int) -> list[Kept[AuditRecord]]:
        return self._door.read(
            "audit.entries", by, lambda work, _: work.entries_after(AUDIT_LOG, after, limit=page)
        )

    @checked
    def about(
        self, subject: str, *, by: Caller, after: int = 0, limit: int = LONGEST_PAGE
    ) -> tuple[tuple[int, AuditEntry], ...]:
        """The entries about one record, as `receipt:R…` or `case:…`, each with its number, oldest first.

        `after` is the number of an entry: those that follow it come.
        """

        def verb(work: UnitOfWork, _: Admitted) -> tuple[tuple[int, AuditEntry], ...]:
            check_limit(limit)
            found = work.find(AUDIT_LOG, ("subject",), (subject,), after=after, limit=limit)
            return tuple((each.version, each.record.entry) for each in found)

        return self._door.read("audit.about", by, verb)

    @checked
    def publish(self, *, by: Caller) -> PublishReport:
        """Sign the log as it is and hand the checkpoint to every sink; a failing one stops no other.

        A sink gets nothing if the log no longer begins with what the sink holds; nothing at all is signed
        if contents are gone that no permitted pruning accounts for.
        """
        self._door.pass_through("audit.publish", by)
        return publishing.publish(self._resources, self._sinks)

    @checked
    def publish_if_due(self, *, by: Caller) -> PublishReport:
        """Publish to the sinks that are behind by `audit.checkpoint_events` or `audit.checkpoint_minutes`.

        Call it from a job.
        """
        self._door.pass_through("audit.publish_if_due", by)
        return publishing.publish_if_due(self._resources, self._sinks)

    @checked
    def verifier_keys(self, *, by: Caller) -> tuple[str, ...]:
        """The public keys that vouch for this log, the current one first, for auditors (C2SP signed-note).

        None while the log is empty: it is named after its first entry.
        """
        origin = self._door.read("audit.verifier_keys", by, lambda work, _: self._origin(work))
        return () if origin is None else tuple(map(str, verifier_keys_of(self._resources, origin)))

    def _origin(self, work: UnitOfWork) -> str | None:
        return checkpoint_of(work, self._resources.jurisdiction.key, 1).origin if log_size(work) else None

    @checked
    def verify(
        self, checkpoints: Sequence[str] = (), *, by: Caller, progress: Progress | None = None
    ) -> LogVerification:
        """Read the whole log and compare it with the checkpoints of every sink and with those given.

        `progress` is told how many records are verified, of how many. What was written after the last
        checkpoint can be rewritten by whoever holds the database without a trace, and whoever holds it may
        have destroyed contents older than the retention: that looks like a pruning.
        """
        self._door.pass_through("audit.verify", by)
        return verifying.verify(self._resources, self._sinks, checkpoints, progress)

    @checked
    def inclusion_proof(self, seq: int, size: int | None = None, *, by: Caller) -> ProvenEntry:
        """An entry, and the proof that it stands in the log of so many entries (of all, if not given).

        `ProvenEntry.is_in` checks it against a checkpoint of that size. Raises NotFoundError when there is
        no such entry, InvalidInputError for a size without it.
        """

        def verb(work: UnitOfWork, _: Admitted) -> ProvenEntry:
            if size is not None:
                check_size(work, "size", size)
            return proven(work, nodes_of(work), seq, log_size(work) if size is None else size)

        return self._door.read("audit.inclusion_proof", by, verb)

    @checked
    def consistency_proof(
        self, earlier_size: int, later_size: int | None = None, *, by: Caller
    ) -> ConsistencyProof:
        """The proof that the log only grew between two sizes (the later is the present one, if not given).

        `Checkpoint.is_continued_by` checks it. Raises InvalidInputError.
        """

        def verb(work: UnitOfWork, _: Admitted) -> ConsistencyProof:
            if later_size is not None:
                check_size(work, "later_size", later_size)
            later = log_size(work) if later_size is None else later_size
            return prove_consistency(nodes_of(work), earlier_size, later)

        return self._door.read("audit.consistency_proof", by, verb)

    @checked
    def prune(self, *, before: date, by: Caller) -> PruneReport:
        """Erase actor, subject, source and details of the entries from before a day (in UTC), for good.

        Instants, kinds and hashes stay, so every proof holds; the log says that it was pruned. Raises
        RuleViolationError within `audit.retention_years`, counted from the earlier of the clock and the
        newest entry.
        """
        return pruning.prune(self._door, before, by)

    @checked
    def export(
        self,
        *,
        subject: str | None = None,
        period: DateRange | None = None,
        reason: ExportReason,
        reference: str,
        by: Caller,
    ) -> Iterator[str]:
        """Hand out the entries about a record, or of some days at the agency, or both, as JSON Lines.

        They are those the log has now. Which ones, why, and under which file number (`reference`, of 40
        letters, digits, `.`, `/` and `-` at most) is written into the log before the first line is given.
        `dcss_core.audit.verify_export` verifies them with a verifier key alone. Raises InvalidInputError
        for another reference or without a choice, NotPermittedError for anybody but a records officer,
        and, when entries are pruned while they are handed out, ConflictError after the last line.
        """
        self._door.pass_through("audit.export", by)
        request = ExportRequest(subject, period, reason, reference)
        return exporting.export(self._resources, self._door, self._sinks, request, by)
