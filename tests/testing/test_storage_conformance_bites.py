"""The storage kit fails every broken storage, in the test that stands for the broken promise."""

import os
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

FILES = [Path(__file__).with_name(name) for name in ("broken_storages.py", "broken_counts.py")]
TESTS: dict[Path, dict[str, str]] = {file: runpy.run_path(str(file))["EXPECTED"] for file in FILES}
BROKEN = [kit for tests in TESTS.values() for kit in tests]


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the kit says of each broken storage: the first failure in its report."""
    here = tmp_path_factory.mktemp("bites")
    wanted = [f"{file}::{kit}::{test}" for file, tests in TESTS.items() for kit, test in tests.items()]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=report.xml", *wanted],
        cwd=here,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=300,
    )
    said: dict[str, str] = {}
    for case in ElementTree.parse(here / "report.xml").iter("testcase"):
        kit = case.attrib["classname"].rpartition(".")[2]
        for failure in case.iter("failure"):
            said.setdefault(kit, failure.attrib["message"])
    return said


@pytest.mark.parametrize("broken", BROKEN)
def test_the_kit_fails_a_broken_storage_and_says_which_promise_it_broke(
    failures: dict[str, str], broken: str
) -> None:
    assert "promises" in failures.get(broken, "(passed)")


def test_a_failure_shows_the_values_beside_the_promise(failures: dict[str, str]) -> None:
    # pytest rewrites the kit's asserts only if it was asked to before they are imported
    assert "assert mappingproxy({'person_id': 'b'" in failures["TestReadsDirt"]
