"""What records cost: reading one from its row, writing it, checking the row, building it with its checks.

Each figure stands beside a floor of the same round: for reading and writing the same conversions written out
by hand, for the check of rows a comparison of types in a plain loop, for building the same fields unchecked.
What is read from JSON may be remembered; "unseen" reads texts that were never read before.
Both take turns, so that a busy moment of the machine falls on both. The median of the rounds is shown, in
microseconds for one record, and how many times the floor it is.

    python benchmarks/records.py [ROUNDS]
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice, product
from types import MappingProxyType
from typing import Any, Final

import attrs

from dcss_core.agency.work.mapping.columns import Form
from dcss_core.agency.work.records import Records
from sample_records import RECORDS
from written_by_hand import BY_HAND, SEALER, ByHand

BATCH: Final = 500
UNSEEN: Final = 5_000  # more than are remembered


def unchecked(record: Any) -> type:
    """A class with the fields of a record and without its checks."""
    names = [field.name for field in attrs.fields(type(record))]
    return attrs.make_class("Unchecked", names, frozen=True, slots=True)


def microseconds(call: Callable[[], object]) -> float:
    """How much of the processor one call takes, on average."""
    start = time.process_time_ns()
    for _ in range(BATCH):
        call()
    return (time.process_time_ns() - start) / BATCH / 1_000


def plain_check(kinds: list[tuple[type, ...]], row: Any) -> bool:
    """Whether each value has a type of its field."""
    return all(type(value) in admitted for value, admitted in zip(row.values(), kinds, strict=True))


def unseen(records: Records[Any], row: Any) -> Iterator[Any]:
    """The same row again and again, with other blanks behind the JSON in it each time."""
    nested = [column.field.name for column in records.columns.values() if column.form is Form.JSON]
    blanks = islice(product(" \n\t\r", repeat=7), UNSEEN)
    return cycle(
        [
            MappingProxyType({**row, **{name: row[name] + "".join(blank) for name in nested}})
            for blank in blanks
        ]
    )


def calls_of(record: Any, case: ByHand) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """What is compared for one record: ours and the floor."""
    records = case.records
    written = records.to_row(record, SEALER, version=1)
    number = "seq" if records.collection.log else "version"
    read = MappingProxyType({**written, number: 1})  # as storages give it
    assert records.from_row(read, SEALER) == record == case.read(read)
    assert written.keys() == case.write(record, 1).keys()
    kinds: list[tuple[type, ...]] = [
        (type(written[field.name]), *([type(None)] if field.optional else []))
        for field in records.collection.fields
    ]
    values = {field.name: getattr(record, field.name) for field in attrs.fields(type(record))}
    raw, made, is_log = unchecked(record), type(record), records.collection.log
    ours_unseen, floor_unseen = unseen(records, read), unseen(records, read)
    return {
        "from_row": (lambda: records.from_row(read, SEALER), lambda: case.read(read)),
        "unseen": (
            lambda: records.from_row(next(ours_unseen), SEALER),
            lambda: case.read(next(floor_unseen)),
        ),
        "to_row": (lambda: records.to_row(record, SEALER, version=1), lambda: case.write(record, 1)),
        "check_rows": (
            lambda: records.collection.check_rows([written], log=is_log),
            lambda: plain_check(kinds, written),
        ),
        "built": (lambda: made(**values), lambda: raw(**values)),
    }


def compare(rounds: int) -> None:
    """Print a line for each record and each thing done with it."""
    print(f"{'microseconds (median)':<20}{'':<12}{'ours':>8}{'floor':>8}{'ratio':>7}")
    for record, case in zip(RECORDS, BY_HAND, strict=True):
        for what, (ours, floor) in calls_of(record, case).items():
            taken = [(microseconds(ours), microseconds(floor)) for _ in range(rounds)]
            mine, least = (statistics.median(each) for each in zip(*taken, strict=True))
            name = type(record).__name__
            print(f"{name:<20}{what:<12}{mine:>8.2f}{least:>8.2f}{mine / least:>7.2f}")


if __name__ == "__main__":
    compare(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
