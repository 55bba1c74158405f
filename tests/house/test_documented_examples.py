"""Every Python block a reader may copy is run: the README's, the documentation's.

The blocks of a page run one after another in one module, and then once more in the same folder, as they do
at a reader's who stands in a clone. A `text` block right after a Python block is what that block prints. A
page with the comment `% goes on from: other.md` runs after that one, in the same module.
"""

import ast
import contextlib
import io
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
GOES_ON_FROM = re.compile(r"^% goes on from: (\S+)$", re.MULTILINE)


def pages_with_python() -> list[Path]:
    """README and every page of the documentation that shows Python."""
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
    return [page for page in pages if BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", pages_with_python(), ids=lambda page: page.name)
def test_the_python_of_a_page_runs_and_prints_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    monkeypatch.syspath_prepend(tmp_path)
    for package in packages_of(page):
        if find_spec(package) is None:
            pytest.skip(f"this page shows {package}, which is not installed: pip install {package}")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        program = ModuleType("__main__")  # a framework looks names up in the module they come from
        monkeypatch.setitem(sys.modules, "__main__", program)
        run_the_blocks_of(page, program)


def packages_of(page: Path) -> set[str]:
    """The packages that a page imports, and those of the pages it goes on from."""
    text = page.read_text(encoding="utf-8")
    found = {name for earlier in GOES_ON_FROM.findall(text) for name in packages_of(page.with_name(earlier))}
    for source, _ in BLOCK.findall(text):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                found |= {each.name.split(".")[0] for each in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found


def run_the_blocks_of(page: Path, program: ModuleType) -> None:
    """Run them in one module, after those of the page they go on from; compare what each prints."""
    text = page.read_text(encoding="utf-8")
    for earlier in GOES_ON_FROM.findall(text):
        run_the_blocks_of(page.with_name(earlier), program)
    for source, said in BLOCK.findall(text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, str(page), "exec"), program.__dict__)  # noqa: S102  # running it is the test
        if said:
            assert printed.getvalue() == said


def test_the_first_pages_show_python() -> None:
    assert {"README.md", "index.md"} <= {page.name for page in pages_with_python()}
