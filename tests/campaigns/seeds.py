"""Seeds: what a campaign leaves to chance follows from a seed, which is printed and can be given again.

`CAMPAIGN_SEED` gives a seed, and `CAMPAIGN_POINT` one point of those that follow from it. A short campaign
always has the same seed, a long one another each time it is started.
"""

import os
import random
import time
from collections.abc import Iterator
from typing import Final

import pytest

_TOLD_EVERY_SECONDS: Final = 10
_FRESH: Final = f"{random.SystemRandom().randrange(10**6)}"

LONG: Final = pytest.mark.campaign
"""The mark of what takes minutes, and runs by `tox -e campaign`."""


def seed_of(*, is_long: bool) -> str:
    return os.environ.get("CAMPAIGN_SEED") or (_FRESH if is_long else "1")


def points(name: str, count: int, *, is_long: bool) -> Iterator[tuple[int, str, random.Random]]:
    """So many points: the number of each, what to give to repeat it, and its own chance; prints progress."""
    seed, only = seed_of(is_long=is_long), os.environ.get("CAMPAIGN_POINT")
    begun = told = time.monotonic()
    print(f"\n{name}: {count} points, CAMPAIGN_SEED={seed}", flush=True)
    for number in [int(only)] if only else range(count):
        yield (
            number,
            f"CAMPAIGN_SEED={seed} CAMPAIGN_POINT={number}",
            random.Random(f"{name} {seed} {number}"),
        )
        if time.monotonic() - told > _TOLD_EVERY_SECONDS:
            told = time.monotonic()
            print(f"  {number + 1} of {count} after {told - begun:.0f} s", flush=True)
    print(f"{name}: done in {time.monotonic() - begun:.0f} s", flush=True)
