"""What a newcomer sees first: the README's fifteen lines print what stands below them, and their picture."""

import contextlib
import importlib.util
import io
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def drawing() -> ModuleType:
    """The script that draws the picture, as a module."""
    file = REPOSITORY / "docs" / "explanation_picture.py"
    spec = importlib.util.spec_from_file_location("explanation_picture", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def without_fingerprint(text: str) -> str:
    """Any change of a rule changes the fingerprint of the rules; a reader is shown the one of some day."""
    return re.sub(r"US-GA@[0-9a-f]{12}", "US-GA@…", text)


def test_the_fifteen_lines_print_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = re.search(r"^```python\n(.*?)^```$.*?^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert found is not None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(found[1], "README.md", "exec"), {})  # noqa: S102  # running it is the test
    assert without_fingerprint(printed.getvalue()) == without_fingerprint(found[2])
    statements = [line for line in found[1].splitlines() if line.strip()]
    assert len(statements) <= 15


def test_the_picture_is_drawn_from_what_the_library_says_now(drawing: ModuleType) -> None:
    assert drawing.PICTURE.read_text(encoding="utf-8") == drawing.picture(drawing.explanation()), (
        "python docs/explanation_picture.py"
    )


def test_the_picture_can_be_heard(drawing: ModuleType) -> None:
    drawn = drawing.PICTURE.read_text(encoding="utf-8")
    assert 'role="img" aria-labelledby="why-title why-text"' in drawn
    assert "$43.69 goes to arrears of 2025-11, to the family: DHS PAMMS" in drawn
    assert "docs/pictures/explanation.svg" in README


def test_the_first_page_begins_with_installing_then_shows_a_payment_then_the_two_commands() -> None:
    order = [
        "pip install . ./plugins/dcss-core-*",
        "agency.payments.explain",
        "python3 start.py day",
        "pipx run tox",
    ]
    places = [README.index(each) for each in order]
    assert places == sorted(places)
