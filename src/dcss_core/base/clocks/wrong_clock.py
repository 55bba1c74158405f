"""What a clock that was ahead has left behind, once it is right again.

Decides from when on an instant in the future can't be one that a right clock has set. Invariants: by less
than a day a clock may be set back, and nothing ends early for that; by more it was wrong, and what it set in
motion keeps nobody out, and nothing waiting, until that time has come.
"""

from datetime import datetime, timedelta
from typing import Final

_SET_BACK_AT_MOST: Final = timedelta(days=1)


def is_too_far_ahead(instant: datetime, now: datetime, *, lasts: timedelta = timedelta()) -> bool:
    """Whether no right clock can have set an end so late, of something that lasts so long at most."""
    return is_impossible_age(now - instant + lasts)


def is_impossible_age(age: timedelta) -> bool:
    """Whether nothing that a right clock has dated can be so old: it would begin too far in the future."""
    return -age > _SET_BACK_AT_MOST
