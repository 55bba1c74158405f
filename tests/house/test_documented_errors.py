"""The page of errors is the tree of errors: no class missing, none too many, codes and sentences the same."""

import ast
import re
from pathlib import Path

from dcss_core import errors
from dcss_core.errors import DcssError

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "src" / "dcss_core"
PAGE = REPOSITORY / "docs" / "reference" / "errors.md"


def rows_below(kind: type[DcssError], depth: int = 0) -> list[str]:
    """The table's rows for a class and all that come from it, each below its parent."""
    sentence = (kind.__doc__ or "").strip().split("\n")[0]
    rows = [f"| {'· ' * depth}`{kind.__name__}` | `{kind.code}` | {sentence} |"]
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            rows += rows_below(child, depth + 1)
    return rows


def test_the_page_of_errors_shows_the_tree_as_it_is() -> None:
    expected = "\n".join(["| error | code | meaning |", "| --- | --- | --- |", *rows_below(DcssError)])
    assert expected in PAGE.read_text(encoding="utf-8"), f"the table has to be:\n\n{expected}\n"


def test_the_page_gives_every_error_the_status_that_a_portal_answers_with() -> None:
    page = PAGE.read_text(encoding="utf-8").split("## As an HTTP answer")[1].split("##")[0]
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    kinds = [DcssError, *(kind for kind in _all_below(DcssError) if kind.__module__ == errors.__name__)]
    assert [row[:3] for row in rows] == [
        [f"`{kind.__name__}`", f"`{kind.code}`", _statuses_of(kind)] for kind in kinds
    ]
    assert all(len(row) == 4 and row[3] for row in rows)


def _statuses_of(kind: type[DcssError]) -> str:
    """The status of a class; an instance is made without its words, which don't count."""
    error = kind.__new__(kind)
    if isinstance(error, errors.BackendError):
        error.retryable = isinstance(error, errors.BusyError)
    if not isinstance(error, errors.BackendError) or type(error) is not errors.BackendError:
        return str(errors.http_status(error))  # it may always be done again, or never
    passing = errors.BackendError("busy", retryable=True)
    return f"{errors.http_status(error)}, or {errors.http_status(passing)} when `retryable`"


def test_every_error_of_the_library_stands_on_the_one_screen() -> None:
    found = {
        f"{file.relative_to(SOURCE)} {node.name}"
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and re.fullmatch("[A-Z].*Error", node.name)
    }
    assert {name for name in found if not name.startswith("errors.py ")} == set()


def test_codes_are_unique_and_each_begins_with_its_parents_first_word() -> None:
    kinds = [kind for kind in _all_below(DcssError) if kind.__module__ == errors.__name__]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    children = [kind for kind in kinds if kind.__base__ is not DcssError]
    assert [
        kind.code for kind in children if not kind.code.startswith(_parent(kind).code.split(".")[0])
    ] == []


def _parent(kind: type[DcssError]) -> type[DcssError]:
    base = kind.__base__
    assert base is not None
    assert issubclass(base, DcssError)
    return base


def _all_below(kind: type[DcssError]) -> list[type[DcssError]]:
    below = []
    for child in kind.__subclasses__():
        below += [child, *_all_below(child)]
    return below
