"""The decisions are numbered without a gap and each tells what was decided and what was not."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "adr"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ("## Context", "## Decision", "## Alternatives")


def test_numbers_have_no_gap_and_none_is_taken_twice() -> None:
    assert [int(page.name[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_has_its_number_status_and_headings(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {page.name[:4]}. ")
    assert re.fullmatch(r"Status: (accepted|superseded by \d{4}), \d{4}-\d\d-\d\d", lines[2])
    assert [heading for heading in HEADINGS if heading not in lines] == []
