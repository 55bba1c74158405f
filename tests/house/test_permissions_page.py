"""The page on permissions shows the table of the rules as it is."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from dcss_core.rules.files.loader import load_rules

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def script() -> ModuleType:
    """docs/permissions_page.py as a module."""
    spec = importlib.util.spec_from_file_location("permissions_page", DOCS / "permissions_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_the_table_of_the_rules(script: ModuleType) -> None:
    page = script.PAGE.read_text(encoding="utf-8")
    assert page == script.drawn(page), "run `python docs/permissions_page.py` and look at what it changed"
    assert page.count("% drawn: ") == 3
    assert "| `payments.receive` |  | `payment_clerk` |  | `remittance` |" in page
    assert "| `oversight.close` |  | `account_administrator` | 2 |  |" in page


def test_the_table_on_the_page_is_the_only_one_of_the_federal_rules() -> None:
    tables = [
        value for value in load_rules("dcss_core.rules", "federal").values if value.key == "permissions.verbs"
    ]
    assert [value.written.file for value in tables] == ["permissions_verbs.csv"]
