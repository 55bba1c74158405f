"""FaultLog: every fault of one payment file, in the order of its records.

Invariant: no text of the file longer than three characters is ever quoted. A damaged file may hold
a Social Security number at any position, so longer text is described by its shape.
"""

import attrs

from dcss_core.errors import Fault


def shape(text: str) -> str:
    """Describe text without quoting it: digits as 9, letters as A, anything unprintable as `?`."""
    if not text.strip(" "):
        return "blanks" if text else "nothing"
    if len(text) <= 3 and text.isascii() and text.isprintable():
        return repr(text)
    return f"characters shaped '{''.join(map(_shape_of, text))}'"


def _shape_of(character: str) -> str:
    if not (character.isascii() and character.isprintable()):
        return "?"
    if character.isdigit():
        return "9"
    return "A" if character.isalpha() else character


@attrs.frozen
class FaultLog:
    """Faults as they are found, each with the number of its record."""

    _found: list[tuple[int, Fault]] = attrs.field(init=False, factory=list)

    def add(self, number: int, where: str, found: str, expected: str) -> None:
        """Note a fault of the record with this number."""
        self._found.append((number, Fault(where, found, expected)))

    def in_order(self) -> tuple[Fault, ...]:
        """All faults by record number; those of one record as they were found."""
        return tuple(fault for _, fault in sorted(self._found, key=lambda noted: noted[0]))

    def __len__(self) -> int:
        return len(self._found)
