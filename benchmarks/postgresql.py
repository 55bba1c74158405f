"""What the library costs on PostgreSQL and on SQLite, beside the bare drivers, in one run.

The bare drivers are psycopg 3 as its documentation teaches it (`connection.transaction()`, `cursor.execute`,
`cursor.copy`) and Python's `sqlite3`. Ours and theirs take turns, on copies of one database with the same
tables; the medians are shown. The driver writes the rows that the verb was seen to write, ready made: it
reads nothing, decides nothing, seals nothing. Commits are on disk on all sides. The cases of a bulk are
those of `storage.py`; the history is a page of 50 of 125 receipts of three lines. What grows is the table.

    python benchmarks/postgresql.py [--rounds N] [--rows N …] [--only sqlite | postgresql]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from bare_drivers import Driver, Postgresql, Recorded, Sqlite, opened
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.plugins import Collection
from dcss_core.testing import SentPayment, never_issued_ssn, remittance_file
from dcss_core_sql.opening import open_storage
from history import CASE, REMITTANCE, appointed, open_paid_case
from storage import CASES, case_row

BULK: Final = 2_000
PAGE: Final = 50
GOALS: Final = {
    "a single receipt, the whole verb": 1.5,
    f"{BULK:,} rows in bulk": 2.0,
    "a page of history, the whole verb": 2.0,
    "a person by their blind index": 1.5,
}
GROWTH: Final = 1.3


# --- measured -----------------------------------------------------------------------------------------------


def milliseconds(run: Callable[[], object]) -> float:
    """How long one run takes."""
    begun = time.perf_counter()
    run()
    return 1_000 * (time.perf_counter() - begun)


def show(work: str, ours: list[float], theirs: list[float], note: str = "") -> float:
    """Print one line; gives what ours takes."""
    our, their = statistics.median(ours), statistics.median(theirs)
    goal = GOALS.get(work)
    missed = "" if goal is None else f"   goal {goal} x{'' if our <= goal * their else ': NOT MET'}"
    print(f"  {work:<42}{our:>9.3f}{their:>9.3f}{our / their:>7.2f}{missed}{note}", flush=True)
    return our


def verbs(place: Any, rounds: int) -> None:
    """A single receipt and a page of history, as whole verbs."""
    recorded, url = Recorded(), place.new()
    with opened(url, recorded) as agency:
        clerk = appointed(agency)
        open_paid_case(agency)
    driver, alone = place.driver(place.copy(url)), place.driver(place.copy(url))
    took: dict[str, list[float]] = {name: [] for name in ("post", "same", "one", "look", "looked", "read")}
    with opened(url, recorded) as agency:
        for turn in range(rounds + 5):
            content = remittance_file(
                SentPayment("5.00", case=CASE, ssn=never_issued_ssn(1), trace=f"12104288{turn + 9_000:07}")
            )
            recorded.taken()
            posted = milliseconds(partial(agency.payments.receive, content, by=REMITTANCE))
            commits = recorded.taken()
            same = milliseconds(driver.written(commits))
            one = milliseconds(alone.written([[write for writes in commits for write in writes]]))
            looked = milliseconds(lambda: agency.payments.history(CASE, by=clerk, limit=PAGE))
            commits = recorded.taken()
            noted = milliseconds(driver.written(commits))
            alone.written(commits)()
            read = milliseconds(lambda: page_of(driver))
            if turn >= 5:
                for name, each in zip(took, (posted, same, one, looked, noted + read, read), strict=True):
                    took[name].append(each)
    show("a single receipt, the whole verb", took["post"], took["one"])
    show("  beside the same rows in as many commits", took["post"], took["same"])
    show("a page of history, the whole verb", took["look"], took["looked"])
    show("  beside its reading alone", took["look"], took["read"])


def page_of(driver: Driver) -> None:
    """The rows of a page of history."""
    receipts = driver.fetched(
        "SELECT * FROM receipts WHERE case_number = ? ORDER BY received_on DESC, receipt_id DESC "
        f"LIMIT {PAGE}",
        str(CASE),
    )
    ids = [row[0] for row in receipts]
    places = ", ".join("?" * len(ids))
    driver.fetched(f"SELECT * FROM distribution_lines WHERE receipt_id IN ({places})", *ids)


def tables(place: Any, rows: int, rounds: int) -> tuple[float, float]:
    """Rows in bulk, and a blind index, in tables of so many rows; gives what ours takes."""
    url, people = place.new(), PEOPLE.collection
    with_storage = open_storage(url)
    with_storage.prepare([CASES, people])
    for start in range(0, rows, 10_000):
        numbers = range(start, min(start + 10_000, rows))
        with with_storage.transaction(writes=True) as transaction:
            transaction.insert(CASES, [case_row(each, f"County {each % 100}") for each in numbers])
            transaction.insert(people, [person_row(each) for each in numbers])
    with_storage.close()
    place.settle(url)
    driver, storage = place.driver(place.copy(url)), open_storage(url)
    storage.prepare([CASES, people])
    columns = ", ".join(f'"{name}"' for name in [*person_row(0), "version"])
    found = f"SELECT {columns} FROM people WHERE ssn_index = ? ORDER BY person_id"
    took: list[list[float]] = [[], [], [], []]
    for turn in range(10 * rounds):
        index = blind_index(turn * 37 % rows)
        took[2].append(milliseconds(partial(_find, storage, people, index)))
        took[3].append(milliseconds(partial(driver.fetched, found, index)))
    for turn in range(max(rounds // 4, 5)):
        first = 500_000_000 + turn * BULK
        cases = [case_row(each, "Cobb") for each in range(first, first + BULK)]
        took[0].append(milliseconds(partial(_insert, storage, cases)))
        copied = driver.bulk([{**case, "version": 1} for case in cases])
        took[1].append(milliseconds(copied))
    storage.close()
    note = f"   in {rows:,} rows"
    bulk = show(f"{BULK:,} rows in bulk", took[0], took[1], note)
    return bulk, show("a person by their blind index", took[2], took[3], note)


def _insert(storage: Any, rows: list[Any]) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(CASES, rows)


def _find(storage: Any, people: Collection, index: Any) -> None:
    with storage.transaction(writes=False) as transaction:
        assert len(transaction.find(people, ("ssn_index",), [index])) == 1


def blind_index(number: int) -> Any:
    """A blind index of the kind that is stored."""
    kind = next(field.kind for field in PEOPLE.collection.fields if field.name == "ssn_index")
    text = f"{number:064x}"
    return bytes.fromhex(text) if kind.value == "bytes" else text


def person_row(number: int) -> dict[str, Any]:
    """A person of a made-up caseload, as they are stored."""
    row: dict[str, Any] = {field.name: None for field in PEOPLE.collection.fields}
    return row | {
        "person_id": f"person-{number:09d}",
        "name": '{"first":"Mary","last":"Hill","middle":"","suffix":""}',
        "birth_date": date(1980, 1, 1),
        "ssn": b"\x01" * 45,
        "ssn_index": blind_index(number),
    }


def measure(place: Any, rows: list[int], rounds: int) -> None:
    """Measure and print."""
    print(f"{place.name + ': milliseconds (median)':<44}{'ours':>9}{place.name:>9}{'ratio':>7}")
    verbs(place, rounds)
    grown = [tables(place, each, rounds) for each in rows]
    for name, first, last in zip(("in bulk", "blind index"), grown[0], grown[-1], strict=True):
        ratio = last / first
        missed = "" if ratio <= GROWTH else ": NOT MET"
        print(
            f"  growth from {rows[0]:,} to {rows[-1]:,} rows, {name}: {ratio:.2f} x, goal {GROWTH} x{missed}"
        )


def main() -> None:
    """Measure both storages."""
    parser = argparse.ArgumentParser(description="What the library costs beside the bare drivers.")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    if arguments.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            measure(Sqlite(Path(folder)), arguments.rows, arguments.rounds)
    if arguments.only != "sqlite":
        from dcss_core_sql.testing import running_server

        with running_server(safe=True) as server:
            measure(Postgresql(server), arguments.rows, arguments.rounds)


if __name__ == "__main__":
    main()
