"""What the range API answers: a line for each hash that begins like the password's.

Decides how often the password was seen. Invariants: an answer with one line that is none is no answer;
rows that only pad it count 0; each row is compared, and in constant time.
"""

import hmac
import re
from typing import Final

_ROW: Final = re.compile(rb"([0-9A-Fa-f]{35}):([0-9]{1,12})")


def times_seen(suffix: str, body: bytes) -> int | None:
    """How often the hash that ends in `suffix` (35 upper-case digits) was seen; None for no answer."""
    wanted = suffix.encode("ascii")
    times = 0
    for line in body.removesuffix(b"\n").split(b"\n"):
        row = _ROW.fullmatch(line.removesuffix(b"\r"))
        if row is None:
            return None
        matches = hmac.compare_digest(row[1].upper(), wanted)
        times = max(times, int(row[2]) * matches)
    return times
