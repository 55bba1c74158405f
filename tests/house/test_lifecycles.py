"""The page on lifecycles draws every table of states there is, as it is."""

import importlib
import pkgutil
import re
from pathlib import Path

import dcss_core
from dcss_core.base.records.state_table import StateTable

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "lifecycles.md"


def tables() -> dict[str, StateTable]:
    """Every table of the library, by the heading it is drawn under."""
    found = {}
    for module in pkgutil.walk_packages(dcss_core.__path__, "dcss_core."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, StateTable):
                assert found.setdefault(value.record, value) is value  # no two lifecycles have one name
    return found


def drawn() -> dict[str, str]:
    """Every block of the page, by the heading above it."""
    text = PAGE.read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+?)$.*?^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return {heading[0].lower() + heading[1:]: block.rstrip("\n") for heading, block in sections}


def test_the_page_draws_what_the_tables_say() -> None:
    expected = {record: str(table) for record, table in tables().items()}
    # a receipt, a file, an account, a contact point, a remitter, a session, a reset, an approval, a message
    assert len(expected) == 9
    assert drawn() == expected, "\n\n".join(f"{name}\n{table}" for name, table in expected.items())
