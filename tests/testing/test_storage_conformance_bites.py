"""The storage kit fails every broken storage, in the test that stands for the broken promise."""

import ast
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

HERE = Path(__file__).with_name("broken_storages")
FILES = sorted(file for file in HERE.glob("*.py") if file.name != "honest.py")


def expected(file: Path) -> dict[str, str]:
    """Which test of the kit has to fail which storage of the file, by the name of its kit."""
    tests: dict[str, str] = {}
    for each in ast.parse(file.read_text(encoding="utf-8")).body:
        for decorator in each.decorator_list if isinstance(each, ast.ClassDef) else ():
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "fails":
                tests[f"Test{each.name}"] = ast.literal_eval(decorator.args[0])
    return tests


TESTS = {file: expected(file) for file in FILES}
BROKEN = [kit for tests in TESTS.values() for kit in tests]


def failures_in(folder: Path, wanted: list[str]) -> dict[str, str]:
    """What the kit says of each storage: the first failure in its report."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=report.xml", *wanted],
        cwd=folder,
        env={
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]),
        },
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=300,
    )
    said: dict[str, str] = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        kit = case.attrib["classname"].rpartition(".")[2]
        for failure in (*case.iter("failure"), *case.iter("error")):
            said.setdefault(kit, failure.attrib["message"])
        said.setdefault(f"{kit} ran", case.attrib["name"])
    return said


# one process runs what stands on the one report
pytestmark = pytest.mark.xdist_group("broken storages")


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    wanted = [f"{file}::{kit}::{test}" for file, tests in TESTS.items() for kit, test in tests.items()]
    return failures_in(tmp_path_factory.mktemp("bites"), wanted)


@pytest.mark.parametrize("broken", BROKEN)
def test_the_kit_fails_a_broken_storage_and_says_which_promise_it_broke(
    failures: dict[str, str], broken: str
) -> None:
    assert "promises" in failures.get(broken, "(passed)")


def test_a_storage_is_broken_by_what_stands_there_and_not_by_how_it_is_built(tmp_path: Path) -> None:
    # the honest storage below all broken ones passes each test that fails one of them
    tests = sorted({test for tests in TESTS.values() for test in tests.values()})
    said = failures_in(tmp_path, [f"{HERE / 'honest.py'}::TestHonestStorage::{test}" for test in tests])
    assert "TestHonestStorage" not in said, said["TestHonestStorage"]
    assert "TestHonestStorage ran" in said


def test_no_two_broken_storages_have_one_name() -> None:
    assert len(set(BROKEN)) == len(BROKEN)


def test_a_failure_shows_the_values_beside_the_promise(failures: dict[str, str]) -> None:
    # pytest rewrites the kit's asserts only if it was asked to before they are imported
    assert "assert mappingproxy({'person_id': 'b'" in failures["TestReadsDirt"]
