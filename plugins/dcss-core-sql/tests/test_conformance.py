"""SQLite keeps every promise of the storage port."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dcss_core.testing import StorageConformance
from dcss_core_sql.storage import SqlStorage


class TestSqlite(StorageConformance):
    durable = True

    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[SqlStorage]:
        storage = SqlStorage(f"sqlite:///{tmp_path}/agency.db")
        yield storage
        storage.close()

    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Callable[[], SqlStorage]:
        return lambda: SqlStorage(f"sqlite:///{tmp_path}/agency.db")
