"""PostgreSQL keeps every promise of the storage port."""

from collections.abc import Callable, Iterator

import pytest

from dcss_core.testing import StorageConformance
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage


class TestPostgresql(StorageConformance):
    durable = True

    @pytest.fixture
    def storage(self, postgresql_url: str) -> Iterator[SqlStorage]:
        storage = open_storage(postgresql_url)
        yield storage
        storage.close()

    @pytest.fixture
    def reopen(self, postgresql_url: str) -> Callable[[], SqlStorage]:
        return lambda: open_storage(postgresql_url)
