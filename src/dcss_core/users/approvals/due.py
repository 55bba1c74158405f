"""ApprovalDue: what the first of two people is answered.

Decides the words. Invariant: whoever reads them knows what comes next, and whether there is anybody for it.
"""

from datetime import datetime

import attrs

from dcss_core.users.approvals.approval import Approval


@attrs.frozen
class ApprovalDue:
    """Nothing was done yet: somebody else with the same right makes the same call until `good_until`.

    `sentence` says so for people, by the agency's own clock.
    """

    approval_id: str
    verb: str
    good_until: datetime
    sentence: str


def due_of(approval: Approval, *, local_end: datetime, has_second: bool) -> ApprovalDue:
    """The answer about an approval; `has_second` says that somebody could give the second word now."""
    until = f"{local_end:%Y-%m-%d %H:%M %Z}"
    sentence = (
        f"Waiting for a second person: somebody else with this right repeats it until {until}."
        if has_second
        else "Waiting for a second person, and nobody else has this right now: give it to somebody, who "
        f"repeats this until {until}."
    )
    return ApprovalDue(approval.approval_id, approval.act.verb, approval.good_until, sentence)
