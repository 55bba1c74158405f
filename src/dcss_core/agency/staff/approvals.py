"""`agency.approvals`: what waits for a second person, and how it is taken back.

Invariants: nobody sees or decides on what is done to their own account; the second word itself is given by
calling the verb, never here; every look and every step is audited, a refused one too.
"""

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import nothing_found
from dcss_core.agency.callers.two_people import still_counts
from dcss_core.agency.filing.accounts import APPROVALS
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.reads import ListSeen
from dcss_core.base.pages import LONGEST_PAGE, page_of
from dcss_core.users.approvals.approval import (
    Approval,
    ApprovalState,
    error_of,
    refusal_of_withdrawal,
    withdraw,
)
from dcss_core.users.approvals.events import ApprovalRefused
from dcss_core.users.approvals.waiting import WaitingApproval, shown_of


@attrs.frozen(repr=False)
class Approvals:
    """The verbs of staff on acts that two people do."""

    _door: Door

    @verb
    def waiting(
        self, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[WaitingApproval, ...]:
        """What waits and the caller asked for or could give the second word to, oldest first; audited.

        `after` is the id of an approval of this list: it continues after it. Raises NotPermittedError.
        """

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            found = work.find(APPROVALS, ("state", "asked_at"), (ApprovalState.WAITING,))
            shown = page_of(
                (kept.record for kept in found if self._concerns(work, kept.record, caller)),
                after=after,
                limit=limit,
                key=lambda approval: approval.approval_id,
                expected="the id of an approval that waits",
            )
            work.audit([ListSeen("waiting approvals", len(shown))], caller.actor)
            return [approval.approval_id for approval in shown]

        def view(work: UnitOfWork, looked: list[str]) -> tuple[WaitingApproval, ...]:
            return tuple(shown_of(kept.record) for kept in work.each_there(APPROVALS, looked))

        return self._door.show("approvals.waiting", by, look, view)

    @verb
    def withdraw(self, approval_id: str, *, by: Caller) -> None:
        """Take back what one asked for, or decline what somebody else asked for and one could do oneself.

        Raises NotFoundError; NotPermittedError for whoever could not do the act, and for the owner of the
        account acted upon; ConflictError when it was approved, withdrawn or not approved in time.
        """

        def act(work: UnitOfWork, caller: Admitted) -> None:
            kept, by_id = _named(work, approval_id), caller.actor.actor_id
            approval = kept.record
            may = self._door.still_may(work, approval.act.verb, by_id)
            refusal = refusal_of_withdrawal(approval, by=by_id, is_entitled=may, now=work.now)
            if refusal is not None:
                asked = approval.act
                work.leave(ApprovalRefused(approval.approval_id, asked.verb, asked.acts_on, refusal))
                raise error_of(refusal)
            withdrawn, event = withdraw(approval, by=by_id, now=work.now)
            work.replace(APPROVALS, kept, withdrawn)
            work.audit([event], caller.actor)

        self._door.write("approvals.withdraw", by, act)

    def _concerns(self, work: UnitOfWork, approval: Approval, caller: Admitted) -> bool:
        by_id = caller.actor.actor_id
        is_theirs = approval.asked_by == by_id or self._door.still_may(work, approval.act.verb, by_id)
        return is_theirs and not approval.acts_upon(by_id) and still_counts(self._door, work, approval)


def _named(work: UnitOfWork, approval_id: str) -> Kept[Approval]:
    kept = work.get(APPROVALS, approval_id)
    if kept is None:
        raise nothing_found(work, "approval", "nothing was asked for under this id; look at what waits")
    return kept
