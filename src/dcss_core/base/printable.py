"""Printable text: what may be kept of a text that a stranger wrote.

Decides how such a text is made harmless for a log: a bounded length, and no character that could begin
a line, move a cursor or hide (OWASP ASVS 5.0.0, 16.4.1). Invariant: doing it twice changes nothing more.
"""


def printable(text: str, longest: int) -> str:
    """The beginning of a text, with U+FFFD for whatever does not print."""
    shown = text[:longest]
    if shown.isprintable():
        return shown
    return "".join(character if character.isprintable() else "\ufffd" for character in shown)
