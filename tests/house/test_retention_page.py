"""The page on retention names every collection of an agency, and the figures that the rules have."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dcss_core.moving.exporting import exported_collections
from dcss_core.rules.federal import baseline

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """docs/retention_page.py as a module."""
    spec = importlib.util.spec_from_file_location("retention_page", DOCS / "retention_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "retention_page", module)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_the_rules_say(script: ModuleType) -> None:
    page = script.PAGE.read_text(encoding="utf-8")
    assert page == script.drawn(page), "run `python docs/retention_page.py` and look at what it changed"
    assert "| sessions | `sessions` | 30 days after they expired | `retention.sessions_days` |" in page


def test_every_collection_stands_on_the_page(script: ModuleType) -> None:
    named = script.collections_of((*script.DELETED, *script.OTHERS))
    assert named == {each.name for each in exported_collections()}


def test_what_the_job_deletes_is_what_the_page_says(script: ModuleType) -> None:
    assert script.collections_of(script.DELETED) == script.deleted_by_the_job()
    assert script.collections_of(script.DELETED).isdisjoint(script.collections_of(script.OTHERS))


def test_every_rule_on_retention_stands_on_the_page(script: ModuleType) -> None:
    named = {rule for kind in (*script.DELETED, *script.OTHERS) for rule in kind.rules.split()}
    declared = {line.key for line in baseline().coverage().lines}
    assert {key for key in declared if key.startswith("retention.")} <= named
