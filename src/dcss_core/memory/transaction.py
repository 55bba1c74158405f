"""MemoryTransaction: what one unit of work reads and writes.

Decides what becomes of the tables that the unit of work sees. Invariants: until it is saved, nobody else sees
what it wrote; a call takes effect as a whole, in one assignment.
"""

from collections.abc import Sequence

from dcss_core.memory.committed import NO_TABLES, Committed
from dcss_core.memory.table import Table
from dcss_core.plugins.storing.guarded_transaction import GuardedTransaction
from dcss_core.ports.storage import Collection, Key, Row, Scalar


class MemoryTransaction(GuardedTransaction):
    """One unit of work on a MemoryStorage; see the port."""

    def __init__(self, committed: Committed, *, writes: bool) -> None:
        super().__init__(committed, writes=writes)
        self.tables = committed.tables

    def end(self) -> None:
        """Have every later call refused, and let go of the snapshot."""
        super().end()
        self.tables = NO_TABLES

    def keep(self, table: Table) -> None:
        """Go on with this table instead of the one of the same name, or with one more."""
        self.tables = {**self.tables, table.collection.name: table}

    def _shape_of(self, name: str) -> Collection | None:
        table = self.tables.get(name)
        return None if table is None else table.collection

    def _row(self, collection: Collection, key: Key) -> Row | None:
        return self.tables[collection.name].get(key)

    def _found(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        *,
        at_most: Scalar = None,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        return self.tables[collection.name].find(
            index, equal_to, at_most=at_most, descending=descending, after=after, limit=limit
        )

    def _count(
        self, collection: Collection, index: tuple[str, ...], equal_to: Sequence[Scalar], at_most: Scalar
    ) -> int:
        return self.tables[collection.name].count(index, equal_to, at_most=at_most)

    def _last_number(self, log: Collection, stream: Scalar) -> int:
        return self.tables[log.name].last_number(stream)

    def _add(self, collection: Collection, rows: Sequence[Row]) -> None:
        self.keep(self.tables[collection.name].with_rows(rows))

    def _change(self, collection: Collection, pairs: Sequence[tuple[Row, Row]]) -> None:
        self.keep(self.tables[collection.name].with_others(pairs))

    def _remove(self, collection: Collection, rows: Sequence[Row]) -> None:
        self.keep(self.tables[collection.name].without(rows))
