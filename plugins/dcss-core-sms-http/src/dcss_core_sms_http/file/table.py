"""Table: a table of the file, read key by key.

Decides what is wrong with a file. Invariants: every fault is noted, none raised, so that all are told at
once; a value is never repeated, for it may be a secret that was written where the name of a variable
belongs; a key that nobody asked for is a fault.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from dcss_core.errors import Fault

T = TypeVar("T")


class Table:
    """Reads values, and notes in `faults` what is missing or of the wrong kind; `ended` notes the rest."""

    def __init__(self, where: str, content: object, faults: list[Fault]) -> None:
        self._where = where
        self._faults = faults
        self._asked: dict[str, None] = {}
        self._content: dict[str, Any] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            self.fault("", "no table", "keys and values")

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def fault(self, key: str, found: str, expected: str) -> None:
        """Note something wrong with a key, or with the table as a whole where `key` is empty."""
        self._faults.append(Fault(self.place(key), found, expected))

    def place(self, key: str) -> str:
        """How a fault calls the place of a key."""
        return ".".join(filter(None, (self._where, key))) or "the file"

    def text(self, key: str, default: str | None = None, *, expected: str = "a text") -> str:
        """A text that is not empty; without a default it has to be there."""
        value = self._given(key, default, expected)
        if isinstance(value, str) and (value or value == default):
            return value
        self._wrong(key, value, expected)
        return ""

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of a few texts."""
        expected = f"one of {', '.join(choices)}"
        value = self._given(key, default, expected)
        if value in choices:
            return str(value)
        self._wrong(key, value, expected)
        return choices[0]

    def number(self, key: str, default: int, *, smallest: int, largest: int) -> int:
        """A whole number within bounds."""
        expected = f"a whole number from {smallest} to {largest}"
        value = self._given(key, default, expected)
        if type(value) is int and smallest <= value <= largest:
            return value
        self._wrong(key, value, expected)
        return default

    def several(
        self,
        key: str,
        kinds: type[T] | tuple[type[T], ...],
        default: Sequence[T] | None,
        *,
        expected: str,
        least: int = 0,
    ) -> tuple[T, ...]:
        """A list whose values are all of these kinds, and not fewer than the least."""
        value = self._given(key, default, expected)
        given = value if isinstance(value, list | tuple) else [None]
        if len(given) >= least and all(_is_of(each, kinds) for each in given):
            return tuple(given)
        self._wrong(key, value, expected)
        return ()

    def table(self, key: str, *, is_required: bool = False) -> "Table":
        """A table in this one; an empty one where it was left out and may be."""
        value = self._given(key, None if is_required else {}, "a table")
        if value is None:
            return Table(self.place(key), {}, [])  # that it is missing is noted, and no more need be
        return Table(self.place(key), value, self._faults)

    def whole(self) -> dict[str, Any]:
        """All of the table, whatever its keys are."""
        self._asked.update(dict.fromkeys(self._content))
        return self._content

    def ended(self, *others: str) -> None:
        """Note each key that nobody asked for and that is none of the others."""
        known = [*self._asked, *others]
        for key in self._content:
            if key not in known:
                nearest = get_close_matches(key, known, n=1)
                listed = ", ".join(known) or "none"
                self.fault(
                    key, "an unknown key", f"perhaps '{nearest[0]}'; one of {listed}" if nearest else listed
                )

    def _given(self, key: str, default: object, expected: str) -> object:
        self._asked[key] = None
        if key not in self._content and default is None:
            self.fault(key, "nothing", expected)
        return self._content.get(key, default)

    def _wrong(self, key: str, value: object, expected: str) -> None:
        if value is not None:  # None is what was left out, which is noted already
            self.fault(key, "something else", expected)


def _is_of(value: object, kinds: type | tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)  # true is a whole number to Python
