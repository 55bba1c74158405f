"""Payments as columns: what a spreadsheet, a data frame or a report reads.

Decides which columns each sort of line has, in the field's terms. Invariants: no cell holds a type of this
library, money stands there twice, as integer cents to compute with and as people write it; a sort of line
has the same columns however many lines there are; two sorts are never mixed in one frame.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, TypeAlias

from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.views.batch import RemittanceBatch
from dcss_core.payments.views.explanation import Explanation
from dcss_core.payments.views.history import HistoryLine, PaymentHistory
from dcss_core.payments.views.reasons import instead_in_words
from dcss_core.payments.views.statement import Statement, StatementMonth

Plain: TypeAlias = str | int | bool | date | datetime | None
"""What a cell holds."""

Line: TypeAlias = Receipt | HistoryLine | DistributionLine | StatementMonth
Lines: TypeAlias = Iterable[Line] | Line | RemittanceBatch | Explanation | Statement
_Columns: TypeAlias = Mapping[str, Callable[[Any], Any]]

_RECEIPT: Final[_Columns] = {
    "receipt_id": lambda line: line.receipt_id,
    "case_number": lambda line: line.case_number,
    "received_on": lambda line: line.received_on,
    "collected_on": lambda line: line.collected_on,
    "month": lambda line: Month.of(line.received_on),
    "status": lambda line: line.status,
    "hold_reason": lambda line: line.hold_reason,
    "amount": lambda line: line.amount,
    "send_by": lambda line: line.send_by,
    "pay_date": lambda line: line.pay_date,
    "remitter": lambda line: line.remitter,
    "case_as_sent": lambda line: line.case_as_sent,
    "trace_number": lambda line: line.trace_number,
    "file_id": lambda line: line.file_id,
    "recorded_at": lambda line: line.recorded_at,
}
_HISTORY: Final[_Columns] = {
    "receipt_id": lambda line: line.receipt_id,
    "received_on": lambda line: line.on,
    "month": lambda line: Month.of(line.on),
    "amount": lambda line: line.amount,
    "to_family": lambda line: line.to_family,
    "held": lambda line: line.held,
    "send_by": lambda line: line.send_by,
    "remitter": lambda line: line.remitter,
    "applied": lambda line: "; ".join(map(str, line.applied)),
}
_DISTRIBUTION: Final[_Columns] = {
    "receipt_id": lambda line: line.receipt_id,
    "line": lambda line: line.line,
    "case_number": lambda line: line.case_number,
    "satisfied_on": lambda line: line.on,
    "bucket": lambda line: line.bucket,
    "payee": lambda line: line.payee,
    "payee_id": lambda line: line.payee_id,
    "obligation_id": lambda line: line.obligation_id,
    "month": lambda line: line.month,
    "amount": lambda line: line.amount,
    "from_held": lambda line: line.from_held,
    "rule": lambda line: line.rule,
    "rules_version": lambda line: line.rules_version,
    "citation": lambda line: line.citation,
    "alternative": instead_in_words,
}
_MONTH: Final[_Columns] = {
    "month": lambda line: line.month,
    "charged": lambda line: line.charged,
    "paid": lambda line: line.paid,
    "owed_at_end": lambda line: line.owed_at_end,
}
_COLUMNS: Final[Mapping[type, _Columns]] = {
    Receipt: _RECEIPT,
    HistoryLine: _HISTORY,
    DistributionLine: _DISTRIBUTION,
    StatementMonth: _MONTH,
}
_MONEY: Final = frozenset({"amount", "to_family", "held", "charged", "paid", "owed_at_end"})


def frame(lines: Lines, *, of: type[Line] | None = None) -> dict[str, list[Plain]]:
    """Payments as columns, a list of plain values for each: `pd.DataFrame(frame(batch.receipts))`.

    Takes receipts, lines of a history or an explanation, months of a statement, or what holds them whole. A
    receipt's `month` is the one it was received in, a distribution line's the one whose support is paid.
    `of` names the sort of line where there may be none, which else gives no columns. Raises
    InvalidInputError for lines of different sorts, and for a batch that does not hold every receipt.
    """
    sort, found = _sorted_out(lines, of)
    if sort is None:
        return {}
    columns: dict[str, list[Plain]] = {}
    for name, cell in _COLUMNS[sort].items():
        values = [cell(line) for line in found]
        if name in _MONEY:
            columns[f"{name}_cents"] = [money.cents for money in values]
        columns[name] = [_plain(value) for value in values]
    return columns


def to_records(lines: Lines, *, of: type[Line] | None = None) -> list[dict[str, Plain]]:
    """Payments as records, a dictionary for each line: for `csv.DictWriter`, for example.

    The columns are those of `frame`. Raises InvalidInputError for lines of different sorts.
    """
    columns = frame(lines, of=of)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _sorted_out(lines: Lines, of: type[Line] | None) -> tuple[type | None, list[Any]]:
    known: type | None = of
    if isinstance(lines, RemittanceBatch):
        known, lines = Receipt, _all_of(lines)
    elif isinstance(lines, Explanation):
        known, lines = DistributionLine, lines.lines
    elif isinstance(lines, Statement):
        known, lines = StatementMonth, lines.months
    elif isinstance(lines, PaymentHistory):
        known = HistoryLine
    found = list(lines) if isinstance(lines, Iterable) else [lines]
    sorts = {type(line) for line in found} | ({known} if known is not None else set())
    if len(sorts) > 1 or not sorts <= _COLUMNS.keys():
        names = ", ".join(sorted(sort.__name__ for sort in sorts))
        expected = f"one sort: {', '.join(sort.__name__ for sort in _COLUMNS)}"
        raise InvalidInputError("these are no lines of one frame", faults=[Fault("lines", names, expected)])
    return next(iter(sorts), None), found


def _all_of(batch: RemittanceBatch) -> tuple[Receipt, ...]:
    if not batch.is_whole:
        found = f"{len(batch.receipts)} of {batch.file.receipts} receipts"
        fault = Fault("lines", found, "all of them, page by page, by payments.of_file")
        raise InvalidInputError("this file is too large to be in one batch", faults=[fault])
    return batch.receipts


def _plain(value: object) -> Plain:
    if isinstance(value, Money):
        return value.display()
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, bool | int | str | date):
        return value
    return str(value)  # a month, a case number
