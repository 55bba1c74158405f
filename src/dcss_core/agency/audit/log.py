"""`agency.audit`: read what happened, prove it, and hand it out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import attrs

from dcss_core.agency.audit import exporting, pruning, publishing, sequencing, verifying
from dcss_core.agency.audit.reading import (
    check_size,
    checkpoint_of,
    proven,
    verifier_keys_of,
    with_nodes,
)
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES
from dcss_core.agency.work.trail.reading import log_size, numbers_of, records_after
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.consistency_proof import ConsistencyProof, prove_consistency
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.entry_id import EntryId
from dcss_core.audit.export_request import ExportReason, ExportRequest, is_subject
from dcss_core.audit.log_record import LogRecord
from dcss_core.audit.merge_delay import MergeDelay
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.prune_report import PruneReport
from dcss_core.audit.publish_report import PublishReport
from dcss_core.audit.sequence_report import SequenceReport
from dcss_core.audit.verification import LogVerification, Progress, VerifiedRange
from dcss_core.audit.written_entry import WrittenEntry
from dcss_core.base.dates import DateRange
from dcss_core.base.pages import LONGEST_PAGE, check_limit, not_of_this_list
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.ports.checkpoint_sink import CheckpointSink


@attrs.frozen(repr=False)
class AuditLog:
    """The audit log, oldest entry first, and the sinks that hold signed checkpoints of it."""

    _resources: Resources
    _door: Door
    _sinks: Mapping[str, CheckpointSink] = attrs.field(factory=dict)

    @verb
    def entries(self, *, by: Caller, after: int = 0, page: int = 500) -> Iterator[tuple[int, AuditEntry]]:
        """Every numbered entry after a number, with its own; read page by page, so of any length.

        Where a job numbers the log, what was written in the last moments still waits for its number: `about`
        gives those too, and `merge_delay` says how many there are. Whether the caller may read is asked for
        each page (OWASP ASVS 5.0.0, 8.3.2).
        """
        self._door.pass_through("audit.entries", by)
        check_limit(page, "page")
        self._resources.number_what_waits()
        return self._entries(by, after, page)

    def _entries(self, by: Caller, after: int, page: int) -> Iterator[tuple[int, AuditEntry]]:
        while True:
            records = self._page(by, after, page)
            yield from ((each.seq, entry) for each in records if (entry := each.entry) is not None)
            if len(records) < page:
                return
            after = records[-1].seq
            self._resources.number_what_waits(waits=False)  # what came meanwhile is read too

    def _page(self, by: Caller, after: int, page: int) -> list[LogRecord]:
        return self._door.read("audit.entries", by, lambda work, _: records_after(work, after, limit=page))

    @verb
    def about(
        self, subject: str, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[tuple[int | None, AuditEntry], ...]:
        """The entries about one record, as `receipt:R…` or `case:…`, oldest first, each with its number.

        An entry that waits for its number has None. `after` is the id of an entry about this record, its
        `entry_id`: the list continues after it. Raises InvalidInputError for a subject without its sort.
        """

        def act(work: UnitOfWork, _: Admitted) -> tuple[tuple[int | None, AuditEntry], ...]:
            check_limit(limit)
            if not is_subject(subject):
                fault = Fault("subject", "another text", "KIND:ID, as 'case:0004567890'")
                raise InvalidInputError("this names no record", faults=[fault])
            last = None if after is None else _placed(work, EntryId.parse(after), subject)
            found = work.find(AUDIT_ENTRIES, ("subject",), (subject,), after=last, limit=limit)
            return tuple(
                (number, each.record.read_as(each.version))
                for number, each in zip(numbers_of(work, found), found, strict=True)
            )

        self._resources.number_what_waits()
        return self._door.read("audit.about", by, act)

    @verb
    def sequence(self, *, by: Caller) -> SequenceReport:
        """Number what waits, batch by batch; call it from a job where the storage has many writers at once.

        One at a time: while another is at work it does nothing and says so. SQLite and the storage in memory
        number along with the writing, and there it finds little to do.
        """
        self._door.pass_through("audit.sequence", by)
        return sequencing.sequence(self._resources)

    @verb
    def merge_delay(self, *, by: Caller) -> MergeDelay:
        """How many acts wait for their numbers, since when, and whether that is as it should be.

        For a health check: what waits longer than `audit.merge_delay_seconds` is an alarm.
        """
        self._door.pass_through("audit.merge_delay", by)
        self._resources.number_what_waits()
        found = sequencing.merge_delay(self._resources)
        return attrs.evolve(found, failure=found.failure or self._resources.why_not_numbered)

    @verb
    def publish(self, *, by: Caller) -> PublishReport:
        """Sign the log as it is and hand the checkpoint to every sink; a failing one stops no other.

        A sink gets nothing if the log no longer begins with what the sink holds; nothing at all is signed
        if contents are gone that no permitted pruning accounts for.
        """
        self._door.pass_through("audit.publish", by)
        return publishing.publish(self._resources, self._sinks)

    @verb
    def publish_if_due(self, *, by: Caller) -> PublishReport:
        """Publish to the sinks that are behind by `audit.checkpoint_events` or `audit.checkpoint_minutes`.

        Call it from a job.
        """
        self._door.pass_through("audit.publish_if_due", by)
        return publishing.publish_if_due(self._resources, self._sinks)

    @verb
    def verifier_keys(self, *, by: Caller) -> tuple[str, ...]:
        """The public keys that vouch for this log, the current one first, for auditors (C2SP signed-note).

        None while the log is empty: it is named after its first entry.
        """
        self._resources.number_what_waits()
        origin = self._door.read("audit.verifier_keys", by, lambda work, _: self._origin(work))
        return () if origin is None else tuple(map(str, verifier_keys_of(self._resources, origin)))

    def _origin(self, work: UnitOfWork) -> str | None:
        return checkpoint_of(work, self._resources.jurisdiction.key, 1).origin if log_size(work) else None

    @verb
    def verify(
        self,
        checkpoints: Sequence[str] = (),
        *,
        by: Caller,
        verified: Sequence[VerifiedRange] = (),
        progress: Progress | None = None,
    ) -> LogVerification:
        """Read the whole log and compare it with the checkpoints of every sink and with those given.

        `verified` are ranges that `verify_range` has read already, in other processes as well; they are put
        together, and only the records after them are read. Raises InvalidInputError where they do not follow
        each other from the first record on.

        `progress` is told how many records are verified, of how many. What was written after the last
        checkpoint can be rewritten by whoever holds the database without a trace, and whoever holds it may
        have destroyed contents older than the retention: that looks like a pruning.
        """
        self._door.pass_through("audit.verify", by)
        return verifying.verify(self._resources, self._sinks, checkpoints, verified, progress)

    @verb
    def verify_range(
        self,
        first: int,
        last: int,
        checkpoints: Sequence[str] = (),
        *,
        by: Caller,
        progress: Progress | None = None,
    ) -> VerifiedRange:
        """Read the records from `first` to `last` as `verify` does, to be put together with others by it.

        Several processes can each read a range of one log. Raises InvalidInputError for numbers the log does
        not have, InvariantError when the tree before `first` can't be read.
        """
        self._door.pass_through("audit.verify_range", by)
        return verifying.verify_range(self._resources, self._sinks, checkpoints, (first, last), progress)

    @verb
    def inclusion_proof(self, seq: int, size: int | None = None, *, by: Caller) -> ProvenEntry:
        """An entry, and the proof that it stands in the log of so many entries (of all, if not given).

        `ProvenEntry.is_in` checks it against a checkpoint of that size. Raises NotFoundError when there is
        no such entry, InvalidInputError for a size without it.
        """

        self._resources.number_what_waits()
        [found] = self._door.read("audit.inclusion_proof", by, lambda work, _: proven(work, [seq], size))
        return found

    @verb
    def consistency_proof(
        self, earlier_size: int, later_size: int | None = None, *, by: Caller
    ) -> ConsistencyProof:
        """The proof that the log only grew between two sizes (the later is the present one, if not given).

        `Checkpoint.is_continued_by` checks it. Raises InvalidInputError.
        """

        def act(work: UnitOfWork, _: Admitted) -> ConsistencyProof:
            if later_size is not None:
                check_size(work, "later_size", later_size)
            later = log_size(work) if later_size is None else later_size
            return with_nodes(work, lambda read: prove_consistency(read, earlier_size, later))

        self._resources.number_what_waits()
        return self._door.read("audit.consistency_proof", by, act)

    @verb
    def prune(self, *, before: date, by: Caller) -> PruneReport:
        """Erase actor, subject, source and details of the entries from before a day (in UTC), for good.

        Instants, kinds and hashes stay, so every proof holds; the log says that it was pruned. Raises
        RuleViolationError within `audit.retention_years`, counted from the earlier of the clock and the
        newest entry.
        """
        self._resources.number_what_waits()
        return pruning.prune(self._door, before, by)

    @verb
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
        letters, digits, `.`, `/` and `-` at most, no words) is written into the log before the first line is
        given; a `subject` is a record that the log speaks of, or NotFoundError is raised.
        `dcss_core.audit.verify_export` verifies them with a verifier key alone. Raises InvalidInputError
        for another reference or without a choice, NotPermittedError for anybody but a records officer.
        Raises ConflictError where another sequencer has not numbered the entry of the export yet (ask again
        in a moment), and, after the last line, when entries are pruned while they are handed out.
        """
        self._door.pass_through("audit.export", by)
        request = ExportRequest(subject, period, reason, reference)
        return exporting.export(self._resources, self._door, self._sinks, request, by)


def _placed(work: UnitOfWork, entry_id: EntryId, subject: str) -> Kept[WrittenEntry]:
    kept = work.get(AUDIT_ENTRIES, (entry_id.act, entry_id.line))
    if kept is None or kept.record.subject != subject:
        raise not_of_this_list("the id of an entry about this record")
    return kept
