"""Block: the `with` block of one unit of work.

Decides how it is entered and left. Invariants: whatever interrupts it, at any point, what was written is
saved whole or not at all, and its connection and its turn to write are given back: by the block itself, or,
where an interrupt came before its first or after its last step, by its claim, as soon as the block is gone.
So nothing but the `with` statement keeps a block: the transaction it gives does not know it.
"""

from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType

from dcss_core.errors import BackendError, DcssError
from dcss_core_sql.connecting.line import Claim
from dcss_core_sql.database import Database
from dcss_core_sql.statements import Statements
from dcss_core_sql.transaction import SqlTransaction


class Block:
    """One unit of work, from entering the block to leaving it; see the port."""

    __slots__ = (
        "__weakref__",
        "_claim",
        "_database",
        "_statements",
        "_transaction",
        "_wait_seconds",
        "_writes",
    )

    def __init__(
        self,
        database: Database,
        statements: Mapping[str, Statements],
        writes: bool,
        wait_seconds: float | None,
    ) -> None:
        self._database = database
        self._statements = statements
        self._writes = writes
        self._wait_seconds = wait_seconds
        self._claim: Claim | None = None
        self._transaction: SqlTransaction | None = None

    def __enter__(self) -> SqlTransaction:
        if self._claim is not None:
            raise BackendError("this transaction has begun already; begin another", retryable=False)
        database = self._database
        claim = self._claim = Claim(self, database.let_go)
        try:
            cursor = database.begin(claim, writes=self._writes, wait_seconds=self._wait_seconds)
            self._transaction = SqlTransaction(database, cursor, self._statements, writes=self._writes)
        except BaseException:
            database.let_go(claim)
            self._claim = None
            raise
        return self._transaction

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        transaction, claim = self._transaction, self._claim
        if transaction is None or claim is None:
            return
        try:
            failure = self._end(transaction, save=raised is None)
        finally:
            self._database.let_go(claim)
        # only now: until here the claim gives back what this could not
        self._transaction = self._claim = None
        if raised is None and failure is not None:
            raise failure

    def spoil(self, failure: Exception) -> None:
        """Let every call of the transaction, and leaving the block, raise this from now on."""
        if self._transaction is not None:
            self._transaction.spoil(failure)

    def _end(self, transaction: SqlTransaction, *, save: bool) -> BaseException | None:
        database, cursor = self._database, transaction.cursor
        if database.is_foreign:
            return transaction.failure
        if save and self._writes:
            with suppress(DcssError):  # it spoils the transaction, and is raised below
                transaction.settle()
        failure = transaction.end()
        if failure is not None or not (save or not self._writes):
            database.roll_back(cursor)
        elif not self._writes:
            database.stop_reading(cursor)
        else:
            database.commit(cursor, redacted=transaction.redacted, deleted=transaction.deleted)
        return failure
