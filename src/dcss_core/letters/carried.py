"""What a letter carries beyond the event it is about.

An event holds no secret, because it goes into the audit log and to subscribers; what only the letter may
tell comes beside it. Invariants: what opens an account is a Secret; a time is told in the time zone it is
given in.
"""

from datetime import datetime
from typing import TypeAlias, TypeVar

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError

T = TypeVar("T")


@attrs.frozen
class CarriedPassword:
    """A password that was assigned, and until when it works."""

    password: Secret
    good_until: datetime


@attrs.frozen
class CarriedCode:
    """A code that was issued, and until when it works."""

    code: Secret
    good_until: datetime


@attrs.frozen
class CarriedUserId:
    """A user id that was forgotten."""

    user_id: Secret


@attrs.frozen
class CarriedAppointment:
    """The user id of a new account of staff, its first password, and until when that works."""

    user_id: Secret
    password: Secret
    good_until: datetime


@attrs.frozen
class CarriedInvitation:
    """The code of an invitation, until when it works, and the organisation; None for a private payer."""

    code: Secret
    good_until: datetime
    organisation: Secret | None


@attrs.frozen
class CarriedExpiry:
    """Until when something lasts: a password, or an account that nobody uses."""

    lasts_until: datetime


@attrs.frozen
class ChosenWithCode:
    """A password was chosen with a code that was sent this way, and not by its owner in a session."""

    way: ContactKind = ContactKind.EMAIL


Carried: TypeAlias = (
    CarriedPassword
    | CarriedCode
    | CarriedUserId
    | CarriedAppointment
    | CarriedInvitation
    | CarriedExpiry
    | ChosenWithCode
)


def required(kind: type[T], carried: Carried | None) -> T:
    """What a letter can't be written without; raises InvariantError where it was not brought."""
    if not isinstance(carried, kind):
        raise InvariantError(f"this letter carries a {kind.__name__}, not a {type(carried).__name__}")
    return carried
