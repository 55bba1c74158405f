"""TurnBlock: where a unit of work begins and ends, for a storage that one transaction writes to at a time.

Decides what entering and leaving do: take one's turn, save or not, give the turn up. Invariants: whatever is
raised, and wherever, what was written is saved whole or not at all, provided that `save` is one assignment;
the turn is given up, at the latest when the exception was handled, since nothing but the `with` statement and
the frames of the exception refers to the block. The transaction that it hands out does not.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from dcss_core.errors import BackendError
from dcss_core.plugins.storing.guarded_transaction import GuardedTransaction
from dcss_core.plugins.storing.place import Place, refuse_if_closed
from dcss_core.plugins.storing.turn import Turn, WritersLine
from dcss_core.ports.wait import check_wait

T = TypeVar("T", bound=GuardedTransaction)


class TurnBlock(Generic[T]):
    """The block of one transaction, to be entered by `with`.

    `begin` makes its transaction when its turn has come, and `save` saves what that did; without `save` it
    only reads, and waits for nobody. Raises InvalidInputError for what is no time to wait.
    """

    def __init__(
        self,
        place: Place,
        line: WritersLine,
        begin: Callable[[], T],
        save: Callable[[T], None] | None,
        *,
        wait_seconds: float,
    ) -> None:
        check_wait(wait_seconds)
        self._place = place
        self._begin = begin
        self._save = save
        self._wait_seconds = wait_seconds
        self._turn = Turn(line)
        self._transaction: T | None = None

    def __enter__(self) -> T:
        if self._transaction is not None:
            raise BackendError("this transaction has begun already; begin another", retryable=False)
        try:
            refuse_if_closed(self._place)
            if self._save is not None and not self._turn.take(self._wait_seconds):
                raise BackendError("another transaction is writing; try again", retryable=True)
            self._transaction = self._begin()
            return self._transaction
        except BaseException:
            self._leave()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if raised is None and self._transaction is not None:
                self._transaction.finish()
                if self._save is not None:
                    self._save(self._transaction)
        finally:
            self._leave()

    def _leave(self) -> None:
        self._turn.give_up()
        if self._transaction is not None:
            self._transaction.end()
        self._transaction = None
