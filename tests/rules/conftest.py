"""A small state with one rule of each kind, and a county that gives its own fee for two years."""

from pathlib import Path

import pytest

from dcss_core.rules.files.loader import load_rules_from
from dcss_core.rules.jurisdiction import Jurisdiction

HERE = Path(__file__).parent


@pytest.fixture
def state() -> Jurisdiction:
    return Jurisdiction("STATE", "A state", load_rules_from(HERE / "good"))


@pytest.fixture
def county(state: Jurisdiction) -> Jurisdiction:
    return Jurisdiction("STATE-COUNTY", "A county", load_rules_from(HERE / "county"), state)
