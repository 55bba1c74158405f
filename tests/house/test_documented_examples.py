"""Every Python block a reader may copy is run: the README's, the documentation's.

The blocks of a page run one after another in one namespace, and then once more in the same folder, as
they do at a reader's. A `text` block right after a Python block is what that block prints.
"""

import contextlib
import io
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


def pages_with_python() -> list[Path]:
    """README and every page of the documentation that shows Python."""
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
    return [page for page in pages if BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", pages_with_python(), ids=lambda page: page.name)
def test_the_python_of_a_page_runs_and_prints_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_the_blocks_of(page)
    run_the_blocks_of(page)


def run_the_blocks_of(page: Path) -> None:
    """Run them as one program and compare what each prints."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    for source, said in BLOCK.findall(page.read_text(encoding="utf-8")):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, str(page), "exec"), namespace)  # noqa: S102  # running it is the test
        if said:
            assert printed.getvalue() == said


def test_the_first_pages_show_python() -> None:
    assert {"README.md", "index.md"} <= {page.name for page in pages_with_python()}
