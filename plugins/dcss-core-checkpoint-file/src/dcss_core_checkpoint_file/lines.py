"""The lines of the file: each holds one checkpoint, as a JSON string in ASCII.

Decides what a line says. Invariants: a checkpoint comes back letter for letter; no beginning of a line
reads as a whole one, so that what a crash left is told from what was kept.
"""

import json
import re
from typing import Final

_SIGN: Final = rb"[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e]"  # printable, with a quotation mark only after \
_BEGINNING: Final = re.compile(rb'(?:"(?:%b)*\\?)?' % _SIGN)


def line_of(checkpoint: str) -> bytes:
    """The line that holds a checkpoint, line end included."""
    return json.dumps(checkpoint).encode("ascii") + b"\n"


def checkpoint_in(line: bytes) -> str | None:
    """The checkpoint a line without its end holds; None for a line that no checkpoint makes."""
    if not line.startswith(b'"'):
        return None
    try:
        checkpoint = json.loads(line)
    except ValueError:
        return None
    return checkpoint if line_of(checkpoint) == line + b"\n" else None


def is_broken_off(line: bytes) -> bool:
    """Whether a crash can have left this: the beginning of a line, or room on the disk not written to."""
    return b"\0" in line or _BEGINNING.fullmatch(line) is not None
