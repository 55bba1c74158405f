"""SQLite keeps every promise of the storage port."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from dcss_core.testing import StorageConformance
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage


class TestSqlite(StorageConformance):
    durable = True

    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[SqlStorage]:
        storage = open_storage(f"sqlite:///{tmp_path}/agency.db")
        yield storage
        storage.close()

    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Callable[[], SqlStorage]:
        return partial(open_storage, f"sqlite:///{tmp_path}/agency.db")

    @pytest.fixture
    def losing_replies(self, tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
        if os.name != "posix":
            pytest.skip("limits are those of POSIX")
        return lambda: a_log_that_does_not_grow(tmp_path / "agency.db-wal")


@contextmanager
def a_log_that_does_not_grow(log: Path) -> Iterator[None]:
    """The disk takes no more of the write-ahead log, which a commit finds out."""
    import resource

    may, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (may, most))
