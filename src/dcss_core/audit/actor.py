"""Actor: who asks for something to be done."""

from enum import Enum
from typing import Final, Self

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.printable import faults_of_shown
from dcss_core.errors import Fault, InvalidInputError

_LONGEST_ID: Final = 100


class ActorKind(Enum):
    """What an actor is to the agency."""

    PARENT = "parent"
    STAFF = "staff"
    REMITTER = "remitter"
    SYSTEM = "system"
    PUBLIC = "public"


@attrs.frozen
class Actor:
    """Someone or something acting on the agency, named by an internal id, never by a person's name.

    An id has 1 to 100 printable characters; raises InvalidInputError.
    """

    kind: ActorKind
    actor_id: str

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        is_id = 1 <= len(self.actor_id) <= _LONGEST_ID and self.actor_id.isprintable()
        if not is_id or any(faults_of_shown("id", self.actor_id)):
            expected = f"1 to {_LONGEST_ID} printable characters"
            raise InvalidInputError(
                "the audit log can't name whoever acts; give the id of their account",
                faults=[Fault(f"{self.kind.value} id", f"{len(self.actor_id)} characters", expected)],
            )

    @classmethod
    def staff(cls, worker_id: str) -> Self:
        """A member of staff, by the id of their account."""
        return cls(ActorKind.STAFF, worker_id)

    @classmethod
    def parent(cls, account_id: str) -> Self:
        """A parent who is signed in, by the id of their account."""
        return cls(ActorKind.PARENT, account_id)

    @classmethod
    def remitter(cls, account_id: str) -> Self:
        """Somebody of an organisation that sends support, or a private payer, by the id of their account."""
        return cls(ActorKind.REMITTER, account_id)

    @classmethod
    def system(cls, job: str) -> Self:
        """A job that runs without anybody present."""
        return cls(ActorKind.SYSTEM, job)

    @classmethod
    def public(cls) -> Self:
        """Somebody who has not signed in."""
        return cls(ActorKind.PUBLIC, "anonymous")

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.actor_id}"
