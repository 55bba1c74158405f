"""A small portal in Django beside the library, on SQLite and on PostgreSQL: post one, rows in bulk, history.

Django posts a payment as a portal would by hand: it locks the account of the case, inserts a receipt and
three lines, and writes the new balance, in one transaction; it keeps no books, no log, no letter and no seal.
Ours is the whole verb. In bulk both insert the cases of `storage.py`, row for row (`bulk_create`). The
history is a page of 50 receipts with their lines prefetched; ours notes who looked, in a commit of its own.

    python benchmarks/django_peer.py [ROUNDS]
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from bare_drivers import Postgresql, Recorded, Sqlite, opened
from dcss_core.testing import SentPayment, never_issued_ssn, remittance_file
from dcss_core_sql.opening import open_storage
from dcss_core_sql.postgresql.location import Location
from history import CASE, RECEIPTS, REMITTANCE, appointed, open_paid_case
from postgresql import BULK, PAGE, milliseconds
from storage import CASES, case_row

LINES = 3


def django_on(database: dict[str, Any]) -> tuple[Callable[[], object], ...]:
    """Post one, insert in bulk, and a page of history, on this database."""
    conf: Any = import_module("django.conf")
    conf.settings.configure(DATABASES={"default": database}, INSTALLED_APPS=[], USE_TZ=True)
    django: Any = import_module("django")
    django.setup()
    db: Any = import_module("django.db")
    models = db.models
    text, cents, day = models.TextField, models.BigIntegerField, models.DateField

    class Account(models.Model):  # type: ignore[misc, name-defined]
        case_number, balance_cents = text(primary_key=True), cents()

        class Meta:
            app_label = "peer"

    class Receipt(models.Model):  # type: ignore[misc, name-defined]
        case_number, amount_cents, received_on = text(db_index=True), cents(), day()

        class Meta:
            app_label = "peer"

    class Line(models.Model):  # type: ignore[misc, name-defined]
        receipt = models.ForeignKey(Receipt, related_name="lines", on_delete=models.PROTECT)
        bucket, amount_cents, on = text(), cents(), day()

        class Meta:
            app_label = "peer"

    class Case(models.Model):  # type: ignore[misc, name-defined]
        case_number, county, balance_cents = text(primary_key=True), text(), cents()
        is_open, opened_on, changed_at = models.BooleanField(), day(), models.DateTimeField()
        closed_on, sealed = day(null=True), models.BinaryField()

        class Meta:
            app_label = "peer"
            indexes = [models.Index(fields=["county", "opened_on"], name="by_county")]  # noqa: RUF012

    with db.connection.schema_editor() as editor:
        for model in (Account, Receipt, Line, Case):
            editor.create_model(model)
    Account.objects.create(case_number=str(CASE), balance_cents=0)
    firsts = count(1_000_000, BULK)

    def post() -> None:
        with db.transaction.atomic():
            account = Account.objects.select_for_update().get(case_number=str(CASE))
            receipt = Receipt.objects.create(
                case_number=str(CASE), amount_cents=500, received_on=date(2026, 1, 7)
            )
            Line.objects.bulk_create(
                Line(receipt=receipt, bucket="arrears", amount_cents=100, on=date(2026, 1, 7))
                for _ in range(LINES)
            )
            account.balance_cents += 500
            account.save()

    def bulk() -> None:
        first = next(firsts)
        with db.transaction.atomic():
            Case.objects.bulk_create([Case(**case_row(each, "Cobb")) for each in range(first, first + BULK)])

    for _ in range(RECEIPTS):
        post()
    newest = Receipt.objects.filter(case_number=str(CASE)).order_by("-received_on", "-id")
    return post, bulk, lambda: list(newest.prefetch_related("lines")[:PAGE])


def compare(place: Any, peer: tuple[Callable[[], object], ...], rounds: int) -> None:
    """Ours and Django's in turns."""
    post, bulk, history = peer
    recorded, first = Recorded(), count(500_000_000, BULK)
    with opened(place.new(), recorded) as agency:
        clerk = appointed(agency)
        open_paid_case(agency)
        storage = open_storage(place.new())
        storage.prepare([CASES])

        def insert() -> None:
            start = next(first)
            with storage.transaction(writes=True) as transaction:
                transaction.insert(CASES, [case_row(each, "Cobb") for each in range(start, start + BULK)])

        files = [
            remittance_file(
                SentPayment("5.00", case=CASE, ssn=never_issued_ssn(1), trace=f"12104288{turn + 9_000:07}")
            )
            for turn in range(rounds)
        ]
        works: dict[str, tuple[Callable[[int], object], Callable[[], object], int]] = {
            "post one": (lambda turn: agency.payments.receive(files[turn], by=REMITTANCE), post, rounds),
            f"{BULK:,} rows in bulk": (lambda _: insert(), bulk, max(rounds // 6, 5)),
            f"a page of {PAGE} of history": (
                lambda _: agency.payments.history(CASE, by=clerk, limit=PAGE),
                history,
                rounds,
            ),
        }
        for name, (ours, theirs, turns) in works.items():
            taken = [(milliseconds(partial(ours, turn)), milliseconds(theirs)) for turn in range(turns)]
            our, their = (median(each) for each in zip(*taken[2:], strict=True))
            print(f"  {place.name:<10}{name:<28}{our:>9.2f}{their:>9.2f}{their / our:>7.2f} x", flush=True)
        storage.close()


def main() -> None:
    """Measure the storage that is named, or both, each in a process of its own."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    if len(sys.argv) < 3:
        for name in ("sqlite", "postgresql"):
            import_module("subprocess").run([sys.executable, __file__, str(rounds), name], check=True)
        return
    print(f"{'milliseconds (median)':<40}{'ours':>9}{'django':>9}{'django / ours':>15}")
    if sys.argv[2] == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            place = Sqlite(Path(folder))
            options = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"}
            name = str(Path(folder) / "django.db")
            database = {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}
            compare(place, django_on(database), rounds)
        return
    from dcss_core_sql.testing import running_server

    with running_server(safe=True) as server:
        served = Postgresql(server)
        settings = Location.from_url(served.new()).settings
        database = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": settings["dbname"],
            "USER": settings["user"],
            "HOST": settings["host"],
            "PORT": settings["port"],
        }
        compare(served, django_on(database), rounds)


if __name__ == "__main__":
    main()
