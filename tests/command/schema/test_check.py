"""`dcss db check`: what somebody changed by hand, what a role may not do, and what would lose data."""

import pytest

from dcss_core_sql.testing.server import fresh_schema, running_server

from .conftest import BACKENDS, NUMBERS

on_each = pytest.mark.parametrize("backend", BACKENDS)
SETTINGS = {"fsync", "full_page_writes"}  # a server for tests has them off


@pytest.fixture
def found(made_at, dcss):
    """What a check says after some statements: the place of each fault, with what was found there."""

    def after(backend, *statements):
        made = made_at(backend, NUMBERS[-1])
        assert dcss("db", "upgrade", made.url).code == 0
        for statement in statements:
            made.sql(statement)
        said = dcss("db", "check", made.url, "--json")
        faults = {
            fault["where"]: (fault["found"], fault["expected"])
            for fault in said.document["faults"]
            if fault["where"] not in SETTINGS
        }
        if made.is_file:
            assert said.code == (3 if faults else 0)
            assert said.document["sound"] is not bool(faults)
        return faults

    return after


@on_each
def test_nothing_is_found_in_what_the_library_made(backend, found):
    assert found(backend) == {}


@on_each
@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ('DROP TABLE "charging_runs"', "charging_runs"),
        ('ALTER TABLE "cases" ADD COLUMN "note" text', "cases.note"),
        ('ALTER TABLE "outbox" DROP COLUMN "last_failure"', "outbox.last_failure"),
        ('DROP INDEX "ix_cases__status__case_number"', "cases: index ix_cases__status__case_number"),
        ('CREATE UNIQUE INDEX "theirs" ON "cases" ("opened_on", "case_number")', "cases: unique key"),
        ('DELETE FROM "dcss_schema" WHERE "collection" = \'cases\'', "schema"),
        ('DELETE FROM "dcss_revision"', "dcss_revision"),
    ],
)
def test_what_somebody_changed_by_hand_is_named(backend, statement, where, found):
    assert list(found(backend, statement)) == [where]


@on_each
def test_an_index_that_somebody_added_is_no_fault(backend, found):
    assert found(backend, 'CREATE INDEX "for_a_report" ON "cases" ("opened_on")') == {}


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            'ALTER TABLE "cases" ALTER COLUMN "opened_on" DROP NOT NULL',
            {"cases.opened_on": ("date", "date NOT NULL")},
        ),
        (
            'ALTER TABLE "outbox" ALTER COLUMN "attempts" TYPE integer',
            {"outbox.attempts": ("integer NOT NULL", "bigint NOT NULL")},
        ),
        (
            'ALTER TABLE "outbox" ALTER COLUMN "subject" TYPE text COLLATE "POSIX"',
            {"outbox.subject": ('text COLLATE "POSIX" NOT NULL', 'text COLLATE "C" NOT NULL')},
        ),
    ],
)
def test_a_column_of_another_type_is_told_with_both_types(statement, fault, found):
    assert found("postgresql", statement) == fault


def test_all_faults_are_told_at_once(found):
    statements = ['DROP TABLE "charging_runs"', 'DROP INDEX "ix_cases__status__case_number"']
    assert len(found("sqlite", *statements)) == 2


def test_a_role_is_told_each_right_that_it_lacks(made_at, dcss):
    made = made_at("postgresql", NUMBERS[-1])
    assert dcss("db", "upgrade", made.url).code == 0
    schema = made.url.partition("schema=")[2]
    role = f"reader_{schema}"
    theirs = made.url.replace("//postgres@", f"//{role}@")
    made.sql(f'CREATE ROLE "{role}" LOGIN')
    said = dcss("db", "check", theirs, "--json")
    assert (said.code, [each["where"] for each in said.error["faults"]]) == (1, [f"schema {schema}"])
    made.sql(f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}"')
    made.sql(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{role}"')
    made.sql(f'REVOKE UPDATE, DELETE ON "cases" FROM "{role}"')
    faults = {
        each["where"]: each["found"] for each in dcss("db", "check", theirs, "--json").document["faults"]
    }
    assert faults["cases"] == "no UPDATE, DELETE for this role"
    assert faults.keys() - SETTINGS == {"cases"}
    made.sql(f'REVOKE SELECT ON "dcss_schema" FROM "{role}"')
    said = dcss("db", "check", theirs, "--json")
    assert (said.code, [each["where"] for each in said.error["faults"]]) == (1, ["cases", "dcss_schema"])


def test_a_file_that_gives_up_commits_is_told(made_at, dcss):
    made = made_at("sqlite", NUMBERS[-1])
    assert dcss("db", "upgrade", made.url).code == 0
    said = dcss("db", "check", f"{made.url}?synchronous=off", "--json")
    assert [fault["where"] for fault in said.document["faults"]] == ["synchronous"]


def test_a_server_that_keeps_what_it_acknowledged_is_in_order(dcss, tmp_path):
    with running_server(safe=True) as server, server.database() as database:
        url = fresh_schema(database)
        said = dcss("db", "sql", url, "--from", "new")
        import psycopg
        from psycopg.conninfo import make_conninfo

        from dcss_core_sql.postgresql.location import Location

        settings = make_conninfo(**Location.from_url(url).settings)
        with psycopg.connect(settings, autocommit=True) as tool:
            tool.execute(said.out.encode())
        said = dcss("db", "check", url, "--json")
        assert (said.code, said.document["faults"]) == (0, [])
