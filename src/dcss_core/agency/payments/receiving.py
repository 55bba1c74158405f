"""Receiving: a remittance file is posted, whole, in one transaction.

Loads what the entries name, has `payments.posting.entries` decide, and saves what that returns. Invariants: a
file and each of its entries are posted once, however often and by however many processes they are received;
either all of it is saved or nothing.
"""

from collections.abc import Iterable, Sequence

from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.filing.payments import EMPLOYMENT_END_REPORTS, RECEIPTS, REMITTANCE_FILES
from dcss_core.agency.payments.case_files import KeptCaseFile, case_files, policies_of, save_posted
from dcss_core.agency.sending.outbox import put_in_outbox
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.secret import Secret
from dcss_core.letters.about import letter_about
from dcss_core.letters.letterhead import letterhead
from dcss_core.payments.collection.receipt import RemittanceEntry
from dcss_core.payments.collection.remittance import (
    Remittance,
    RemittanceFile,
    RemittanceReceived,
    RemittanceReceivedAgain,
)
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.posting.addressed_elsewhere import addressed_elsewhere
from dcss_core.payments.posting.entries import (
    Arrival,
    OnFile,
    PostedEntries,
    Progress,
    case_named_by,
    post_entries,
)
from dcss_core.payments.posting.last_day_to_send import last_day_to_send
from dcss_core.payments.views.batch import ReceivedFile, RemittanceBatch


def post_remittance(
    work: UnitOfWork, remittance: Remittance, content: bytes, *, by: Actor, progress: Progress | None
) -> RemittanceBatch:
    """Post every entry of a file that was not posted before."""
    before = work.get(REMITTANCE_FILES, remittance.file_id)
    if before is not None:
        work.audit([RemittanceReceivedAgain(remittance.file_id)], by)
        return _as_before(work, before)
    entries = remittance.entries
    send_by, remarks = last_day_to_send(work.jurisdiction, work.today)
    kept = case_files(work, filter(None, map(case_named_by, entries)))
    made = post_entries(
        entries,
        _on_file(work, entries, kept),
        Arrival(remittance.file_id, work.today, send_by, work.now),
        policy_on=policies_of(work.jurisdiction),
        progress=progress,
    )
    file = RemittanceFile(
        file_id=remittance.file_id,
        received_at=work.now,
        received_on=work.today,
        remitter=remittance.remitter,
        entries=len(entries),
        total=remittance.total,
        content=Secret(content.decode("ascii")),
    )
    _save(work, file, made, kept, by)
    return RemittanceBatch(
        ReceivedFile.of(file),
        made.receipts,
        made.employment_ends,
        made.seen_before,
        remarks=(*remarks, *addressed_elsewhere(entries, work.rules, work.today)),
    )


def _on_file(
    work: UnitOfWork, entries: Sequence[RemittanceEntry], kept: dict[CaseNumber, KeptCaseFile]
) -> OnFile:
    ids = {entry.receipt_id for entry in entries}
    likenesses = {entry.likeness for entry in entries}
    ended = {entry.receipt_id for entry in entries if entry.employment_ended}
    return OnFile(
        cases={number: each.file for number, each in kept.items()},
        received={each for each in ids if work.get(RECEIPTS, each) is not None},
        alike={each for each in likenesses if work.find(RECEIPTS, ("likeness",), (each,), limit=1)},
        reported={each for each in ended if work.get(EMPLOYMENT_END_REPORTS, each) is not None},
    )


def _save(
    work: UnitOfWork,
    file: RemittanceFile,
    made: PostedEntries,
    kept: dict[CaseNumber, KeptCaseFile],
    by: Actor,
) -> None:
    work.insert(REMITTANCE_FILES, [file])
    work.insert(RECEIPTS, made.receipts)
    work.insert(EMPLOYMENT_END_REPORTS, made.employment_ends)
    save_posted(work, made.posted, kept)
    received = RemittanceReceived(file.file_id, file.entries, file.total)
    work.audit((received, *made.posted.events), by)
    tell_payees(work, received, made.posted.lines)


def tell_payees(work: UnitOfWork, event: Event, lines: Iterable[DistributionLine]) -> None:
    """Put the letter that an event calls for in the outbox, for everybody who is paid by these lines."""
    letter = letter_about(event, letterhead(work.rules))
    if letter is None:
        return
    for person_id in sorted({line.payee_id for line in lines if line.payee_id is not None}):
        person = work.get(PEOPLE, person_id)
        if person is not None and person.record.email is not None:
            put_in_outbox(
                work,
                letter,
                message_id=f"{letter.occasion.name}/{person_id}",
                person_id=person_id,
                address=person.record.email,
            )


def _as_before(work: UnitOfWork, before: Kept[RemittanceFile]) -> RemittanceBatch:
    file_id = before.record.file_id
    receipts = work.find(RECEIPTS, ("file_id",), (file_id,))
    ends = work.find(EMPLOYMENT_END_REPORTS, ("file_id",), (file_id,))
    return RemittanceBatch(
        ReceivedFile.of(before.record),
        tuple(each.record for each in receipts),
        tuple(each.record for each in ends),
        already_received=True,
    )
