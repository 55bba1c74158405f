"""Storages that allow an anomaly of isolation, cut a long answer short, or mix what was appended together."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from honest import HonestTransaction, LateTransaction, currently, failing_in

from dcss_core.ports.storage import Collection, Key, Row, Scalar

fails = failing_in(globals())


# --- writing: others write between its looking and its writing ----------------------------------
@fails("test_no_lost_update")
class LosesTheFirstOfTwoUpdates(LateTransaction):
    def __exit__(self, *raised: Any) -> None:
        self.late = [(name, args, self._current(*args)) for name, args, _ in self.late]
        super().__exit__(*raised)

    def _current(self, collection: Collection, row: Any) -> dict[str, int]:
        if not isinstance(row, Mapping):
            return {}
        with currently(self) as reading:
            return {"expected_version": reading.get(collection, row[collection.key])["version"]}


@fails("test_no_write_skew")
class AllowsWriteSkew(LateTransaction):
    pass


@fails("test_no_phantom")
class AllowsPhantoms(LateTransaction):
    pass


class _CommittedReads(LateTransaction):
    """Reads what is committed by now, as READ COMMITTED does."""

    def get(self, collection: Collection, key: Key) -> Row | None:
        with currently(self) as reading:
            return reading.get(collection, key)  # type: ignore[no-any-return]

    def find(self, *args: Any, **bounds: Any) -> list[Row]:
        with currently(self) as reading:
            return reading.find(*args, **bounds)  # type: ignore[no-any-return]


@fails("test_no_read_skew")
class AllowsReadSkew(_CommittedReads):
    pass


@fails("test_no_non_repeatable_read")
class ReadsAnewEachTime(_CommittedReads):
    pass


# --- reading ------------------------------------------------------------------------------------
@fails("test_no_dirty_read")
class FindsDirt(HonestTransaction):
    def find(self, *args: Any, **bounds: Any) -> list[Row]:
        return (self.storage.writer or self.inner).find(*args, **bounds)  # type: ignore[no-any-return]


@fails("test_no_dirty_read")
class AddsDirtUp(HonestTransaction):
    def sum(self, *args: Any, **bounds: Any) -> Mapping[tuple[Scalar, ...], int]:
        return (self.storage.writer or self.inner).sum(*args, **bounds)  # type: ignore[no-any-return]


@fails("test_a_read_only_snapshot_is_of_one_moment")
class CountsWhatIsThereByNow(HonestTransaction):
    def count(self, *args: Any, **bounds: Any) -> int:
        with currently(self) as reading:
            return reading.count(*args, **bounds)  # type: ignore[no-any-return]


# --- long answers, and what is appended together ------------------------------------------------
@fails("test_twenty_thousand_records_are_all_found")
class FindsTenThousandAtMost(HonestTransaction):
    def find(self, *args: Any, **bounds: Any) -> list[Row]:
        return super().find(*args, **bounds)[:10_000]


@fails("test_twenty_thousand_records_are_all_found")
class CutsLongPagesShort(HonestTransaction):
    def find(self, *args: Any, limit: int | None = None, **bounds: Any) -> list[Row]:
        return super().find(*args, limit=limit and min(limit, 5_000), **bounds)


@fails("test_what_is_appended_together_stands_together_whoever_appends")
class AppendsOneByOne(LateTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        numbers = []
        for row in rows:
            with self.storage.place.transaction(writes=True, wait_seconds=30) as transaction:
                numbers += transaction.append(log, [row], begins=begins)
            time.sleep(0.002)  # so that the others append in between
        return numbers


@fails("test_what_is_appended_together_stands_together_whoever_appends")
class AppendsBackwards(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        return super().append(log, rows[::-1], begins=begins)
