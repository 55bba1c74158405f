"""The page on ASVS names every requirement it promises, a verdict for each, and tests that there are."""

import ast
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final

import attrs
import pytest

from dcss_core.rules.federal import baseline
from dcss_core.rules.irs_1075 import IRS_1075_KEY, irs_1075_profile
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core_georgia import georgia_rules

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "reference" / "asvs.md"
DAY = date(2026, 11, 22)
VERDICTS = ("met", "departs", "host's duty", "not met")

# requirement: level, from OWASP_Application_Security_Verification_Standard_5.0.0_en.csv
REQUIREMENTS: Final = {
    **{"2.3.1": 1, "2.3.3": 2, "2.3.5": 3},
    **{"6.1.1": 1, "6.1.2": 2, "6.1.3": 2},
    **{"6.2.1": 1, "6.2.2": 1, "6.2.3": 1, "6.2.4": 1, "6.2.5": 1},
    **{"6.2.8": 1, "6.2.9": 2, "6.2.10": 2, "6.2.11": 2, "6.2.12": 2},
    **{"6.3.1": 1, "6.3.2": 1, "6.3.3": 2, "6.3.4": 2, "6.3.5": 3, "6.3.7": 3, "6.3.8": 3},
    **{"6.4.1": 1, "6.4.2": 1, "6.4.3": 2, "6.4.5": 3, "6.4.6": 3},
    **{"6.5.1": 2, "6.5.2": 2, "6.5.3": 2, "6.5.4": 2, "6.5.5": 2, "6.5.6": 3},
    **{"6.6.2": 2, "6.6.3": 2},
    **{"7.1.1": 2, "7.1.2": 2, "7.2.3": 1, "7.2.4": 1, "7.3.1": 2, "7.3.2": 2},
    **{"7.4.1": 1, "7.4.2": 1, "7.4.3": 2, "7.4.5": 2, "7.5.1": 2, "7.5.2": 2},
    **{"8.2.1": 1, "8.2.2": 1, "8.2.3": 2, "8.3.2": 3},
    **{"11.2.4": 3, "11.4.2": 2, "11.5.1": 2},
    **{"15.3.3": 2, "15.3.5": 2, "15.4.2": 3},
    **{"16.2.2": 2, "16.2.5": 2, "16.3.1": 2, "16.3.2": 2, "16.3.3": 2},
    **{"16.4.1": 2, "16.4.2": 2, "16.4.3": 2, "16.5.2": 2, "16.5.3": 2},
}


@attrs.frozen
class Row:
    """One requirement as the page has it; `departing` are the layers that chose otherwise."""

    requirement: str
    level: int
    asks_for: str
    verdict: str
    departing: frozenset[str]
    how: str
    shown_by: tuple[str, ...]


def rows() -> list[Row]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [row_of(line) for line in lines if re.match(r"\| \d", line)]


def row_of(line: str) -> Row:
    requirement, level, asks_for, verdict, how, shown_by = (
        cell.strip() for cell in line.strip("|").split("|")
    )
    plain, _, departing = verdict.partition(" (")
    assert re.fullmatch(r"((`[A-Z0-9-]+`, )*`[A-Z0-9-]+` departs\))?", departing), verdict
    layers = frozenset(re.findall("`([^`]+)`", departing))
    return Row(
        requirement, int(level), asks_for, plain, layers, how, tuple(re.findall("`([^`]+)`", shown_by))
    )


def test_every_requirement_stands_there_once_and_in_order_with_its_level() -> None:
    assert [(row.requirement, row.level) for row in rows()] == list(REQUIREMENTS.items())
    numbers = [tuple(map(int, requirement.split("."))) for requirement in REQUIREMENTS]
    assert numbers == sorted(set(numbers))


def test_every_requirement_has_one_of_the_verdicts_and_words_for_it() -> None:
    assert {row.verdict for row in rows()} <= set(VERDICTS)
    assert [row.requirement for row in rows() if not (row.asks_for and row.how)] == []


def test_what_is_met_or_departed_from_is_shown_by_a_test() -> None:
    claims = [row for row in rows() if row.verdict in ("met", "departs")]
    assert [row.requirement for row in claims if not row.shown_by] == []


def test_the_counts_of_verdicts_are_right() -> None:
    text, found = PAGE.read_text(encoding="utf-8"), rows()
    counts = Counter(row.verdict for row in found)
    for verdict in VERDICTS:
        assert f"\n| {verdict} | {counts[verdict]} |" in text
    assert f"| of these {sum(bool(row.departing) for row in found)} |" in text
    assert f": {len(found)} requirements" in text


@pytest.mark.parametrize("name", sorted({name for row in rows() for name in row.shown_by}))
def test_every_test_that_is_named_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    "layer",
    [irs_1075_profile(), Jurisdiction("US-GA", "Georgia", georgia_rules(), baseline())],
    ids=lambda layer: layer.key,
)
def test_a_layer_departs_on_the_page_from_what_its_rules_say_it_departs_from(layer: Jurisdiction) -> None:
    rules = layer.on(DAY)
    stated = [*rules.texts("accounts.password_departs_from")]
    if layer.key != IRS_1075_KEY:  # it leaves the methods of recovery to states
        stated += rules.texts("accounts.security_question_departs_from")
    of_asvs = {match[1] for text in stated if (match := re.match(r"OWASP ASVS 5\.0\.0, ([\d.]+)", text))}
    assert {row.requirement for row in rows() if layer.key in row.departing} == of_asvs
