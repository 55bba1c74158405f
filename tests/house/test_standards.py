"""The pages on standards name every requirement they promise, a verdict for each, and tests that exist."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import attrs
import pytest

from dcss_core.rules.federal import baseline
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.irs_1075 import irs_1075_profile
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core_georgia import georgia_rules

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY / "docs" / "reference"
DAY = date(2026, 11, 22)
QUESTIONS = "accounts.security_question_departs_from"
VERDICTS = ("met", "departs", "host's duty", "not met")

# requirement: level, from OWASP_Application_Security_Verification_Standard_5.0.0_en.csv
ASVS: Final = {
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

# requirement: section of NIST SP 800-63B-4 (final)
NIST: Final = {
    **{f"N{number}": f"§3.1.1.2({number})" for number in (1, 2)},
    **{"N3": "§3.1.1.2(3)(4)", "N4": "§3.1.1.2(5)", "N5": "§3.1.1.2(6)"},
    **{"N6": "§3.1.1.2(7)", "N7": "§3.1.1.2(8)", "N8": "§3.1.1.2(9)"},
    **{f"N{number}": "§3.1.1.2" for number in range(9, 15)},
    **{"N15": "§3.2.2", "N16": "§4.2.1", "N17": "§4.2.1.1", "N18": "§4.2.1.2", "N19": "§4.2.2"},
    **{
        "N20": "§4.2.3, §4.6",
        "N21": "§4.4",
        "N22": "§5.1",
        "N23": "§2.1.3",
        "N24": "§2.2.3",
        "N25": "§3.1.2.2",
    },
}

# requirement: control or section of IRS Publication 1075 (Rev. 11-2021)
PUB_1075: Final = {
    **{"P1": "3.3.8(c)", "P2": "IA-2 (CE-1, CE-2)", "P3": "AC-7", "P4": "IA-5(1) h1", "P5": "IA-5(1) h2"},
    **{"P6": "IA-5(1) h3", "P7": "IA-5(1) h5, IA-5 f", "P8": "IA-5(1) h6", "P9": "IA-5(1) h7"},
    **{"P10": "IA-5(1) e", "P11": "IA-5(1) a, b", "P12": "IA-5(1) f", "P13": "IA-5 e, IA-5 (CE-5), IA-4"},
    **{"P14": "IA-5(1) d", "P15": "IA-4", "P16": "AC-11, AC-12", "P17": "AC-2 (CE-2, CE-3, CE-13)"},
    **{"P18": "AC-2 j", "P19": "AC-5", "P20": "AU-2", "P21": "AU-3, AU-3 (CE-3)", "P22": "AU-5"},
    **{"P23": "AU-7, AU-8", "P24": "AU-9", "P25": "AU-11", "P26": "2.C.11.1"},
}


@attrs.frozen
class Row:
    """One requirement as a page has it; `departing` are the layers that chose otherwise."""

    requirement: str
    place: str
    asks_for: str
    verdict: str
    departing: frozenset[str]
    how: str
    shown_by: tuple[str, ...]


@attrs.frozen
class Page:
    """A page, its requirements with where the standard has them, and how rules name what they depart from.

    `chosen` tells what the values of a layer depart from that no rule states.
    """

    name: str
    requirements: Mapping[str, object]
    layers: tuple[str, ...]
    provisions: Mapping[str, str]
    chosen: Callable[[RulesInForce], set[str]] = lambda rules: set()

    @property
    def text(self) -> str:
        return (REFERENCE / self.name).read_text(encoding="utf-8")

    @property
    def rows(self) -> list[Row]:
        return [row_of(line) for line in self.text.splitlines() if re.match(r"\| [NP]?\d[\d.]* \|", line)]

    def departed_from(self, text: str) -> set[str]:
        """The requirements that a statement of the rules names: a provision, and words after it."""
        return {row for provision, row in self.provisions.items() if text.startswith(f"{provision} ")}


def chosen_against_publication_1075(rules: RulesInForce) -> set[str]:
    departs = {
        "P2": not rules.flag("accounts.second_factor_demanded"),
        "P4": rules.integer("accounts.password_min_length_with_mfa") < 14,
        "P14": rules.choice("accounts.password_hash") != "pbkdf2-sha256",
    }
    return {row for row, is_so in departs.items() if is_so}


PAGES: Final = (
    Page("asvs.md", ASVS, ("US-IRS-1075", "US-GA"), {f"OWASP ASVS 5.0.0, {row}": row for row in ASVS}),
    Page(
        "nist-800-63b.md",
        NIST,
        ("US-IRS-1075", "US-GA"),
        {f"NIST SP 800-63B-4 {place}": row for row, place in NIST.items() if place != "§3.1.1.2"}
        | {"NIST SP 800-63B-4 §3.1.1.2 (NFC)": "N9"},
    ),
    Page(
        "pub-1075.md",
        PUB_1075,
        ("US", "US-IRS-1075"),
        {f"IRS Pub. 1075 (Rev. 11-2021), {place.split(',')[0]}": row for row, place in PUB_1075.items()},
        chosen_against_publication_1075,
    ),
)
LAYERS: Final = {
    layer.key: layer
    for layer in (
        baseline(),
        irs_1075_profile(),
        Jurisdiction("US-GA", "Georgia", georgia_rules(), baseline()),
    )
}
of_each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def row_of(line: str) -> Row:
    requirement, place, asks_for, verdict, how, shown_by = (
        cell.strip() for cell in line.strip("|").split("|")
    )
    plain, _, departing = verdict.partition(" (")
    assert re.fullmatch(r"((`[A-Z0-9-]+`, )*`[A-Z0-9-]+` departs\))?", departing), verdict
    layers = frozenset(re.findall("`([^`]+)`", departing))
    return Row(requirement, place, asks_for, plain, layers, how, tuple(re.findall("`([^`]+)`", shown_by)))


@of_each_page
def test_every_requirement_stands_there_once_and_in_order_where_the_standard_has_it(page: Page) -> None:
    expected = [(requirement, str(place)) for requirement, place in page.requirements.items()]
    assert [(row.requirement, row.place) for row in page.rows] == expected


def test_requirements_are_numbered_in_order() -> None:
    numbers = [tuple(map(int, requirement.split("."))) for requirement in ASVS]
    assert numbers == sorted(set(numbers))
    assert list(NIST) == [f"N{number}" for number in range(1, 26)]
    assert list(PUB_1075) == [f"P{number}" for number in range(1, 27)]


@of_each_page
def test_every_requirement_has_one_of_the_verdicts_and_words_for_it(page: Page) -> None:
    assert {row.verdict for row in page.rows} <= set(VERDICTS)
    assert [row.requirement for row in page.rows if not (row.asks_for and row.how)] == []
    assert [row.requirement for row in page.rows if row.departing and row.verdict != "met"] == []


@of_each_page
def test_what_is_met_or_departed_from_is_shown_by_a_test(page: Page) -> None:
    claims = [row for row in page.rows if row.verdict in ("met", "departs")]
    assert [row.requirement for row in claims if not row.shown_by] == []


@of_each_page
def test_the_counts_of_verdicts_are_right(page: Page) -> None:
    text, found = page.text, page.rows
    counts = Counter(row.verdict for row in found)
    for verdict in VERDICTS:
        assert f"\n| {verdict} | {counts[verdict]} |" in text
    assert f"| of these {sum(bool(row.departing) for row in found)} |" in text
    assert f": {len(found)} requirements" in text


@pytest.mark.parametrize(
    "name", sorted({name for page in PAGES for row in page.rows for name in row.shown_by})
)
def test_every_test_that_is_named_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert function.startswith("test_")


@pytest.mark.parametrize(
    ("page", "key"),
    [(page, key) for page in PAGES for key in page.layers],
    ids=lambda each: getattr(each, "name", each),
)
def test_a_layer_departs_on_the_page_from_what_its_rules_say_it_departs_from(page: Page, key: str) -> None:
    layer = LAYERS[key]
    rules = layer.on(DAY)
    stated = [*rules.texts("accounts.password_departs_from")]
    if layer.timeline(QUESTIONS).segments:  # else the methods of recovery are left to states
        stated += rules.texts(QUESTIONS)
    departed = {row for text in stated for row in page.departed_from(text)}
    shown = {row.requirement for row in page.rows if key in row.departing}
    assert shown == departed | page.chosen(rules)


@of_each_page
def test_a_page_names_no_other_layer(page: Page) -> None:
    assert {layer for row in page.rows for layer in row.departing} <= set(page.layers)
