"""Two people: what is of high value is done by the second member of staff who says the same.

Decides nothing: it looks whether such an act waits, and has what its word is worth decided. Invariants: an
approval is marked in the transaction that does the act; whoever asked is judged by what they may do at the
moment of the second word; a job acts alone, for its rights are listed and whoever holds the machine sets it
up.
"""

from collections.abc import Sequence

from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.accounts import APPROVALS
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import ActorKind
from dcss_core.base.secret import Secret
from dcss_core.users.approvals.approval import Approval, AskedAct, approve, ask, lapse_of, let_lapse
from dcss_core.users.approvals.due import ApprovalDue, due_of
from dcss_core.users.approvals.policy import ApprovalPolicy


def second_word(
    door: Door, work: UnitOfWork, caller: Admitted, act: AskedAct, secrets: Sequence[Secret] = ()
) -> ApprovalDue | None:
    """None where the act is to be done now; otherwise what it waits for.

    A verb asks this once it has checked that it can do the act, and before it saves anything. `secrets` are
    compared and not kept.
    """
    if caller.actor.kind is not ActorKind.STAFF or not door.needs_two(act.verb):
        return None
    by = caller.actor.actor_id
    digests = work.sealer.digests_of_act(act.in_full(secrets))
    kept = _counting(door, work, caller, digests)
    if kept is None:
        asked = _asked(work, caller, act, digests[0])
        return _due(door, work, asked)
    if kept.record.asked_by == by:
        return _due(door, work, kept.record)
    approved, event = approve(kept.record, by=by, now=work.now)
    work.replace(APPROVALS, kept, approved)
    work.audit([event], caller.actor)
    return None


def still_counts(door: Door, work: UnitOfWork, approval: Approval) -> bool:
    """Whether somebody's second word would have it done now."""
    is_entitled = door.still_may(work, approval.act.verb, approval.asked_by)
    return lapse_of(approval, asker_is_entitled=is_entitled, now=work.now) is None


def _counting(
    door: Door, work: UnitOfWork, caller: Admitted, digests: Sequence[str]
) -> Kept[Approval] | None:
    """The approval that waits for this very act; one that counts for nothing any more is put aside."""
    found = work.find_each(APPROVALS, ("waits_as",), digests)
    kept = next((each for some in found for each in some), None)
    if kept is None:
        return None
    is_entitled = door.still_may(work, kept.record.act.verb, kept.record.asked_by)
    lapse = lapse_of(kept.record, asker_is_entitled=is_entitled, now=work.now)
    if lapse is None:
        return kept
    lapsed, event = let_lapse(kept.record, lapse, now=work.now)
    work.replace(APPROVALS, kept, lapsed)
    work.audit([event], caller.actor)
    return None


def _asked(work: UnitOfWork, caller: Admitted, act: AskedAct, waits_as: str) -> Approval:
    policy = ApprovalPolicy.from_rules(work.rules)
    asked, event = ask(
        act,
        work.new_id(),
        waits_as=waits_as,
        by=caller.actor.actor_id,
        good_for=policy.good_for,
        now=work.now,
    )
    work.insert(APPROVALS, [asked])
    work.audit([event], caller.actor)
    return asked


def _due(door: Door, work: UnitOfWork, approval: Approval) -> ApprovalDue:
    others = (
        account_id
        for account_id in door.those_who_may(work, approval.act.verb)
        if account_id != approval.asked_by and not approval.acts_upon(account_id)
    )
    return due_of(
        approval,
        local_end=work.local_time(approval.good_until),
        has_second=next(others, None) is not None,
    )
