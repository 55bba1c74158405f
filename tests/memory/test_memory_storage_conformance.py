"""The storage in memory keeps every promise of the port."""

from collections.abc import Iterator

import pytest

from dcss_core.memory import MemoryStorage
from dcss_core.testing import StorageConformance


class TestMemoryStorage(StorageConformance):
    @pytest.fixture
    def storage(self) -> Iterator[MemoryStorage]:
        storage = MemoryStorage()
        yield storage
        storage.close()
