"""Member: somebody of a remitter who may sign in, and what they may see of what it sent.

Decides which identifications a member sees, and until when. Invariants: somebody whose account is not active,
or whose time is over, may nothing; nobody sees what another remitter sent; nobody changes or ends themselves,
so that an organisation can't lose its last administrator by a slip.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvalidInputError


@attrs.frozen
class RemitterRights:
    """What somebody of an organisation may: administer its people, and see what it sent.

    `sees` are the identifications whose payments they see, all of them where it is empty; `until` is the
    instant at which everything ends for them, None for never.
    """

    is_administrator: bool = False
    sees: tuple[str, ...] = ()
    until: datetime | None = None

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        if self.until is not None and self.until.tzinfo is None:
            fault = Fault("until", "an instant without a time zone", "an aware instant")
            raise InvalidInputError("nobody can have these rights", faults=[fault])


@attrs.frozen
class RemitterMember:
    """Somebody who may sign in for a remitter; `email` is where their letters go."""

    account_id: str
    remitter_id: str
    email: Secret
    is_administrator: bool
    sees: tuple[str, ...]
    until: datetime | None
    joined_at: datetime

    @property
    def rights(self) -> RemitterRights:
        """What they may."""
        return RemitterRights(self.is_administrator, self.sees, self.until)

    def is_in_time(self, now: datetime) -> bool:
        """Whether they may still do anything."""
        return self.until is None or now < self.until

    def sees_of(self, sends_as: Sequence[str]) -> tuple[str, ...]:
        """Which of the identifications of their remitter they see."""
        return tuple(each for each in sends_as if not self.sees or each in self.sees)

    def with_rights(self, rights: RemitterRights) -> "RemitterMember":
        """The member with other rights."""
        return attrs.evolve(
            self,
            is_administrator=rights.is_administrator,
            sees=rights.sees,
            until=rights.until.astimezone(UTC) if rights.until else None,
        )


def check_rights(rights: RemitterRights, sends_as: Sequence[str], now: datetime) -> None:
    """Raise InvalidInputError with every fault of rights that somebody is to have."""
    faults = [
        Fault("sees", "an identification that is not this organisation's", f"of {', '.join(sends_as)}")
        for each in rights.sees
        if each not in sends_as
    ]
    if rights.until is not None and rights.until <= now:
        faults.append(Fault("until", "an instant that is over", "one to come; or end them"))
    if faults:
        raise InvalidInputError("nobody can have these rights", faults=faults)
