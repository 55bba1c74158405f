"""Moving: how long an export, an import and a verification take, beside the driver's own ways.

A SQLite file is filled with so many cases, each with its people, its order and one receipt that is divided.
Then, in one run: the agency is exported, imported into a new file, exported again and verified; SQLite's
own dump is written and read (`iterdump`), and each table is written with SELECT and `json.dumps`, which
knows nothing of types, order, hashes or a disk. Each runs in a process of its own, whose peak memory is told
(on Linux).

    python benchmarks/moving.py [CASES [FOLDER]]

With a FOLDER the filled database stays there, and the next run takes it as it is.
"""

import base64
import json
import multiprocessing
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs

import portal
from dcss_core import Actor, KeyRing, MasterKey, Secret
from dcss_core.cases import Role
from dcss_core.moving import export_agency, import_agency, verify_agency
from dcss_core.testing import (
    FrozenClock,
    SentPayment,
    case_application,
    remittance_file,
    synthetic_parent,
)

KEYS: Final = KeyRing((MasterKey("k1", Secret("1" * 64)),))
NOON: Final = datetime(2026, 1, 7, 17, tzinfo=UTC)
PAYMENTS_IN_A_FILE: Final = 20_000


@attrs.frozen
class Run:
    """How long something took in its own process, and the most memory of it."""

    name: str
    seconds: float
    megabytes: float


def filled(path: Path, cases: int) -> None:
    """Fill a database, and number its audit log."""
    agency = portal.reopened(f"sqlite:///{path}?synchronous=off", FrozenClock(NOON))
    for number in range(1, cases + 1):
        payer, payee = synthetic_parent(2 * number), synthetic_parent(2 * number + 1, "Mary Hill")
        application = case_application(
            f"{number:010d}",
            payer=payer.participant(Role.NONCUSTODIAL_PARENT),
            payee=payee.participant(Role.CUSTODIAL_PARENT),
            child=f"Sky Hill {number}",
        )
        agency.cases.open(application, by=Actor.system("intake"))
    for first in range(1, cases + 1, PAYMENTS_IN_A_FILE):
        numbers = range(first, min(first + PAYMENTS_IN_A_FILE, cases + 1))
        sent = [
            SentPayment(
                "125.00",
                case=f"{each:010d}",
                ssn=synthetic_parent(2 * each).ssn,
                trace=f"12104288{each:07d}",
            )
            for each in numbers
        ]
        file = remittance_file(*sent, reference_code=f"{first:08d}")
        agency.payments.receive(file, by=Actor.system("remittance"), pause_seconds=0, entries_at_once=1_000)
    agency.audit.sequence(by=Actor.system("audit"))
    agency.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# --- what is measured ---------------------------------------------------------------------------------------


def export(folder: Path) -> None:
    """Export the agency."""
    export_agency(f"sqlite:///{folder}/agency.db", folder / "export")


def import_(folder: Path) -> None:
    """Import it into a new database: every line is looked at, written, and read back."""
    import_agency(folder / "export", f"sqlite:///{folder}/new.db")


def export_again(folder: Path) -> None:
    """Export what was imported."""
    export_agency(f"sqlite:///{folder}/new.db", folder / "again")


def verify(folder: Path) -> None:
    """Verify the audit log and the books of what was imported."""
    found = verify_agency(f"sqlite:///{folder}/new.db", keys=KEYS, clock=FrozenClock(NOON))
    assert found.is_sound, found


def raw_dump(folder: Path) -> None:
    """SQLite's own dump."""
    with closing(sqlite3.connect(folder / "agency.db")) as database, (folder / "dump.sql").open("w") as file:
        for line in database.iterdump():
            file.write(f"{line}\n")


def raw_load(folder: Path) -> None:
    """Read SQLite's own dump."""
    with closing(sqlite3.connect(folder / "loaded.db")) as database, (folder / "dump.sql").open() as file:
        statement = ""
        for line in file:
            statement += line
            if sqlite3.complete_statement(statement):
                database.execute(statement)
                statement = ""
        database.commit()


def raw_json(folder: Path) -> None:
    """SELECT each table and write it as JSON lines."""
    with closing(sqlite3.connect(folder / "agency.db")) as database, (folder / "raw.jsonl").open("w") as file:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = database.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in rows.description]
            for row in rows:
                values = [base64.b64encode(v).decode() if isinstance(v, bytes) else v for v in row]
                file.write(json.dumps(dict(zip(names, values, strict=True))) + "\n")


# --- measuring ----------------------------------------------------------------------------------------------


def alone(act: Callable[[Path], None], folder: Path) -> Run:
    """Run something in a process of its own."""
    context = multiprocessing.get_context("spawn")
    given, sent = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(act, folder, sent))
    process.start()
    sent.close()
    seconds, megabytes = given.recv()
    process.join()
    return Run(str(act.__doc__ or "").rstrip("."), seconds, megabytes)


def _measured(act: Callable[[Path], None], folder: Path, sent: Any) -> None:
    began = time.perf_counter()
    act(folder)
    seconds = time.perf_counter() - began
    sent.send((seconds, _peak_megabytes()))


def _peak_megabytes() -> float:
    """The most memory of this process; what getrusage says is inherited from the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def size_of(path: Path) -> float:
    """Megabytes of a file, or of the files of a folder."""
    files = [path] if path.is_file() else list(path.iterdir())
    return sum(each.stat().st_size for each in files) / 1e6


def rows_in(folder: Path) -> int:
    """The rows of an export."""
    return sum(each.read_bytes().count(b"\n") for each in folder.glob("*.jsonl"))


def main(cases: int, kept: Path | None) -> None:
    """Fill, measure and print."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = (kept or folder) / f"agency-{cases}.db"
        if not source.exists():
            filled(source, cases)
        shutil.copy(source, folder / "agency.db")
        acts = (export, raw_json, raw_dump, import_, raw_load, export_again, verify)
        runs = [alone(act, folder) for act in acts]
        rows = rows_in(folder / "export")
        same = all(
            each.read_bytes() == (folder / "again" / each.name).read_bytes()
            for each in (folder / "export").iterdir()
        )
        print(
            f"{cases:,} cases, {rows:,} rows, database {size_of(folder / 'agency.db'):,.0f} MB, "
            f"export {size_of(folder / 'export'):,.0f} MB; exported again it is "
            f"{'the same, byte for byte' if same else 'NOT THE SAME'}"
        )
        print(f"{'':78}{'seconds':>9}{'rows/s':>10}{'peak MB':>9}")
        for each in runs:
            print(f"{each.name:78}{each.seconds:9.1f}{rows / each.seconds:10,.0f}{each.megabytes:9,.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
