"""PostgreSQL keeps every promise of the storage port."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from dcss_core.testing import StorageConformance
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage


class TestPostgresql(StorageConformance):
    durable = True

    @pytest.fixture
    def through_relay(self, request: pytest.FixtureRequest, postgresql_url: str) -> Iterator[object]:
        """What can lose replies, for the tests that ask for it; else nothing stands in between."""
        if "losing_replies" not in request.fixturenames:
            yield None
            return
        from dcss_core_sql.testing import relayed

        with relayed(postgresql_url) as running:
            yield running

    @pytest.fixture
    def storage(self, postgresql_url: str, through_relay: object) -> Iterator[SqlStorage]:
        storage = open_storage(getattr(through_relay, "url", postgresql_url))
        yield storage
        storage.close()

    @pytest.fixture
    def reopen(self, postgresql_url: str) -> Callable[[], SqlStorage]:
        return partial(open_storage, postgresql_url)

    @pytest.fixture
    def losing_replies(self, through_relay: object) -> Callable[[], AbstractContextManager[None]]:
        losing: Callable[[], AbstractContextManager[None]] = through_relay.losing_replies  # type: ignore[attr-defined]
        return losing
