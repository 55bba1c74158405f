"""Transactions: how a unit of work is run, anew where somebody was faster, and answered for truly.

Decides when a unit of work is tried again, and what became of it when the commit was not answered.
Invariants: an error rolls everything back, but for the entries that `UnitOfWork.left_by` says; what is
answered is what was saved: where a commit's outcome is not known, it is looked for under the act's own id,
and an act that is not there is given up for good before the verb is done anew, so that it can't be saved
later.
"""

from collections.abc import Callable
from itertools import count
from typing import Final, Generic, TypeAlias, TypeVar

import attrs

from dcss_core.agency.work.backoff import Backoff
from dcss_core.agency.work.deadline import Deadline, note_refusal
from dcss_core.agency.work.trail.act import give_up_act, was_saved
from dcss_core.agency.work.trail.refusals import TRIED_ANEW
from dcss_core.agency.work.unit_of_work import Trace, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.errors import BackendError, DcssError, DuplicateKeyError, OutcomeUnknownError
from dcss_core.ports.storage import Storage, Transaction

T = TypeVar("T")
_ATTEMPTS: Final = 8

Begin: TypeAlias = Callable[[Transaction], UnitOfWork]


@attrs.define
class _Attempt(Generic[T]):
    """One attempt at a unit of work: what it is run with, and what came of it."""

    storage: Storage
    begin: Begin
    act: Callable[[UnitOfWork], T]
    writes: bool
    key_was_taken: bool = False
    work: UnitOfWork | None = None
    outcome: list[T] = attrs.field(factory=list)

    def made(self, wait_seconds: float) -> T:
        with self.storage.transaction(writes=self.writes, wait_seconds=wait_seconds) as transaction:
            self.work = self.begin(transaction)
            self.work.key_was_taken = self.key_was_taken
            result = self.act(self.work)
            if self.writes:
                self.work.finish()
                self.outcome.append(result)
            return result


def write(storage: Storage, begin: Begin, act: Callable[[UnitOfWork], T], backoff: Backoff) -> T:
    """Run a unit of work in one writing transaction, and anew when somebody else was faster.

    It must have no effect outside its transaction. Raises what it raises; a retryable BackendError only when
    the deadline is over; a conflict of keys or versions, which waiting alone does not end, at the eighth of
    them, and an unknown outcome after eight attempts at the latest; OutcomeUnknownError when even the second
    look got no answer. After the first key that was taken there is always another attempt, which knows it.
    """
    key_was_taken, conflicts = False, 0
    for attempt in count(1):
        made = _Attempt(storage, begin, act, writes=True, key_was_taken=key_was_taken)
        try:
            return _tried(made, backoff)
        except OutcomeUnknownError as unknown:
            if made.work is not None and made.outcome and _was_saved(made.work, made, backoff, unknown):
                return made.outcome[0]
            if attempt == _ATTEMPTS:
                raise BackendError(
                    "no commit was answered, eight times; look after the storage", retryable=True
                ) from unknown
            backoff.after(unknown, attempt)
        except TRIED_ANEW as error:
            conflicts += not isinstance(error, BackendError)
            learned = isinstance(error, DuplicateKeyError) and not key_was_taken
            if _is_final(error, conflicts) or not (backoff.deadline.left or learned):
                raise
            key_was_taken = key_was_taken or learned
            backoff.after(error, attempt)
    raise AssertionError("unreachable")  # pragma: no cover


def _is_final(error: DcssError, conflicts: int) -> bool:
    return not error.retryable if isinstance(error, BackendError) else conflicts == _ATTEMPTS


def read(storage: Storage, begin: Begin, act: Callable[[UnitOfWork], T], backoff: Backoff) -> T:
    """Run a unit of work on one stable snapshot; any write in it raises BackendError.

    A retryable BackendError is tried anew as in `write`. After an error what `UnitOfWork.left_by` says is
    written, as `write` does.
    """
    for attempt in count(1):
        try:
            return _tried(_Attempt(storage, begin, act, writes=False), backoff)
        except BackendError as error:
            if not error.retryable or not backoff.deadline.left:
                raise
            backoff.after(error, attempt)
    raise AssertionError("unreachable")  # pragma: no cover


def _tried(attempt: _Attempt[T], backoff: Backoff) -> T:
    try:
        return attempt.made(backoff.deadline.left)
    except DcssError as error:
        left = attempt.work.left_by(error) if attempt.work is not None else ()
        if left and attempt.work is not None:
            note_refusal()
            _keep(attempt, left, attempt.work.asking, backoff)
        raise


def _keep(attempt: _Attempt[T], left: tuple[Event, ...], asking: Actor | None, backoff: Backoff) -> None:
    # In a transaction of its own: the verb's was rolled back, with whatever it would have shown.
    if asking is not None:
        write(attempt.storage, attempt.begin, lambda work: work.audit(left, asking), backoff)


def _was_saved(
    work: UnitOfWork, attempt: _Attempt[T], backoff: Backoff, unknown: OutcomeUnknownError
) -> bool:
    """Whether a unit of work whose commit was not answered was saved; if not, it never will be."""
    for look in count(1):
        try:
            return _looked_for(work, attempt, backoff.deadline)
        except (BackendError, DuplicateKeyError) as error:  # no answer here either, or it was saved just now
            if not backoff.deadline.left:
                break
            backoff.after(error, look)
    raise unknown


def _looked_for(work: UnitOfWork, attempt: _Attempt[T], deadline: Deadline) -> bool:
    trace = work.trace
    with attempt.storage.transaction(writes=False, wait_seconds=deadline.left) as transaction:
        if trace.act is None:
            return _is_there(trace, transaction)
        saved = was_saved(transaction, work.sealer, trace.act)
    if saved is not None:
        return saved
    with attempt.storage.transaction(writes=True, wait_seconds=deadline.left) as transaction:
        give_up_act(transaction, work.sealer, trace.act, work.now, work.asking)
    return False


def _is_there(trace: Trace, transaction: Transaction) -> bool:
    if trace.first_write is None:
        return False
    records, written = trace.first_write
    key = records.collection.key
    stored = transaction.get(records.collection, written[key])
    return stored is not None and all(stored[name] == value for name, value in written.items())
