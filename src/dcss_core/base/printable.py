"""Printable text: what may be kept of a text or shown of a number that a stranger wrote.

Decides how such a text is made harmless for a log: a bounded length, and no character that could begin
a line, move a cursor or hide (OWASP ASVS 5.0.0, 16.4.1); and whether there is anything in it to read. Python
refuses to write a number of some thousand digits, so a message does not try.
Invariant: doing it twice changes nothing more.
"""

from typing import Final

_HUGE: Final = 10**12
_BLANK_LETTERS: Final = (
    "\u115f\u1160\u3164\uffa0"  # fillers of Hangul: letters by their kind, and not to be seen
)


def printable(text: str, longest: int) -> str:
    """The beginning of a text, with U+FFFD for whatever does not print."""
    shown = text[:longest]
    if shown.isprintable():
        return shown
    return "".join(character if character.isprintable() else "\ufffd" for character in shown)


def is_readable(text: str) -> bool:
    """Whether a text has a letter or digit that shows; signs, marks and what is invisible are none."""
    return any(character.isalnum() and character not in _BLANK_LETTERS for character in text)


def shown_number(number: int) -> str:
    """A number as a message shows it."""
    return str(number) if abs(number) < _HUGE else "a huge number"
