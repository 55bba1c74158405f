"""The set-up script tells what is wrong in one sentence and never touches what it did not make."""

import ast
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as the script looks at before it installs anything."""
    for name in ("start.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(REPOSITORY / name, tmp_path)
    return tmp_path


@pytest.fixture
def script() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("start", REPOSITORY / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def start(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "start.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_old_python_can_read_as_far_as_the_sentence_that_names_the_right_one() -> None:
    tree = ast.parse((REPOSITORY / "start.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    first, second, third = tree.body[:3]
    assert isinstance(first, ast.Expr)
    assert isinstance(second, ast.Import)
    assert ast.unparse(second) == "import sys"
    assert ast.unparse(third).startswith("if sys.version_info < (3, 11):\n    sys.exit(")


def test_a_file_that_is_not_there_is_said_before_anything_is_made(checkout: Path) -> None:
    done = start(checkout, "day", "nowhere.ach")
    assert done.returncode == 1
    assert "there is no file 'nowhere.ach'" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_environment_made_by_somebody_else_is_left_alone(checkout: Path) -> None:
    foreign = checkout / ".venv" / "theirs.txt"
    foreign.parent.mkdir()
    foreign.write_text("theirs", encoding="utf-8")
    done = start(checkout, "day")
    assert done.returncode == 1
    assert "was not made by start.py" in done.stderr
    assert foreign.read_text(encoding="utf-8") == "theirs"


def test_a_change_of_what_an_environment_depends_on_makes_it_stale(
    script: ModuleType, tmp_path: Path
) -> None:
    pins, folder = tmp_path / "constraints.txt", tmp_path / "made"
    pins.write_text("attrs==1", encoding="utf-8")
    folder.mkdir()
    script.mark_ready(folder, script.fingerprint([pins]))
    assert script.is_ready(folder, script.fingerprint([pins]))
    pins.write_text("attrs==2", encoding="utf-8")
    assert not script.is_ready(folder, script.fingerprint([pins]))


@pytest.mark.parametrize(
    ("environments", "expected"),
    [
        ({"lint": {"test": [{"retcode": 0}]}, "py311": {"test": [{"retcode": 0}]}}, True),
        ({"lint": {"test": [{"retcode": 0}]}, "py311": {"test": [], "result": {"skipped": True}}}, False),
        ({"lint": {"test": [{"retcode": 0}]}}, False),
    ],
    ids=["ran", "skipped", "absent"],
)
def test_a_check_in_which_no_test_ran_is_noticed(
    script: ModuleType, tmp_path: Path, environments: object, expected: bool
) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"testenvs": environments}), encoding="utf-8")
    assert script.tests_ran(report) is expected
