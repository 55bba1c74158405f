"""How large things may get: a file, a function, a folder, a list of parameters.

Exceptions are listed by name with what they are, and the lists only shrink: an exception that is none any
more fails too.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
LONGEST_FILE: Final = 400
LONGEST_FUNCTION: Final = 50
MOST_FILES: Final = 15
MOST_PARAMETERS: Final = 10

LONG_FILES: Final[set[str]] = set()
LONG_FUNCTIONS: Final[set[str]] = set()
REPEATED_NAMES: Final = {
    "payments/nacha/nacha_file.py",
    "users/user_id.py",
}  # the standard's and the field's words
FULL_FOLDERS: Final = {"payments/nacha", "audit"}
MANY_PARAMETERS: Final = {"opening/opening.py:open_agency"}  # its keywords are the configuration


def sources() -> list[Path]:
    """Every module of the library and of its reference plugins."""
    return sorted([*REPOSITORY.glob("src/**/*.py"), *REPOSITORY.glob("plugins/dcss-core-*/src/**/*.py")])


def place(file: Path) -> str:
    """A file or folder as the lists name it."""
    for root in (REPOSITORY / "src" / "dcss_core", REPOSITORY / "plugins"):
        if file.is_relative_to(root):
            return file.relative_to(root).as_posix()
    raise AssertionError(file)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function and method, as `agency/agency.py:Agency.start`."""
    for file in sources():
        yield from _functions_in(ast.parse(file.read_text(encoding="utf-8")), f"{place(file)}:")


def _functions_in(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        if isinstance(child, ast.ClassDef):
            yield from _functions_in(child, f"{prefix}{child.name}.")


def test_no_file_is_longer_than_a_reader_keeps_in_mind() -> None:
    long = {
        place(file) for file in sources() if len(file.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE
    }
    assert long == LONG_FILES


def test_no_function_is_longer_than_a_screen() -> None:
    long = {name for name, each in functions() if (each.end_lineno or 0) - each.lineno + 1 > LONGEST_FUNCTION}
    assert long == LONG_FUNCTIONS


def test_no_folder_is_more_than_one_floor_plan() -> None:
    folders = {file.parent for file in sources()}
    full = {
        place(folder)
        for folder in folders
        if len([file for file in folder.glob("*.py") if file.name != "__init__.py"]) > MOST_FILES
    }
    assert full == FULL_FOLDERS


def test_no_function_takes_more_than_ten_things() -> None:
    def count(each: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        names = [*each.args.posonlyargs, *each.args.args, *each.args.kwonlyargs]
        return len([name for name in names if name.arg not in ("self", "cls")])

    many = {name for name, each in functions() if count(each) > MOST_PARAMETERS}
    assert many == MANY_PARAMETERS


def test_a_name_is_not_repeated_in_its_folder() -> None:
    repeated = {
        place(file)
        for file in sources()
        if file.stem.startswith((f"{file.parent.name}_", f"{file.parent.name.rstrip('s')}_"))
    }
    assert repeated == REPEATED_NAMES
