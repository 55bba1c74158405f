"""The page on retention names the figures that the rules have, and every rule there is."""

import re
from datetime import date
from pathlib import Path

from dcss_core.rules.federal import baseline

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "retention.md").read_text(encoding="utf-8")


def test_the_page_says_what_the_rules_say() -> None:
    rules = baseline().on(date(2026, 11, 28))
    told = re.findall(r"\| (\d+) (?:days|years) [^|]*\| `(\w+\.\w+)` \|", PAGE)
    told += re.findall(r"\| (\d+) years, by `agency\.audit\.prune` \| `(\w+\.\w+)` \|", PAGE)
    assert {key for _, key in told} == {
        "retention.sessions_days",
        "retention.delivered_messages_days",
        "retention.dead_messages_days",
        "retention.approvals_days",
        "retention.file_contents_years",
        "audit.retention_years",
    }
    assert {key: int(figure) for figure, key in told} == {key: rules.integer(key) for _, key in told}
