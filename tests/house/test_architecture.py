"""The page on the house shows the house as it is: its paths exist, its rooms and layers are all of them."""

import re
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "src" / "dcss_core"
PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
PATH = re.compile(r"`((?:src|docs|plugins|tests)/[^`]*|[\w.-]+\.(?:ini|toml|py))`")


def section(heading: str) -> str:
    """The text below a heading."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_path_on_the_page_exists() -> None:
    paths = PATH.findall(PAGE)
    assert len(paths) > 60
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []


def test_every_question_is_answered_by_one_file_or_two() -> None:
    questions = rows("Where is …?")
    assert len(questions) >= 16
    answered = {question: len(PATH.findall(answer)) for question, answer in questions}
    assert {question: files for question, files in answered.items() if files not in (1, 2)} == {}


def test_every_room_is_on_the_page() -> None:
    rooms = {f"{init.parent.relative_to(REPOSITORY).as_posix()}/" for init in SOURCE.glob("*/*/__init__.py")}
    assert {path for row in rows("The rooms") for path in PATH.findall(row[0])} == rooms


def test_the_layers_are_those_that_the_contract_knows_in_its_order() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        each
        for each in settings["tool"]["importlinter"]["contracts"]
        if each["name"] == "Imports point down the house"
    )
    known = [layer.replace(" | ", ", ") for layer in contract["layers"] if not layer.startswith("(")]
    assert [row[0].replace("`", "") for row in rows("The layers")] == known
