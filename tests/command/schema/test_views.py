"""Views for reports: what they show, what they keep to themselves, and that they outlive a step."""

import importlib.util
import json
from pathlib import Path

import pytest

from dcss_core.moving.every_record import every_record
from dcss_core_sql.reports.views import REPORT_VIEWS

from .conftest import BACKENDS, NUMBERS

on_each = pytest.mark.parametrize("backend", BACKENDS)
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def made(made_at, dcss):
    def with_views(backend, number=NUMBERS[-1]):
        database = made_at(backend, number)
        assert dcss("db", "upgrade", database.url).code == 0
        assert dcss("db", "views", database.url).code == 0
        return database

    return with_views


def place(database, name):
    if database.is_file:
        return f'"report_{name}"'
    return f'"{database.url.partition("schema=")[2]}_reports"."{name}"'


def rows(database, view, columns="*"):
    return database.sql(f"SELECT {columns} FROM {place(database, view)}")


@on_each
def test_what_is_owed_is_what_the_accounts_of_the_cases_say(backend, made):
    database = made(backend)
    shown = dict(rows(database, "case_accounts", "case_number, owed_cents"))
    kept = database.sql('SELECT "case_number", "debts" FROM "case_accounts"')
    assert shown == {
        case: sum(int(debt["owed"].replace(".", "")) for debt in json.loads(debts)) for case, debts in kept
    }
    assert sum(shown.values()) > 0


@on_each
def test_the_lines_of_an_entry_add_up_to_zero(backend, made):
    database = made(backend)
    totals = database.sql(
        f"SELECT entry_id FROM {place(database, 'postings')} GROUP BY entry_id HAVING SUM(amount_cents) <> 0"
    )
    assert totals == []


@on_each
def test_letters_and_entries_are_counted_and_nobody_is_named(backend, made):
    database = made(backend)
    letters = rows(database, "letters_by_day", "state, letters")
    assert sorted(letters) == [("dead", 3), ("delivered", 2), ("pending", 4)]
    assert sum(count for (count,) in rows(database, "audit_entries_by_day", "entries")) == 27


@on_each
def test_no_sealed_value_and_no_name_is_in_any_view(backend, made):
    database = made(backend)
    people = [name for (name,) in database.sql('SELECT "name" FROM "people"')]
    sealed = {
        column.field.name
        for records in every_record()
        for column in records.columns.values()
        if column.sealed
    }
    assert people
    assert sealed
    for view in REPORT_VIEWS:
        assert not sealed & {column.name for column in view.columns}
        text = repr(rows(database, view.name))
        assert not [name for name in people if name in text]
        assert "b'" not in text


@on_each
def test_they_are_renewed_when_they_are_there_already(backend, made, dcss):
    database = made(backend)
    before = rows(database, "receipts")
    assert dcss("db", "views", database.url).code == 0
    assert rows(database, "receipts") == before != []


@on_each
def test_a_step_renews_them(backend, made_at, dcss):
    database = made_at(backend, "0002")
    printed = dcss("db", "views", database.url, "--print").out
    database.script(printed)
    assert dcss("db", "upgrade", database.url).code == 0
    assert sum(count for (count,) in rows(database, "letters_by_day", "letters")) == 9


@on_each
def test_steps_by_hand_take_them_away_and_they_are_made_again(backend, made_at, dcss):
    database = made_at(backend, "0002")
    database.script(dcss("db", "views", database.url, "--print").out)
    database.script(dcss("db", "sql", database.url).out)
    assert dcss("db", "views", database.url).code == 0
    assert sum(count for (count,) in rows(database, "letters_by_day", "letters")) == 9


@on_each
def test_a_database_of_a_version_before_is_refused(backend, made_at, dcss):
    said = dcss("db", "views", made_at(backend, "0002").url, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert "dcss db upgrade" in said.error["message"]


def test_a_role_for_reports_reads_the_views_and_no_table(made):
    import psycopg

    database = made("postgresql")
    schema = database.url.partition("schema=")[2]
    role = f"reports_{schema}"
    database.sql(f'CREATE ROLE "{role}" LOGIN')
    database.sql(f'GRANT USAGE ON SCHEMA "{schema}_reports" TO "{role}"')
    database.sql(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}_reports" TO "{role}"')
    theirs = type(database)(database.url.replace("//postgres@", f"//{role}@"), database.keys)
    assert len(rows(theirs, "receipts")) == 5
    for statement in (
        f'SELECT 1 FROM "{schema}"."receipts"',
        f"DELETE FROM {place(database, 'receipts')}",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            theirs.sql(statement)


def test_each_view_and_column_has_its_comment(made):
    database = made("postgresql")
    schema = database.url.partition("schema=")[2]
    found = database.sql(
        f"""SELECT c.relname, a.attname, col_description(c.oid, a.attnum) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE n.nspname = '{schema}_reports' AND a.attnum > 0"""
    )
    assert {(view, column): said for view, column, said in found} == {
        (view.name, column.name): column.meaning for view in REPORT_VIEWS for column in view.columns
    }


def test_the_page_shows_every_view_and_column():
    spec = importlib.util.spec_from_file_location("report_views", DOCS / "report_views.py")
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    assert drawing.PAGE.read_text(encoding="utf-8") == drawing.page_text()
