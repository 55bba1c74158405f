"""WaitingApproval: what staff see of an act that waits for a second person.

Decides the words for each act. Invariant: they hold no secret, an address above all: the second person knows
it from elsewhere, or does not approve.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import attrs

from dcss_core.users.approvals.approval import Approval, AskedAct

WORDS: Final[Mapping[str, str]] = {
    "oversight.close": "Close the account {user_id} for good ({reason})",
    "payments.identify": "Post held money of {amount} to case {case}",
    "remitters.change": "Call a remitter {name} from now on, sending as: {sends_as}",
    "remitters.invite_administrator": "Invite another administrator for {name}",
    "remitters.open": "Open accounts for {name}, sending as: {sends_as}",
    "second_factors.remove_for": "Remove {which} of {user_id} ({reason})",
    "staff.appoint": "Make an account for staff, user ID {user_id}, roles: {roles}",
    "staff.set_roles": "Change the roles of {user_id} to: {roles}",
}
"""By verb; each name in it is a particular of the act."""
_UNLESS_SAID: Final = {"which": "the second factor"}


@attrs.frozen
class WaitingApproval:
    """An act that waits: which verb, about which record, who asked and when, until when, and what in words.

    `acts_on` is as the audit log names records, as `account:…` or `receipt:…`.
    """

    approval_id: str
    verb: str
    acts_on: str
    asked_by: str
    asked_at: datetime
    good_until: datetime
    words: str


def shown_of(approval: Approval) -> WaitingApproval:
    """What is shown of an approval."""
    return WaitingApproval(
        approval.approval_id,
        approval.act.verb,
        approval.act.acts_on,
        approval.asked_by,
        approval.asked_at,
        approval.good_until,
        words_of(approval.act),
    )


def words_of(act: AskedAct) -> str:
    """What an act is, without secrets."""
    return WORDS[act.verb].format_map(_UNLESS_SAID | {each.name: each.value for each in act.particulars})
