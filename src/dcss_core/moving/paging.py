"""Reading a whole collection, page by page, in the order of its key.

Invariant: however large rows are, what is in memory at once is bounded by one row and some megabytes.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from dcss_core.errors import InvariantError
from dcss_core.moving.row_text import LONGEST_LINE, RowText
from dcss_core.ports.storage import Collection, Row, Transaction

MOST_ROWS: Final = 1_000
MOST_BYTES: Final = 2 * 1024 * 1024
"""What a page of lines comes to, about."""
_FEW_ROWS: Final = 4
Prepared: TypeAlias = Callable[[RowText, Sequence[Row]], Sequence[Row]]


def pages(transaction: Transaction, collection: Collection, at_once: int) -> Iterator[list[Row]]:
    """Every row of a collection, so many at once."""
    last: Row | None = None
    while page := transaction.find(collection, collection.key_fields, after=last, limit=at_once):
        yield page
        last = page[-1]


def _as_they_are(_text: RowText, rows: Sequence[Row]) -> Sequence[Row]:
    return rows


def written_pages(
    transaction: Transaction, text: RowText, prepared: Prepared = _as_they_are
) -> Iterator[tuple[int, bytes]]:
    """Every row of a collection as lines, with how many there are in each page.

    `prepared` gives the rows to write for those of a page. Pages begin small and grow, for nobody knows how
    large the rows are.
    """
    collection, last, at_once = text.collection, None, _FEW_ROWS
    while page := transaction.find(collection, collection.key_fields, after=last, limit=at_once):
        lines = "".join([f"{text.line(row)}\n" for row in prepared(text, page)]).encode()
        _check_length(collection, lines)
        yield len(page), lines
        fitting = MOST_BYTES * len(page) // len(lines)
        at_once = max(1, min(fitting, 4 * at_once, MOST_ROWS))
        last = page[-1]


def _check_length(collection: Collection, lines: bytes) -> None:
    if len(lines) > LONGEST_LINE < max(map(len, lines.splitlines(keepends=True))):
        raise InvariantError(f"a row of {collection.name} is longer than {LONGEST_LINE:,} bytes as a line")
