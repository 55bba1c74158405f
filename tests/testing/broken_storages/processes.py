"""Storages on a file that keep their promises among threads, and break them among processes."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from honest import HonestStorage, HonestTransaction, failing_in

from dcss_core.ports.storage import Collection, Key, Row, Storage
from dcss_core_sql.opening import open_storage

fails = failing_in(globals())


def opened(name: str, file: Path) -> HonestStorage:
    """A storage of this kind on this file, in whichever process."""
    kind: type[HonestStorage] = globals()[name]
    return kind(open_storage(f"sqlite:///{file}"))  # type: ignore[arg-type]  # any place will do


def on_a_file(wrong: type) -> type:
    """Let the kit of this storage work on a file, which other processes can open."""
    kit = globals()[f"Test{wrong.__name__}"]

    def place(self: object, tmp_path: Path) -> Iterator[Storage]:
        storage = open_storage(f"sqlite:///{tmp_path}/agency.db")
        yield storage
        storage.close()

    def reopen(self: object, tmp_path: Path) -> Callable[[], HonestStorage]:
        return partial(opened, wrong.__name__, tmp_path / "agency.db")

    kit.place, kit.reopen = pytest.fixture(place), pytest.fixture(reopen)
    return wrong


class _OverwritingTransaction(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        row = super().get(collection, key)
        time.sleep(0 if self.writes else 0.02)  # so that the others read before this one writes
        return row

    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        there: Any = super().get(collection, row[collection.key])
        super().replace(collection, row, expected_version=there["version"])


@on_a_file
@fails("test_eight_processes_at_once_work_as_one_after_the_other")
class LosesUpdatesAmongProcesses(HonestStorage):
    transactions = _OverwritingTransaction


class _SilentTransaction(HonestTransaction):
    """Says nothing where a key is taken."""

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        taken = [row for row in rows if row["email"] and self.find(collection, ("email",), [row["email"]])]
        super().insert(collection, [row for row in rows if row not in taken])


@on_a_file
@fails("test_eight_processes_at_once_work_as_one_after_the_other")
class LetsEachProcessTakeAKey(HonestStorage):
    transactions = _SilentTransaction


@on_a_file
@fails("test_eight_processes_at_once_work_as_one_after_the_other")
class IsOpenedByOneProcess(HonestStorage):
    def prepare(self, collections: Sequence[Collection]) -> None:
        super().prepare(collections)
        if Path(sys.argv[0]).stem == "storage_process":
            raise RuntimeError("somebody else has opened this file")
