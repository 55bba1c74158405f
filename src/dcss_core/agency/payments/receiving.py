"""Receiving: the entries of a payment file are posted, a bounded number in each transaction.

Loads what the next entries name, has `payments.posting.entries` decide, saves what that returns together with
how far the file is done, and goes on. Invariants: each entry is posted once, by its receipt's id, however
often and by however many processes a file is received; nothing is posted before the whole file was read;
whoever receives a file that is half done goes on with it; at the end of each transaction the books balance;
no transaction grows with the file, nor does the memory but for the text of its records.

What is received is supposed to be new, and nobody looks whether it is. Where it is not, a key says so, and
the same is done anew by a look at what is there. So verbs that post do not meet where each looks for nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Final

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.payments import (
    EMPLOYMENT_END_REPORTS,
    LIKENESSES,
    RECEIPTS,
    REMITTANCE_FILES,
    REMITTANCE_PARTS,
)
from dcss_core.agency.payments.case_files import case_files, policies_of, save_posted
from dcss_core.agency.payments.file_compared import not_posted
from dcss_core.agency.payments.payees import tell_payees
from dcss_core.agency.work.deadline import begin_next_step, steady_time
from dcss_core.agency.work.records import R, Records
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.pages import LONGEST_PAGE
from dcss_core.errors import InvariantError, RemittanceRefusedError
from dcss_core.payments.collection.employment_end import EmploymentEndReport
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.collection.remittance import Remittance, read_remittance, take
from dcss_core.payments.collection.remittance_entry import RemittanceEntry
from dcss_core.payments.collection.remittance_file import (
    FileStatus,
    RemittanceFile,
    RemittancePosted,
    RemittanceReceived,
    RemittanceReceivedAgain,
    RemittanceRefused,
    file_id_of,
    part_of,
)
from dcss_core.payments.posting.addressed_elsewhere import addressed_elsewhere
from dcss_core.payments.posting.case_file import PolicyOn
from dcss_core.payments.posting.entries import Arrival, OnFile, PostedEntries, case_named_by, post_entries
from dcss_core.payments.posting.last_day_to_send import last_day_to_send
from dcss_core.payments.posting.pace import Pace, Progress
from dcss_core.payments.views.batch import ReceivedFile, RemittanceBatch

VERB = "payments.receive"
_WHAT_TO_DO: Final = (
    "Nothing more is posted. `payments.verify` names what does not agree; restore the file's record, its "
    "receipts and reports from a backup, then receive the file again"
)


def receive(
    resources: Resources, door: Door, content: bytes, *, by: Caller, pace: Pace, progress: Progress | None
) -> RemittanceBatch:
    """Take a file, or go on with one that was taken; see the verb."""
    file_id = file_id_of(content)
    before = door.read(VERB, by, lambda work, _: work.get(REMITTANCE_FILES, file_id))
    if before is not None and before.record.status is FileStatus.RECEIVED:
        return _again(door, by, file_id)
    run = _Run(_read(door, content, by), content, pace, policies_of(resources.jurisdiction), before is None)
    while True:
        begin_next_step()
        step = door.write(VERB, by, run.step)
        for passed in run.note(step):
            resources.read(partial(_check_posted, entries=passed))
        if step.made is not None and step.file.entries and progress is not None:
            progress(step.file.done, step.file.entries)
        if step.file.status is FileStatus.RECEIVED:
            break
        resources.pause(pace.pause_seconds)
    if not run.has_posted:
        return _again(door, by, file_id)
    return _batch(resources, run, step.file)


def _read(door: Door, content: bytes, by: Caller) -> Remittance:
    try:
        return read_remittance(content)
    except RemittanceRefusedError as refusal:
        refused = RemittanceRefused(file_id_of(content), len(refusal.faults))
        door.write(VERB, by, lambda work, caller: work.audit([refused], caller.actor))
        raise


@attrs.frozen
class _Step:
    """What one transaction saved: the file as it is now, and what was posted of it."""

    file: RemittanceFile
    parts: int
    made: PostedEntries | None = None
    supposed_new: bool = False


@attrs.frozen
class _Known:
    """What need not be looked for: letters about a file that is new, and entries that are supposed to be."""

    is_new_file: bool
    are_new_entries: bool


@attrs.define
class _Run:
    """What one call knows of a file: a step reads it, and `note` changes it once the step is saved.

    The receipts, reports and ids that are collected are no more than are handed out.
    """

    remittance: Remittance
    content: bytes
    pace: Pace
    policy_on: PolicyOn
    _is_new: bool
    """Whether the file was not there when it was last looked for."""
    receipts: list[Receipt] = attrs.field(factory=list, init=False)
    reports: list[EmploymentEndReport] = attrs.field(factory=list, init=False)
    seen_before: list[str] = attrs.field(factory=list, init=False)
    has_posted: bool = attrs.field(default=False, init=False)
    _supposes_new: bool = attrs.field(default=True, init=False)
    _has_all_parts: bool = attrs.field(default=False, init=False)
    _place: int = attrs.field(default=0, init=False)
    _chunk: list[RemittanceEntry] = attrs.field(factory=list, init=False)
    _following: Iterator[RemittanceEntry] = attrs.field(init=False)
    _at_once: int = attrs.field(init=False)
    _held_since: timedelta = attrs.field(factory=timedelta, init=False)

    def __attrs_post_init__(self) -> None:
        self._following = iter(self.remittance.entries)
        self._at_once = self.pace.entries_at_first
        self._fill()

    def step(self, work: UnitOfWork, caller: Admitted) -> _Step:
        """Keep the next part of the bytes, or post the next entries; in one transaction."""
        self._held_since = steady_time()
        supposes_new = self._supposes_new and not work.key_was_taken
        is_new = self._is_new and not work.key_was_taken
        kept = None if is_new else work.get(REMITTANCE_FILES, self.remittance.file_id)
        if kept is None:
            if not is_new and self._parts(work):
                raise InvariantError(
                    f"the bytes of this payment file are kept, and its record is gone. {_WHAT_TO_DO}"
                )
            file, parts = take(self.remittance, size=len(self.content), at=work.now, on=work.today), 0
            work.audit([RemittanceReceived.of(file)], caller.actor)
        else:
            file = kept.record
            parts = file.parts if self._has_all_parts else self._parts(work)
        if file.status is FileStatus.RECEIVED:
            return _Step(file, parts)
        if parts < file.parts:
            parts += 1
            work.insert(REMITTANCE_PARTS, [part_of(file, self.content, parts)])
        made = None
        if parts == file.parts and file.done <= self._place:  # what others posted is looked at first
            known = _Known(is_new_file=is_new, are_new_entries=supposes_new)
            made, file = self._posted(work, file, caller.actor, known)
        work.put(REMITTANCE_FILES, kept, file)
        return _Step(file, parts, made, supposes_new)

    def note(self, step: _Step) -> Iterator[list[RemittanceEntry]]:
        """Note what a step saved, and get ready what follows; gives the entries that others posted."""
        self._supposes_new, self._is_new = step.supposed_new, False
        self._has_all_parts = step.parts == step.file.parts
        if step.made is not None:
            self.has_posted = True
            self._collect(step.made)
            self._at_once = self.pace.entries_next(self._at_once, steady_time() - self._held_since)
            self._take(step.file.done - self._place)
        while step.file.done > self._place:
            yield self._take(min(step.file.done - self._place, LONGEST_PAGE))
        self._fill()

    def _parts(self, work: UnitOfWork) -> int:
        return work.count(REMITTANCE_PARTS, ("file_id", "number"), (self.remittance.file_id,))

    def _posted(
        self, work: UnitOfWork, file: RemittanceFile, by: Actor, known: _Known
    ) -> tuple[PostedEntries, RemittanceFile]:
        if file.done < self._place:
            raise InvariantError("less of this file is posted than was; was the database put back?")
        made = _post(work, file, self._chunk, self.policy_on, known)
        try:
            file = file.posted(
                len(self._chunk),
                made.receipts,
                reports=len(made.employment_ends),
                seen_before=len(made.seen_before),
            )
        except InvariantError as broken:
            raise InvariantError(
                f"the record of this payment file was changed by hand and can't be finished ({broken}). "
                f"{_WHAT_TO_DO}"
            ) from None
        work.audit(made.posted.events, by)
        if file.status is FileStatus.RECEIVED:
            work.audit([RemittancePosted.of(file)], by)
        return made, file

    def _collect(self, made: PostedEntries) -> None:
        self.receipts += made.receipts[: LONGEST_PAGE - len(self.receipts)]
        self.reports += made.employment_ends[: LONGEST_PAGE - len(self.reports)]
        self.seen_before += made.seen_before[: LONGEST_PAGE - len(self.seen_before)]

    def _take(self, entries: int) -> list[RemittanceEntry]:
        """The next entries, which are done."""
        self._place += entries
        taken = self._chunk[:entries]
        del self._chunk[:entries]
        taken += islice(self._following, entries - len(taken))
        return taken

    def _fill(self) -> None:
        self._chunk += islice(self._following, max(self._at_once - len(self._chunk), 0))


def _post(
    work: UnitOfWork,
    file: RemittanceFile,
    entries: Sequence[RemittanceEntry],
    policy_on: PolicyOn,
    known: _Known,
) -> PostedEntries:
    send_by, _ = last_day_to_send(work.jurisdiction, file.received_on)
    kept = case_files(work, filter(None, map(case_named_by, entries)))
    looked_for = () if known.are_new_entries else entries
    on_file = OnFile(
        cases={number: each.file for number, each in kept.items()},
        received=_there(work, RECEIPTS, [entry.receipt_id for entry in looked_for]),
        alike=_there(work, LIKENESSES, [entry.likeness for entry in looked_for]),
        reported=_there(
            work, EMPLOYMENT_END_REPORTS, [entry.receipt_id for entry in looked_for if entry.employment_ended]
        ),
    )
    arrival = Arrival(file.file_id, file.received_on, send_by, work.now)
    made = post_entries(entries, on_file, arrival, policy_on=policy_on)
    work.insert(RECEIPTS, made.receipts)
    work.insert(LIKENESSES, made.likenesses)
    work.insert(EMPLOYMENT_END_REPORTS, made.employment_ends)
    save_posted(work, made.posted, kept)
    tell_payees(work, RemittanceReceived.of(file), made.posted.lines, is_first=known.is_new_file)
    return made


def _check_posted(work: UnitOfWork, *, entries: Sequence[RemittanceEntry]) -> None:
    missing = not_posted(work, entries)
    if missing:
        raise InvariantError(
            f"{missing} entries of this payment file count as posted, and have neither a receipt nor a "
            f"report; its record or theirs were changed by hand. {_WHAT_TO_DO}"
        )


def _there(work: UnitOfWork, records: Records[R], keys: Sequence[str]) -> set[str]:
    """Those of these keys that are taken."""
    if not keys:
        return set()
    return {key for key, kept in zip(keys, work.get_each(records, keys), strict=True) if kept is not None}


def _batch(resources: Resources, run: _Run, file: RemittanceFile) -> RemittanceBatch:
    """What became of a file that this call finished, in the order of its entries where it was this call's."""
    collected = RemittanceBatch(ReceivedFile.of(file), tuple(run.receipts), tuple(run.reports))
    batch = collected if collected.is_whole else resources.read(partial(_on_record, file=file))
    _, not_known = last_day_to_send(resources.jurisdiction, file.received_on)
    rules = resources.jurisdiction.on(file.received_on)
    elsewhere = addressed_elsewhere(run.remittance.addressed, rules, file.received_on)
    return attrs.evolve(batch, seen_before=tuple(run.seen_before), remarks=(*not_known, *elsewhere))


def _again(door: Door, by: Caller, file_id: str) -> RemittanceBatch:
    def act(work: UnitOfWork, caller: Admitted) -> RemittanceBatch:
        kept = work.get(REMITTANCE_FILES, file_id)
        if kept is None:
            raise InvariantError("a payment file that was received is gone; was it deleted by hand?")
        work.audit([RemittanceReceivedAgain(file_id)], caller.actor)
        return attrs.evolve(_on_record(work, kept.record), already_received=True)

    return door.write(VERB, by, act)


def _on_record(work: UnitOfWork, file: RemittanceFile) -> RemittanceBatch:
    receipts = work.find(RECEIPTS, ("file_id",), (file.file_id,), limit=LONGEST_PAGE)
    reports = work.find(EMPLOYMENT_END_REPORTS, ("file_id",), (file.file_id,), limit=LONGEST_PAGE)
    return RemittanceBatch(
        ReceivedFile.of(file),
        tuple(each.record for each in receipts),
        tuple(each.record for each in reports),
    )
