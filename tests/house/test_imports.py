"""The direction of imports is checked for real: each way of breaking it is planted and seen caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("importlinter", reason="contracts are checked by it: pip install import-linter")

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the source and of the contracts, to plant violations in."""
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    shutil.copytree(REPOSITORY / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def lint_imports(house: Path) -> tuple[int, str]:
    """The exit code and the words of import-linter, run over the copy only."""
    program = (
        "import sys; sys.path.insert(0, 'src'); from importlinter import cli; cli.lint_imports_command()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def plant(house: Path, module: str, line: str) -> None:
    file = house / "src" / "dcss_core" / module
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'"""Planted."""\n\n{line}\n', encoding="utf-8")


def test_the_source_keeps_every_contract(house: Path) -> None:
    code, words = lint_imports(house)
    assert code == 0, words
    assert "0 broken" in words


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("base/planted.py", "import dcss_core.payments", "Imports point down the house"),
        ("agency/planted.py", "import dcss_core.plugins", "Imports point down the house"),
        ("plugins/planted.py", "import dcss_core.agency", "Imports point down the house"),
        ("agency/planted.py", "import pluggy", "Only plugins/ knows pluggy"),
        ("payments/planted.py", "import sqlite3", "What decides touches nothing outside"),
        ("cases/planted.py", "import logging", "What decides touches nothing outside"),
        ("rules/planted.py", "import socket", "Rules read their own files and nothing else"),
        ("agency/planted.py", "import smtplib", "Verbs reach the outside through ports"),
    ],
    ids=lambda value: value.replace("dcss_core.", "").replace("/", "."),
)
def test_a_planted_import_is_caught(house: Path, module: str, line: str, contract: str) -> None:
    plant(house, module, line)
    code, words = lint_imports(house)
    assert code == 1, words
    assert f"{contract} BROKEN" in words


def test_a_new_area_nobody_put_in_the_layers_is_caught(house: Path) -> None:
    plant(house, "helpers/__init__.py", "LIMIT = 1")
    code, words = lint_imports(house)
    assert code == 1, words
    assert "dcss_core.helpers" in words
