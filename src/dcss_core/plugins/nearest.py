"""Nearest: the valid name somebody probably meant."""

import re
from collections.abc import Iterable


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """`; did you mean '…'?` for a name close to a valid one, in whatever case; otherwise nothing."""
    from difflib import get_close_matches  # only for what is wrong

    by_folded = {each.casefold(): each for each in sorted(valid)}
    found = get_close_matches(name.casefold(), by_folded, n=1)
    return f"; did you mean '{by_folded[found[0]]}'?" if found else ""


def did_you_mean_jurisdiction(key: str, valid: Iterable[str]) -> str:
    """As did_you_mean, for a slip in writing: `us-ga`, `US_GA`, `GA`; no state is taken for another."""
    written = re.sub(r"[^A-Z0-9]+", "-", key.upper()).strip("-").removeprefix("US-")
    state = written.partition("-")[0]
    return did_you_mean(f"US-{written}", [each for each in valid if each.split("-")[1:2] == [state]])
