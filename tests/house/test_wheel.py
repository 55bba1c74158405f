"""What a user installs: the built wheel holds the types' marker and the law, and none of the tests."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="it builds the wheel: pip install hatchling editables")

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(built).namelist())


def test_the_types_are_for_users_too(wheel: set[str]) -> None:
    assert "dcss_core/py.typed" in wheel


@pytest.mark.parametrize("layer", ["federal", "irs_1075"])
def test_every_rule_file_of_a_layer_is_in_it(wheel: set[str], layer: str) -> None:
    folder = REPOSITORY / "src" / "dcss_core" / "rules" / layer
    files = {file.name for file in folder.iterdir() if file.suffix in (".toml", ".csv")}
    assert files
    assert {f"dcss_core/rules/{layer}/{name}" for name in files} <= wheel


def test_the_rules_of_the_synthetic_state_are_in_it(wheel: set[str]) -> None:
    topics = {
        f"dcss_core/testing/synthetic_state/rules/{topic}.toml"
        for topic in ("accounts", "agency", "calendar")
    }
    assert topics <= wheel


def test_every_module_of_the_source_is_in_it(wheel: set[str]) -> None:
    modules = {file.relative_to(REPOSITORY / "src").as_posix() for file in (REPOSITORY / "src").rglob("*.py")}
    assert modules <= wheel


def test_the_licence_comes_along(wheel: set[str]) -> None:
    assert any(name.endswith("/licenses/LICENSE") for name in wheel)


def test_nothing_but_the_library_is_in_it(wheel: set[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"dcss_core"}
