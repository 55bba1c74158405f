"""Nearest: the valid name somebody probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """`; did you mean '…'?` for a name close to a valid one, in whatever case; otherwise nothing."""
    by_folded = {each.casefold(): each for each in sorted(valid)}
    found = get_close_matches(name.casefold(), by_folded, n=1)
    return f"; did you mean '{by_folded[found[0]]}'?" if found else ""
