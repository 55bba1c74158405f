"""What front ends import is small, sorted and documented."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from dcss_core.base.lazy_names import PUBLIC_MODULES

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_the_promised_names_are_sorted_and_unique(module: str) -> None:
    names = importlib.import_module(module).__all__
    assert len(set(names)) == len(names)
    # constants, then classes, then functions, each by name: the order ruff's RUF022 keeps
    assert names == sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_promised_name_is_there_and_documented(module: str) -> None:
    public = importlib.import_module(module)
    values = {name: getattr(public, name) for name in public.__all__}
    described = {
        name: value for name, value in values.items() if inspect.isclass(value) or inspect.isroutine(value)
    }
    assert described
    assert [name for name, value in described.items() if not inspect.getdoc(value)] == []


def _undocumented(node: ast.Module | ast.ClassDef, where: str) -> list[str]:
    found = []
    for child in node.body:
        if not isinstance(
            child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) or child.name.startswith("_"):
            continue
        if ast.get_docstring(child) is None and not _is_overload(child):
            found.append(f"{where}:{child.lineno} {child.name}")
        if isinstance(child, ast.ClassDef):
            found += _undocumented(child, where)
    return found


def _is_overload(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(name, ast.Name) and name.id == "overload" for name in node.decorator_list)


def test_every_public_class_function_and_method_says_what_it_does() -> None:
    sources = [*REPOSITORY.glob("src/**/*.py"), *REPOSITORY.glob("plugins/dcss-core-*/src/**/*.py")]
    assert sources
    found = []
    for file in sources:
        found += _undocumented(ast.parse(file.read_text(encoding="utf-8")), str(file.relative_to(REPOSITORY)))
    assert found == []


def test_every_module_says_what_it_decides() -> None:
    sources = [*REPOSITORY.glob("src/**/*.py"), *REPOSITORY.glob("plugins/dcss-core-*/src/**/*.py")]
    bare = [
        file for file in sources if ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) is None
    ]
    assert [str(file.relative_to(REPOSITORY)) for file in bare] == []


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/reference/index.md"])
def test_every_page_promises_the_same_modules(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`(dcss_core(?:\.[a-z]+)?)`", text))
    assert named & set(PUBLIC_MODULES) == set(PUBLIC_MODULES)
