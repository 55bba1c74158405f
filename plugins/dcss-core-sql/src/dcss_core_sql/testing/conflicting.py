"""Conflicting: a pytest plugin under which every third commit on PostgreSQL meets a conflict.

`pytest -p dcss_core_sql.testing.conflicting` shows what becomes of verbs on a cluster, where commits fail for
reasons that a single server does not know: nothing is saved of the one that met, and it is told to try again.
"""

from itertools import count
from typing import Final

import pytest

from dcss_core_sql.postgresql.database import PostgresqlDatabase
from dcss_core_sql.postgresql.failures import ServerFailure, translated_at_commit
from dcss_core_sql.postgresql.session import Session

EVERY: Final = 3


@pytest.fixture(autouse=True)
def every_third_commit_conflicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rolls every third commit back as a serialization failure."""
    commits, commit = count(1), PostgresqlDatabase.commit

    def meets(database: PostgresqlDatabase, session: Session, *, redacted: bool, deleted: bool) -> None:
        if next(commits) % EVERY:
            commit(database, session, redacted=redacted, deleted=deleted)
            return
        database.roll_back(session)
        raise translated_at_commit(ServerFailure("40001"))

    monkeypatch.setattr(PostgresqlDatabase, "commit", meets)
