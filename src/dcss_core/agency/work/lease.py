"""Lease: a kind of work is done by one holder at a time, for a while.

Decides who is at it. Invariants: a lease that ran out, or was given back, is anybody's; one that is longer
than any that is given, as of a clock that is ahead, is no lease; whoever has it may take it anew before it
runs out. It saves others the trouble and decides nothing else: what must not be done twice is held by what is
stored.
"""

from datetime import datetime, timedelta
from typing import Final

import attrs

from dcss_core.agency.work.records import keep
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.ports.randomness import Randomness

_HOLDER_BYTES: Final = 16


@attrs.frozen
class Lease:
    """Who does a kind of work now, and until when nobody else needs to."""

    name: str
    holder: str
    until: datetime


LEASES: Final = keep(Lease, "leases", key="name")


@attrs.frozen
class LeasedWork:
    """A kind of work that one does at a time, by its name, and for how long a lease of it is given."""

    name: str
    lasts: timedelta

    def is_held_by_another(self, work: UnitOfWork, holder: str | None = None) -> bool:
        """Whether somebody other than this holder is at it."""
        return self._is_anothers(work.get(LEASES, self.name), holder, work.now)

    def take(self, work: UnitOfWork, holder: str) -> bool:
        """Take the lease, or take it anew; False where somebody else has it."""
        kept = work.get(LEASES, self.name)
        if self._is_anothers(kept, holder, work.now):
            return False
        work.put(LEASES, kept, Lease(self.name, holder, work.now + self.lasts))
        return True

    def give_back(self, work: UnitOfWork, holder: str) -> None:
        """Let another begin at once; nothing where this holder no longer has it."""
        kept = work.get(LEASES, self.name)
        if kept is not None and kept.record.holder == holder:
            work.replace(LEASES, kept, attrs.evolve(kept.record, until=work.now))

    def _is_anothers(self, kept: Kept[Lease] | None, holder: str | None, now: datetime) -> bool:
        if kept is None or kept.record.holder == holder:
            return False
        return now < kept.record.until <= now + self.lasts


def new_holder(randomness: Randomness) -> str:
    """A name for whoever takes leases, which nobody else has."""
    return randomness.token_bytes(_HOLDER_BYTES).hex()
