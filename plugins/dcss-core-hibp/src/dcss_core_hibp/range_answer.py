"""What the range API answers: a line for each hash that begins like the password's.

Decides how often the password was seen. Invariants: a line that names the hash says that it was seen,
whatever else is odd about the line or the answer, unless its count is 0 as that of rows that only pad; an
answer with one line that is no row is no answer about any other hash; each row is compared, and in constant
time.
"""

import hmac
import re
from typing import Final

_ROW: Final = re.compile(rb"([0-9A-Fa-f]{35}):([0-9]{1,12})")
_COUNT: Final = re.compile(rb"[:;\s]*([0-9][0-9., _']*)\s*")
_LONGEST_COUNT: Final = 40
_BETWEEN_DIGITS: Final = re.compile(rb"[., _']")
_UNCOUNTED: Final = 10**12
"""How often a hash was seen whose count can't be read: more often than anybody accepts."""


def times_seen(suffix: str, body: bytes) -> int | None:
    """How often the hash that ends in `suffix` (35 upper-case digits) was seen; None for no answer."""
    wanted = suffix.encode("ascii")
    times, is_whole = 0, True
    for line in body.removesuffix(b"\n").split(b"\n"):
        row = _ROW.fullmatch(line.removesuffix(b"\r"))
        if row is None:
            is_whole = False
            times = max(times, _times_in_odd(line.upper(), wanted))
        else:
            times = max(times, int(row[2]) * hmac.compare_digest(row[1].upper(), wanted))
    return times if times or is_whole else None


def _times_in_odd(line: bytes, wanted: bytes) -> int:
    """How often a line that is no row says that the hash was seen; 0 when it does not name it."""
    _, named, after = line.partition(wanted)
    if not named:
        return 0
    written = after.partition(b"\r")[0]
    count = _COUNT.fullmatch(written) if len(written) <= _LONGEST_COUNT else None
    return min(int(_BETWEEN_DIGITS.sub(b"", count[1])), _UNCOUNTED) if count else _UNCOUNTED
