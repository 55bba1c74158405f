"""What the how-to on PostgreSQL says works, word for word."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage

if TYPE_CHECKING:
    from dcss_core_sql.testing import Server

NOTES = Collection("notes", (Field("name", FieldKind.TEXT),), key="name")
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "run-on-postgresql.md"


def test_the_role_and_the_database_of_the_page_hold_an_agency(postgresql_server: "Server") -> None:
    import psycopg

    from dcss_core_sql.testing import Server

    [script] = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    try:
        for statement in filter(str.strip, script.split(";")):
            postgresql_server.command(statement)
        url = postgresql_server.url_of("agency").replace("postgres@", "dcss@")
        storage = open_storage(url)
        storage.prepare([NOTES])
        with storage.transaction(writes=True) as transaction:
            transaction.insert(NOTES, [{"name": "a"}])
        with storage.transaction(writes=False) as transaction:
            assert transaction.count(NOTES, ("name",)) == 1
        storage.close()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            Server(url).command("CREATE ROLE {}", "another")  # it owns its database, and nothing else
    finally:
        postgresql_server.command("DROP DATABASE IF EXISTS agency WITH (FORCE)")
        postgresql_server.command("DROP ROLE IF EXISTS dcss")


def test_every_option_of_a_url_is_in_the_table() -> None:
    from dcss_core_sql.postgresql import location

    named = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(re.findall(r"\w+", " ".join(named))) == sorted(location.OPTIONS)
