"""Block: where a unit of work begins and ends.

Decides what entering and leaving do: take one's turn, save in one assignment or not at all, give the turn up.
Invariants: whatever is raised, and wherever, what was written is saved whole or not at all, and the turn is
given up; at the latest when the exception was handled, since nothing but the `with` statement and the frames
of the exception refers to the block. The transaction that it hands out does not.
"""

from types import TracebackType

from dcss_core.errors import BackendError
from dcss_core.memory.committed import Committed
from dcss_core.memory.transaction import MemoryTransaction
from dcss_core.memory.turn import Line, Turn


class Block:
    """The block of one transaction, to be entered by `with`."""

    def __init__(self, committed: Committed, line: Line, *, writes: bool, wait_seconds: float) -> None:
        self._committed = committed
        self._writes = writes
        self._wait_seconds = wait_seconds
        self._turn = Turn(line)
        self._transaction: MemoryTransaction | None = None

    def __enter__(self) -> MemoryTransaction:
        if self._transaction is not None:
            raise BackendError("this transaction has begun already; begin another", retryable=False)
        try:
            self._committed.refuse_if_closed()
            if self._writes and not self._turn.take(self._wait_seconds):
                raise BackendError("another transaction is writing; try again", retryable=True)
            self._transaction = MemoryTransaction(self._committed, writes=self._writes)
            return self._transaction
        except BaseException:
            self._leave()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if raised is None and self._transaction is not None:
                tables = self._transaction.finish()
                if self._writes:
                    self._committed.commit(tables)
        finally:
            self._leave()

    def _leave(self) -> None:
        self._turn.give_up()
        if self._transaction is not None:
            self._transaction.end()
        self._transaction = None
