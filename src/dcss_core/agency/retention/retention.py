"""`agency.retention`: deletes what nobody needs any more, as the rules say.

Invariants: what a case, an order, the ledger or the audit log says is never deleted here; each step is one
transaction of a bounded number of records, says in the audit log how many of which kind it deleted, and the
job can be stopped between any two and begun again.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.filing.payments import REMITTANCE_FILES, REMITTANCE_PARTS
from dcss_core.agency.retention.closed_accounts import begin_counting, forget_closed
from dcss_core.agency.retention.kinds import EXPIRING, FORGOTTEN, STEP, Expiring, Forgotten
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.borne_out import borne_out
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.events import RecordsDeleted
from dcss_core.audit.retention_report import RetentionReport
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.payments.collection.remittance_file import FileStatus, RemittanceFile
from dcss_core.rules.retention_schedule import RetentionSchedule

_APPLY = "retention.apply"
_MOST = 1_000_000


@attrs.frozen(repr=False)
class Retention:
    """The job that deletes."""

    _resources: Resources
    _door: Door

    @verb
    def apply(self, *, by: Caller, at_most: int = 100_000) -> RetentionReport:
        """Delete what need not be kept any more by the rules, and forget closed accounts; call it from a job.

        At most so many records (1 to 1,000,000), in steps that keep others who write waiting for a moment;
        what is left is deleted the next time. Raises InvalidInputError for another number.
        """
        if not 1 <= at_most <= _MOST:
            fault = Fault("at_most", shown_number(at_most), f"1 to {_MOST}")
            raise InvalidInputError("a run deletes a bounded number of records", faults=[fault])
        report = RetentionReport()
        for kind, deleted in self._steps(by, at_most):
            report = report.counting(kind, deleted)
        return attrs.evolve(report, is_complete=report.records < at_most)

    def _steps(self, by: Caller, at_most: int) -> Iterator[tuple[str, int]]:
        """Each step's kind and how many records it deleted."""
        self._door.pass_through(_APPLY, by)
        self._resources.number_what_waits()  # by what is numbered it is told how late it is
        left = at_most
        for expiring in EXPIRING:
            deleted = STEP
            while left and deleted == STEP:
                deleted = self._expired(expiring, by, min(STEP, left))
                left -= deleted
                yield expiring.records.collection.name, deleted
        for step in self._of_closed_accounts(by):
            done = STEP
            while left and done == STEP:
                done = step(min(STEP, left))
                left -= done
                yield ACCOUNTS.collection.name, done
        parts = REMITTANCE_PARTS.collection.name
        for file_ids in self._pages_of_old_files():
            for file_id in file_ids:
                deleted = self._contents_deleted(file_id, by, min(STEP, left)) if left else 0
                left -= deleted
                yield parts, deleted
        for forgotten in FORGOTTEN:
            for keys in self._pages_to_forget(forgotten):
                deleted = self._forgotten(forgotten, keys[:left], by) if left else 0
                left -= deleted
                yield forgotten.records.collection.name, deleted

    def _expired(self, kind: Expiring, by: Caller, limit: int) -> int:
        def act(work: UnitOfWork, caller: Admitted) -> int:
            schedule = RetentionSchedule.from_rules(work.rules)
            through = kind.through(schedule, work.now)
            deleted = work.delete(kind.records, kind.index, kind.equal_to, at_most=through, limit=limit)
            _told(work, caller, kind.records.collection.name, deleted)
            return deleted

        return self._door.write(_APPLY, by, act)

    def _of_closed_accounts(self, by: Caller) -> Iterator[Callable[[int], int]]:
        """The steps on closed accounts: from before this was counted, and those whose years are over."""

        def begun(limit: int) -> int:
            randomness = self._resources.randomness
            return self._door.write(_APPLY, by, lambda work, _: begin_counting(work, randomness, limit=limit))

        def forgotten(limit: int) -> int:
            return self._door.write(
                _APPLY, by, lambda work, caller: forget_closed(work, caller.actor, limit=limit)
            )

        yield begun
        yield forgotten

    def _pages_of_old_files(self) -> Iterator[list[str]]:
        """The files whose bytes have been kept for long enough, and are there still."""
        last: Kept[RemittanceFile] | None = None
        while True:
            page = self._resources.read(partial(_old_files, after=last))
            with_contents = self._resources.read(partial(_with_contents, files=page))
            if with_contents:
                yield with_contents
            if len(page) < STEP:
                return
            last = page[-1]

    def _contents_deleted(self, file_id: str, by: Caller, limit: int) -> int:
        def act(work: UnitOfWork, caller: Admitted) -> int:
            deleted = work.delete(REMITTANCE_PARTS, ("file_id", "number"), (file_id,), limit=limit)
            _told(work, caller, REMITTANCE_PARTS.collection.name, deleted)
            return deleted

        return self._door.write(_APPLY, by, act)

    def _pages_to_forget(self, kind: Forgotten) -> Iterator[list[str]]:
        policies = self._resources.account_policies()
        last: Kept[Any] | None = None
        while True:
            page = self._resources.read(partial(_page, kind=kind, after=last))
            keys = [
                str(getattr(kept.record, kind.key))
                for kept in page
                if kind.is_forgotten(kept.record, policies, self._resources.now())
            ]
            if keys:
                yield keys
            if len(page) < STEP:
                return
            last = page[-1]

    def _forgotten(self, kind: Forgotten, keys: list[str], by: Caller) -> int:
        policies = self._resources.account_policies()

        def act(work: UnitOfWork, caller: Admitted) -> int:
            still = [
                getattr(kept.record, kind.key)
                for kept in work.each_there(kind.records, keys)
                if kind.is_forgotten(kept.record, policies, work.now)
            ]
            deleted = sum(work.delete(kind.records, (kind.key,), (key,), limit=1) for key in still)
            _told(work, caller, kind.records.collection.name, deleted)
            return deleted

        return self._door.write(_APPLY, by, act)


def _old_files(work: UnitOfWork, *, after: Kept[RemittanceFile] | None) -> list[Kept[RemittanceFile]]:
    # evidence that is gone is gone for good, so the clock alone is not believed
    through = RetentionSchedule.from_rules(work.rules).contents_received_by(borne_out(work))
    return work.find(REMITTANCE_FILES, ("received_at",), at_most=through, after=after, limit=STEP)


def _with_contents(work: UnitOfWork, *, files: list[Kept[RemittanceFile]]) -> list[str]:
    ids = [kept.record.file_id for kept in files if kept.record.status is FileStatus.RECEIVED]
    return [each for each in ids if work.count(REMITTANCE_PARTS, ("file_id", "number"), (each,))]


def _page(work: UnitOfWork, *, kind: Forgotten, after: Kept[Any] | None) -> list[Kept[Any]]:
    return work.find(kind.records, (kind.key,), after=after, limit=STEP)


def _told(work: UnitOfWork, caller: Admitted, collection: str, deleted: int) -> None:
    if deleted:
        work.audit([RecordsDeleted(collection, deleted)], caller.actor)
