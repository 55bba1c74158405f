"""The hash of what was posted: what an audit entry says about the rows it speaks of.

Decides the bytes that are hashed: canonical JSON of every field of every posting and line. Invariants: a row
that is changed in any field, left out or added gives another hash; the order in which rows are read gives the
same; the version stands in front, so that a later way to write them down does not break what is in the log.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from json import JSONEncoder
from typing import Final, TypeAlias

from dcss_core.base.dates import Month
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.reasons import Input, NotTaken
from dcss_core.payments.ledger.ledger import Posting

Plain: TypeAlias = "str | int | bool | list[Plain] | None"
"""What is written into the hash."""

_VERSION: Final = "1"
_JSON: Final = JSONEncoder(separators=(",", ":"), check_circular=False)


def hash_of(
    facts: Sequence[Plain], postings: Iterable[Posting] = (), lines: Iterable[DistributionLine] = ()
) -> str:
    """The hash of some facts and of the postings and lines that go with them."""
    moved = sorted(postings, key=lambda posting: (posting.entry_id, posting.line))
    told = sorted(lines, key=lambda line: (line.receipt_id, line.line))
    text = _JSON.encode([list(facts), [*map(_posting, moved)], [*map(_line, told)]])
    return f"{_VERSION}:{sha256(text.encode()).hexdigest()}"


def _posting(posting: Posting) -> list[Plain]:
    return [
        posting.entry_id,
        posting.line,
        posting.place.value,
        posting.amount.cents,
        posting.effective_date.isoformat(),
        posting.recorded_at.isoformat(),
        posting.stream,
        posting.receipt_id,
        posting.obligation_id,
        _month(posting.month),
        posting.payee_id,
        None if posting.hold_reason is None else posting.hold_reason.value,
    ]


def _line(line: DistributionLine) -> list[Plain]:
    return [
        line.receipt_id,
        line.line,
        str(line.case_number),
        line.on.isoformat(),
        line.bucket.value,
        line.payee.value,
        line.payee_id,
        line.obligation_id,
        _month(line.month),
        line.amount.cents,
        line.from_held,
        line.rule,
        line.rules_version,
        line.citation,
        [*map(_input, line.inputs)],
        [*map(_not_taken, line.not_taken)],
    ]


def _input(figure: Input) -> list[Plain]:
    return [figure.name.value, figure.amount.cents, _month(figure.month), figure.debts]


def _not_taken(not_taken: NotTaken) -> list[Plain]:
    return [not_taken.alternative.value, not_taken.citation]


def _month(month: Month | None) -> str | None:
    return None if month is None else str(month)
