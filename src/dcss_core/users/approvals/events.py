"""What can happen to an act that needs two people, for the audit log.

Decides names only. Invariant: an event holds ids, instants and reasons, and stands under the record that is
acted on; what was said of the act is not repeated, for a user id may be among it.
"""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import attrs

from dcss_core.base.events import Event


class LapseReason(Enum):
    """Why an approval that waited counts for nothing any more."""

    EXPIRED = "expired"
    ASKER_NOT_ENTITLED = "asker_not_entitled"


class ApprovalRefusal(Enum):
    """Why an approval could not be withdrawn."""

    DECIDER_IS_SUBJECT = "decider_is_subject"
    NOT_ENTITLED = "not_entitled"
    DECIDED_ALREADY = "decided_already"
    LAPSED = "lapsed"


@attrs.frozen
class _OfApproval(Event):
    about: ClassVar[tuple[str, str]] = ("approval", "approval_id")
    approval_id: str
    verb: str
    acts_on: str

    @property
    def subject(self) -> str:
        """The record that is acted on, so that who looks for it finds who asked as well."""
        return self.acts_on


@attrs.frozen
class ApprovalAsked(_OfApproval):
    """Staff asked for an act that a second person has to ask for as well."""

    kind: ClassVar[str] = "approval_asked"
    good_until: datetime


@attrs.frozen
class ApprovalGiven(_OfApproval):
    """A second member of staff asked for the same, and it was done."""

    kind: ClassVar[str] = "approval_given"
    asked_by: str
    approved_by: str


@attrs.frozen
class ApprovalWithdrawn(_OfApproval):
    """Whoever asked took it back, or somebody who could have done it declined."""

    kind: ClassVar[str] = "approval_withdrawn"
    asked_by: str


@attrs.frozen
class ApprovalLapsed(_OfApproval):
    """An approval counts for nothing any more, and the next word is a first one."""

    kind: ClassVar[str] = "approval_lapsed"
    asked_by: str
    reason: LapseReason


@attrs.frozen
class ApprovalRefused(_OfApproval):
    """Somebody could not withdraw an approval."""

    kind: ClassVar[str] = "approval_refused"
    reason: ApprovalRefusal
