"""Row sizes: how many rows a case and a receipt add on PostgreSQL, and what each takes with its indexes.

Cases are filled as in `moving.py`, each with one receipt, and moved to PostgreSQL; then each gets a second
receipt, so that what a receipt alone adds is told. ADR 0042 reckons with these.

    python benchmarks/row_sizes.py [CASES]
"""

import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

import portal
from dcss_core import Actor
from dcss_core.moving import export_agency, import_agency
from dcss_core.testing import FrozenClock, SentPayment, remittance_file, synthetic_parent
from dcss_core_sql.postgresql.location import Location
from dcss_core_sql.testing import running_server
from moving import NOON, filled


def tables(url: str) -> dict[str, tuple[int, int]]:
    """The rows and the bytes of each table, with its indexes."""
    location = Location.from_url(url)
    with psycopg.connect(make_conninfo(**location.settings), autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", (location.schema,))
        names = [
            str(name)
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s ORDER BY 1",
                (location.schema,),
            )
        ]
        asked = 'SELECT count(*), pg_total_relation_size(%s::regclass) FROM "{}"'
        return {name: next(iter(connection.execute(asked.format(name).encode(), (name,)))) for name in names}


def receive_once_more(url: str, cases: int) -> None:
    """One more receipt for each case."""
    sent = [
        SentPayment(
            "125.00", case=f"{each:010d}", ssn=synthetic_parent(2 * each).ssn, trace=f"22104288{each:07d}"
        )
        for each in range(1, cases + 1)
    ]
    agency = portal.reopened(url, FrozenClock(NOON))
    file = remittance_file(*sent, reference_code="00000777")
    agency.payments.receive(file, by=Actor.system("remittance"), pause_seconds=0)
    agency.audit.sequence(by=Actor.system("audit"))
    agency.close()


def main(cases: int) -> None:
    """Fill, move, measure and print."""
    with tempfile.TemporaryDirectory() as folder, running_server() as server, server.database() as url:
        filled(Path(folder) / "agency.db", cases)
        export_agency(f"sqlite:///{folder}/agency.db", Path(folder) / "export")
        import_agency(Path(folder) / "export", url)
        before = tables(url)
        receive_once_more(url, cases)
        after = tables(url)
    print(f"{cases:,} cases{'':16}{'rows a case':>12}{'bytes a row':>12}{'rows by a second receipt':>26}")
    for name, (rows, size) in sorted(before.items(), key=lambda each: -each[1][1]):
        if rows:
            added = (after[name][0] - rows) / cases
            print(f"{name:28}{rows / cases:12.2f}{size / rows:12.0f}{added:26.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
