"""The federal baseline: what the law read for it says, on the days it says it."""

import ast
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from dcss_core.errors import RuleNotInForceError, UnknownRuleError
from dcss_core.rules import federal
from dcss_core.rules.book import Confidence
from dcss_core.rules.federal import FEDERAL_KEY, baseline

DAY = date(2025, 3, 3)


def test_never_assistance_money_goes_to_the_family_current_month_first() -> None:
    # 45 CFR 302.51(a)(1): first the month's required obligation, then earlier months; (b): then future ones.
    # 42 USC 657(a)(4): all of it to the family.
    order = baseline().on(DAY).table("distribution.never_assistance_order")
    assert order.column("bucket") == ("current_support", "never_assigned_arrears", "future_support")
    assert set(order.column("payee")) == {"family"}


def test_the_family_is_paid_within_two_business_days() -> None:
    # 42 USC 654b(c)(1): "within 2 business days after receipt"
    limit = baseline().on(DAY).cited("disbursement.family_limit_business_days")
    assert (limit.value, limit.citation, limit.confidence) == (
        2,
        "42 USC 654b(c)(1); 45 CFR 302.32(b)(3)(i)",
        Confidence.CERTAIN,
    )


def test_a_collection_counts_from_its_receipt() -> None:
    collected = baseline().on(DAY).cited("distribution.date_of_collection")
    assert (collected.value, collected.confidence) == ("receipt", Confidence.CERTAIN)
    assert "302.51(a)(4)(i)" in collected.citation


@pytest.mark.parametrize("key", ["future_support", "arrears_order", "between_obligations"])
def test_what_is_a_choice_of_the_state_is_marked_uncertain(key: str) -> None:
    assert baseline().on(DAY).cited(f"distribution.{key}").confidence is Confidence.UNCERTAIN


def test_nothing_is_extrapolated_before_the_law_in_this_form() -> None:
    with pytest.raises(RuleNotInForceError):
        baseline().on(date(1997, 9, 30)).table("distribution.never_assistance_order")


@pytest.mark.parametrize(
    "key", ["calendar.state_holidays", "agency.time_zone", "agency.name", "agency.contact_telephone"]
)
def test_what_only_a_state_can_say_is_declared_without_a_value(key: str) -> None:
    assert key in baseline().coverage().without_value
    with pytest.raises(UnknownRuleError, match="is declared, but no layer"):
        baseline().on(DAY).cited(key)


def test_the_baseline_extends_nothing() -> None:
    assert (baseline().key, baseline().base) == (FEDERAL_KEY, None) == ("US", None)


def test_every_uncertain_value_says_in_a_note_what_is_uncertain() -> None:
    assert [line.key for line in baseline().coverage().uncertain if not line.note] == []


SOURCES = Path(federal.__file__).parents[2]


def test_s96_no_code_repeats_a_telephone_number_or_a_limit_in_business_days() -> None:
    repeated = [
        f"{path.relative_to(SOURCES)}:{node.lineno}"
        for path in sorted(SOURCES.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _is_a_telephone_number(node) or _is_a_business_day_count(node)
    ]
    assert repeated == []


def _is_a_telephone_number(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\b1-8\d\d-\d{3}-\d{4}\b", node.value) is not None
    )


def _is_a_business_day_count(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add_business_days"
        and any(isinstance(argument, ast.Constant) for argument in node.args)
    )


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("CALL = 'call 1-877-423-4746'", True),
        ("calendar.add_business_days(day, 2)", True),
        ("calendar.add_business_days(day, rules.integer('disbursement.limit'))", False),
    ],
)
def test_s96_the_search_catches_what_it_looks_for(code: str, caught: bool) -> None:
    found = any(
        _is_a_telephone_number(node) or _is_a_business_day_count(node) for node in ast.walk(ast.parse(code))
    )
    assert found is caught


def test_rule_books_are_cheap_to_import() -> None:
    program = (
        "import sys, dcss_core.rules.federal\n"
        "print({'cattrs', 'cryptography', 'pluggy', 'sqlalchemy', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
