"""What a record costs that checks itself when it is built, beside the same fields unchecked.

Both are frozen attrs classes with the same fields; they take turns, so that a busy moment of the machine
falls on both. The median of the rounds is shown, and the ratio.

    python benchmarks/records.py [ROUNDS]
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import attrs

from dcss_core import CaseNumber, Money, Month
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.ledger.case_account import Debt

BATCH: Final = 2_000
DAY: Final = date(2026, 1, 7)
CASE: Final = CaseNumber("0004567890")
RECORDS: Final = (
    Receipt(
        receipt_id="R1",
        likeness="L1",
        file_id="f1",
        trace_number="121042880000001",
        remitter="PEACH TREE PAY",
        amount=Money("243.69"),
        case_as_sent=str(CASE),
        pay_date=None,
        received_on=DAY,
        collected_on=DAY,
        recorded_at=datetime(2026, 1, 7, 15, tzinfo=UTC),
        status=ReceiptStatus.DISTRIBUTED,
        case_number=CASE,
    ),
    Debt(f"{CASE}/1", Month(2026, 1), Money("200.00")),
)


def unchecked(record: Any) -> type:
    """A class with the fields of a record and without its checks."""
    names = [field.name for field in attrs.fields(type(record))]
    return attrs.make_class("Unchecked", names, frozen=True, slots=True)


def nanoseconds(build: Callable[..., object], values: dict[str, object]) -> float:
    """How long one takes to build, on average."""
    start = time.perf_counter_ns()
    for _ in range(BATCH):
        build(**values)
    return (time.perf_counter_ns() - start) / BATCH


def compare(rounds: int) -> None:
    """Print a line for each record."""
    print(f"{'nanoseconds (median)':<22}{'checked':>10}{'unchecked':>11}{'ratio':>8}")
    for record in RECORDS:
        raw = unchecked(record)
        values = {field.name: getattr(record, field.name) for field in attrs.fields(type(record))}
        taken = [(nanoseconds(type(record), values), nanoseconds(raw, values)) for _ in range(rounds)]
        ours, floor = (statistics.median(each) for each in zip(*taken, strict=True))
        print(f"{type(record).__name__:<22}{ours:>10.0f}{floor:>11.0f}{ours / floor:>8.1f}")


if __name__ == "__main__":
    compare(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
