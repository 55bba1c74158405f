"""What can happen to second factors, for the audit log.

Decides names only; the OWASP Logging Vocabulary has none for these. Invariant: as for every event on
accounts, ids, counts and reasons only; never a secret or a code.
"""

from typing import ClassVar

import attrs

from dcss_core.users.account_control import ControlReason
from dcss_core.users.events import AccountEvent


@attrs.frozen
class SecondFactorBegun(AccountEvent):
    """The owner was shown what to set a second factor up with."""

    kind: ClassVar[str] = "authn_second_factor_begun"
    method: str


@attrs.frozen
class SecondFactorEnrolled(AccountEvent):
    """The owner has answered with the new factor; it is asked for from now on, as one of so many."""

    kind: ClassVar[str] = "authn_second_factor_enrolled"
    method: str
    factor_id: str
    number: int


@attrs.frozen
class SecondFactorNotEnrolled(AccountEvent):
    """The code of a new factor was not right, or its set-up had begun too long ago."""

    kind: ClassVar[str] = "authn_second_factor_enrol_fail"
    was_in_time: bool


@attrs.frozen
class SecondFactorDisabled(AccountEvent):
    """So many wrong codes came in a row that none counts until a factor is set up anew."""

    kind: ClassVar[str] = "authn_second_factor_disabled"
    failures: int


@attrs.frozen
class SavedCodeUsed(AccountEvent):
    """A saved code was given in place of the second factor."""

    kind: ClassVar[str] = "authn_saved_code_used"
    left: int


@attrs.frozen
class SavedCodesReplaced(AccountEvent):
    """The owner was shown new saved codes; the ones before stopped working."""

    kind: ClassVar[str] = "authn_saved_codes_replaced"
    unused_before: int


@attrs.frozen
class SecondFactorCopied(AccountEvent):
    """A device answered rightly, and its counter had not grown: there may be a copy of it.

    W3C Web Authentication Level 3, §6.1.1.
    """

    kind: ClassVar[str] = "authn_second_factor_copied"
    factor_id: str


@attrs.frozen
class SecondFactorRemoved(AccountEvent):
    """The owner removed second factors: this one, or all of them; so many are left."""

    kind: ClassVar[str] = "authn_second_factor_removed"
    factor_id: str | None
    left: int


@attrs.frozen
class SecondFactorRemovedByStaff(AccountEvent):
    """Staff removed second factors of somebody who has lost them: this one, or all; so many are left."""

    kind: ClassVar[str] = "authn_second_factor_removed_by_staff"
    reason: ControlReason
    factor_id: str | None
    left: int
