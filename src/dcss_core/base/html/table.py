"""Tables in HTML, for the notebooks and pages that show a value.

Decides how every table of the library is marked up, so that a screen reader can tell what it is and which
heading a cell belongs to (WCAG 2.2, 1.3.1): a caption, and headings with their scope. Invariant: every
text is escaped here and nowhere else.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from dcss_core.base.money import Money

Cell: TypeAlias = object
"""What stands in a cell: money is shown as people write it and to the right, None as nothing."""


def html_table(
    caption: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    totals: Sequence[Cell] = (),
    has_row_headings: bool = False,
) -> str:
    """A table; with `has_row_headings` the first cell of each row is its heading."""
    head = "".join(f'<th scope="col">{_text(heading)}</th>' for heading in headings)
    body = "".join(_row(row, has_row_headings) for row in rows)
    foot = f"<tfoot>{_row(totals, has_row_headings)}</tfoot>" if totals else ""
    caption = f"<caption>{_text(caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table>"


def html_notes(notes: Iterable[str]) -> str:
    """Sentences below a table, a paragraph each."""
    return "".join(f"<p>{_text(note)}</p>" for note in notes)


def _row(cells: Sequence[Cell], has_heading: bool) -> str:
    marked = [_cell(cell) for cell in cells]
    if has_heading:
        marked[0] = f'<th scope="row">{_text(cells[0])}</th>'
    return f"<tr>{''.join(marked)}</tr>"


def _cell(cell: Cell) -> str:
    right = ' style="text-align:right"' if isinstance(cell, Money | int) else ""
    return f"<td{right}>{_text(cell)}</td>"


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    from html import escape  # most programs print no table

    return escape(cell.display() if isinstance(cell, Money) else str(cell))
