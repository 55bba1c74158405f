"""What a callback says, and the one error for a callback that is not taken.

Decides what a portal gets to see. Invariants: whose text it is and what it says are secrets; two
callbacks have the same `idempotency_key` where they say the same, and no others do; the error says
nothing to whoever did not sign.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import ClassVar, Final, Self

import attrs

from dcss_core import Secret
from dcss_core.errors import Fault, InvalidInputError
from dcss_core_sms_http.callbacks.keywords import Wish

_NOT_TAKEN: Final = "this callback is not taken"


class CallbackRefusedError(InvalidInputError):
    """A callback that nobody vouches for, that is too old or too large, or that can't be read.

    `faults` is empty unless the signature holds: then it lists what the file expects and the callback lacks.
    """

    code: ClassVar[str] = "sms.callback_refused"

    @classmethod
    def because(cls, faults: Iterable[Fault] = ()) -> Self:
        """The error; without faults it is the same whatever was wrong."""
        return cls(_NOT_TAKEN, faults=faults)


class DeliveryStatus(Enum):
    """How far a text came."""

    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    FAILED = "failed"


@attrs.frozen
class DeliveryReport:
    """What became of a text; at least one of `reference` and `gateway_id` says of which.

    `reference` is what `reference_of(message_id)` gives, `gateway_id` the receipt of the delivery. `said` is
    the gateway's own word for the status. `at` is its instant, or when it was read where it tells none.
    """

    reference: str | None
    gateway_id: str | None
    status: DeliveryStatus
    said: str
    at: datetime

    @property
    def idempotency_key(self) -> str:
        """The same for each report of this status of this text, whenever it comes."""
        return _key("report", self.reference or "", self.gateway_id or "", self.said)


@attrs.frozen
class IncomingText:
    """A text that somebody sent; `wants` is what its one keyword asks for, None for any other text."""

    sender: Secret
    text: Secret
    wants: Wish | None
    gateway_id: str

    @property
    def idempotency_key(self) -> str:
        """The same for each callback about this text, and no other text's."""
        return _key("text", self.gateway_id)


def _key(*parts: str) -> str:
    """A hash of the parts, each with its length before it, so that no two lists are alike."""
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    return sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
