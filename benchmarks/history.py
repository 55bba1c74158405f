"""What it costs to look at the money: one case's history, its last lines, the balances, and what is held.

A case with 125 receipts of three lines each is looked at on SQLite. The floor reads the same rows with
Python's own `sqlite3`; Django loads the same rows as objects, the lines prefetched, where it is installed.
History is the whole verb: who asks, the entry in the audit log on disk, and the view. Then cases are added,
each with a receipt that is held, and `balances` and a page of `held` are measured again: they should stay as
they are.

    python benchmarks/history.py [CASES …] [--rounds N]
"""

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from dcss_core import Actor, Agency, CaseNumber, KeyRing, MasterKey, Money, Month, Secret, open_agency
from dcss_core.agency.filing.payments import DISTRIBUTION_LINES
from dcss_core.cases import NewObligation, OpeningArrears, Role
from dcss_core.ports.storage import SEQUENCE
from dcss_core.testing import (
    Appointing,
    FakeHasher,
    FrozenClock,
    SentPayment,
    case_application,
    never_issued_ssn,
    participant,
    remittance_file,
)
from dcss_core.users import StaffRole

RECEIPTS: Final = 125
LAST_LINES: Final = 120
CASE: Final = CaseNumber("0000000001")
INTAKE, REMITTANCE, BOOKS = Actor.system("intake"), Actor.system("remittance"), Actor.system("reconciliation")
_RECEIPTS_OF_CASE: Final = "SELECT * FROM receipts WHERE case_number = ? ORDER BY received_on DESC"
_LINES_OF_CASE: Final = "SELECT * FROM distribution_lines WHERE case_number = ?"


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as temporary:
        database = Path(temporary) / "agency.db"
        with opened(database) as agency:
            clerk = appointed(agency)
            open_paid_case(agency)
            compare(agency, clerk, database, Path(temporary) / "django.db", arguments.rounds)
            there = 1
            for cases in arguments.cases:
                open_cases(agency, there, cases)
                there = cases
                grown(agency, clerk, cases, arguments.rounds)


def compare(agency: Agency, clerk: Actor, database: Path, copy: Path, rounds: int) -> None:
    """One case: ours, the floor and Django, in turns."""
    raw = sqlite3.connect(database)
    works: dict[str, Callable[[], object]] = {
        "history, the whole verb": lambda: agency.payments.history(CASE, by=clerk),
        "a page of 50 of it": lambda: agency.payments.history(CASE, by=clerk, limit=50),
        "the floor of its rows": lambda: (
            raw.execute(_RECEIPTS_OF_CASE, (str(CASE),)).fetchall(),
            raw.execute(_LINES_OF_CASE, (str(CASE),)).fetchall(),
        ),
        f"last {LAST_LINES} lines, typed": lambda: last_lines(agency),
        "statement of a year": lambda: agency.payments.statement(
            CASE, first=Month(2025, 2), last=Month(2026, 1), by=clerk
        ),
    }
    if find_spec("django") is not None:
        works |= django_on(copy, raw)
    times = measured(works, rounds)
    print(f"{RECEIPTS} receipts of one case, {count(raw)} lines")
    for name, seconds in times.items():
        print(f"{name:<34}{seconds * 1e6:10,.0f} µs")
    if "django: receipts, lines prefetched" in times:
        both = (
            ("history, the whole verb", "django: receipts, lines prefetched"),
            (f"last {LAST_LINES} lines, typed", f"django: last {LAST_LINES} lines"),
        )
        for ours, theirs in both:
            print(f"{'django / ours':<34}{times[theirs] / times[ours]:10.2f}   ({ours})")
    raw.close()


def grown(agency: Agency, clerk: Actor, cases: int, rounds: int) -> None:
    """Balances and a page of what is held, with so many cases."""
    times = measured(
        {
            "balances": lambda: agency.payments.balances(by=BOOKS),
            "held, a page of 50": lambda: agency.payments.held(by=clerk, limit=50),
        },
        rounds,
    )
    for name, seconds in times.items():
        print(f"{name:<20}{cases:10,} cases{seconds * 1e6:10,.0f} µs")


def measured(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median of the rounds for each, in turns; the first round warms up."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            begun = time.perf_counter()
            work()
            if turn:
                times[name].append(time.perf_counter() - begun)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def last_lines(agency: Agency) -> object:
    """The last lines of the case as records, as a statement of recent payments would read them."""
    return agency.payments._resources.read(
        lambda work: work.find(
            DISTRIBUTION_LINES, ("case_number", SEQUENCE), (CASE,), descending=True, limit=LAST_LINES
        )
    )


def opened(database: Path) -> Agency:
    """Open the agency with a clock that stands still; no password is hashed here."""
    return open_agency(
        f"sqlite:///{database}",
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        channels=None,
        clock=FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)),
        hasher=FakeHasher(),
    )


def appointed(agency: Agency) -> Actor:
    """A payment clerk."""
    return Appointing(agency)(StaffRole.PAYMENT_CLERK, user_id="kim.lane")


def open_paid_case(agency: Agency) -> None:
    """A case with three obligations and years of arrears, and its receipts, each of three lines."""
    agency.cases.open(
        application(
            CASE,
            0,
            obligations=tuple(NewObligation(Money("0.03"), begins=date(2024, 4, 1)) for _ in range(3)),
            order_issued_on=date(2024, 3, 1),
            arrears=tuple(
                OpeningArrears(Month(2025, 11), Money("90000.00"), obligation=number) for number in (1, 2, 3)
            ),
        ),
        by=INTAKE,
    )
    payments = (
        SentPayment(f"{100 + number}.09", case=CASE, ssn=never_issued_ssn(1)) for number in range(RECEIPTS)
    )
    agency.payments.receive(remittance_file(*payments), by=REMITTANCE, pause_seconds=0)


def open_cases(agency: Agency, there: int, cases: int) -> None:
    """Open cases until there are so many, and receive a payment for each and one that is held."""
    numbers = range(there + 1, cases + 1)
    for number in numbers:
        agency.cases.open(application(CaseNumber(f"{number:010d}"), number), by=INTAKE)
    for start in range(0, len(numbers), 10_000):
        part = numbers[start : start + 10_000]
        payments = [
            SentPayment("25.00", case=CaseNumber(f"{each:010d}"), ssn=never_issued_ssn(each)) for each in part
        ]
        payments += [SentPayment("5.00", case=f"9{each:09d}") for each in part]
        agency.payments.receive(
            remittance_file(*payments), by=REMITTANCE, pause_seconds=0, entries_at_once=1000
        )


def application(case: CaseNumber, number: int, **changes: Any) -> Any:
    """The application for a case with people of its own."""
    payer = participant(Role.NONCUSTODIAL_PARENT, "Al Hill", ssn=never_issued_ssn(max(number, 1)))
    payee = participant(Role.CUSTODIAL_PARENT, "Mary Hill")
    return case_application(case, payer=payer, payee=payee, child="Sky Hill", **changes)


def count(raw: sqlite3.Connection) -> int:
    """How many lines the case has."""
    [(lines,)] = raw.execute("SELECT COUNT(*) FROM distribution_lines WHERE case_number = ?", (str(CASE),))
    return int(lines)


def django_on(copy: Path, raw: sqlite3.Connection) -> dict[str, Callable[[], object]]:
    """Django's models over the same rows, in a file of its own, with the indexes they are found by."""
    conf: Any = import_module("django.conf")
    conf.settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(copy)}},
        INSTALLED_APPS=[],
        USE_TZ=True,
    )
    django: Any = import_module("django")
    django.setup()
    db: Any = import_module("django.db")
    models = db.models
    text, day = models.TextField, models.DateField

    class Receipt(models.Model):  # type: ignore[misc, name-defined]
        receipt_id, case_number = text(primary_key=True), text(db_index=True)
        likeness, file_id, trace_number, remitter = text(), text(), text(), text()
        amount_cents, received_on, collected_on = models.BigIntegerField(), day(), day()
        case_as_sent, pay_date, send_by = text(null=True), day(null=True), day(null=True)
        recorded_at, status, hold_reason = models.DateTimeField(), text(), text(null=True)

        class Meta:
            app_label = "history"

    class Line(models.Model):  # type: ignore[misc, name-defined]
        receipt = models.ForeignKey(Receipt, related_name="lines", on_delete=models.PROTECT)
        line, amount_cents, from_held = models.IntegerField(), models.BigIntegerField(), models.BooleanField()
        case_number, on, bucket, payee = text(db_index=True), day(), text(), text()
        payee_id, obligation_id, month = text(null=True), text(null=True), text(null=True)
        rule, rules_version, citation = text(), text(), text()
        inputs, not_taken = models.JSONField(), models.JSONField()

        class Meta:
            app_label = "history"

    with db.connection.schema_editor() as editor:
        editor.create_model(Receipt)
        editor.create_model(Line)
    _copy(raw, Receipt, Line)
    newest = Receipt.objects.filter(case_number=str(CASE)).order_by("-received_on", "-receipt_id")
    last = Line.objects.filter(case_number=str(CASE)).order_by("-id")
    return {
        "django: receipts, lines prefetched": lambda: list(newest.prefetch_related("lines")),
        f"django: last {LAST_LINES} lines": lambda: list(last[:LAST_LINES]),
    }


def _copy(raw: sqlite3.Connection, receipt: Any, line: Any) -> None:
    json: Any = import_module("json")
    raw.row_factory = sqlite3.Row
    dated: Any = import_module("datetime").datetime.fromisoformat
    receipts = [
        dict(row) | {"recorded_at": dated(row["recorded_at"] + "+00:00")}
        for row in raw.execute(_RECEIPTS_OF_CASE, (str(CASE),))
    ]
    lines = [
        dict(row) | {name: json.loads(row[name]) for name in ("inputs", "not_taken")}
        for row in raw.execute(_LINES_OF_CASE, (str(CASE),))
    ]
    raw.row_factory = None
    for rows, model in ((receipts, receipt), (lines, line)):
        for row in rows:
            row.pop("version", None)
            row.pop("seq", None)
        model.objects.bulk_create([model(**row) for row in rows])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What it costs to look at the money.")
    parser.add_argument("cases", nargs="*", type=int, default=[1_000, 10_000], help="with how many cases")
    parser.add_argument("--rounds", type=int, default=30, help="how often each is measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
