"""The core reads no clock, environment or randomness: ruff catches it and says what to take instead."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ruff", reason="what is banned is found by it: pip install ruff")

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def area(tmp_path: Path) -> Path:
    """An area of the core with nothing in it yet, under the project's own settings."""
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    area = tmp_path / "src" / "dcss_core" / "payments"
    area.mkdir(parents=True)
    return area


def ruff(file: Path, text: str) -> tuple[int, str]:
    file.write_text(f'"""Planted."""\n\n{text}\n', encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select=TID251", str(file)]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("from datetime import datetime\n\nNOW = datetime.now()", "from the Clock port"),
        ("import datetime\n\nTODAY = datetime.date.today()", "from the Clock port"),
        ("import time\n\nNOW = time.time()", "from the Clock port"),
        ("from uuid import uuid4\n\nID = uuid4()", "from the Randomness port"),
        ("import secrets", "from the Randomness port"),
        ("import random", "from the Randomness port"),
        ("import os\n\nHOME = os.environ['HOME']", "opening/ only"),
    ],
    ids=["datetime.now", "date.today", "time.time", "uuid4", "secrets", "random", "os.environ"],
)
def test_a_planted_call_is_caught_and_the_message_names_what_to_take_instead(
    area: Path, text: str, remedy: str
) -> None:
    code, words = ruff(area / "planted.py", text)
    assert code == 1, words
    assert "TID251" in words
    assert remedy in words


def test_plain_arithmetic_with_dates_is_not_banned(area: Path) -> None:
    code, words = ruff(area / "planted.py", "from datetime import date\n\nFIRST = date(2026, 1, 1)")
    assert code == 0, words
