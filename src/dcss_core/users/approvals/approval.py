"""Approvals: an act of high value that one member of staff asks for, and another one has done.

Decides which state it is in, what ends it and who may (OWASP ASVS 5.0.0, 2.3.5; IRS Pub. 1075, AC-5).
Invariants: whoever asks, whoever approves and the account acted upon are three; an approval is used once,
within its time, and only while whoever asked may still do the act; one waits for an act at a time; of what
is secret in an act nothing is kept, but in a keyed digest by which the second word is known.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.json.canonical import canonical
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret
from dcss_core.errors import ConflictError, DcssError, NotPermittedError
from dcss_core.users.approvals.events import (
    ApprovalAsked,
    ApprovalGiven,
    ApprovalLapsed,
    ApprovalRefusal,
    ApprovalWithdrawn,
    LapseReason,
)


class ApprovalState(Enum):
    """How far an act that needs two people has come."""

    WAITING = "waiting"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class ApprovalAct(Enum):
    """What is done about an approval."""

    ASK = "ask"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


APPROVAL_STATES: Final = StateTable(
    "an approval",
    ApprovalState,
    ApprovalAct,
    (
        (None, ApprovalAct.ASK, ApprovalState.WAITING),
        (ApprovalState.WAITING, ApprovalAct.APPROVE, ApprovalState.APPROVED),
        (ApprovalState.WAITING, ApprovalAct.WITHDRAW, ApprovalState.WITHDRAWN),
        (ApprovalState.WAITING, ApprovalAct.LAPSE, ApprovalState.LAPSED),
    ),
)


@attrs.frozen
class Particular:
    """One thing that was said of an act, as a second person is shown it."""

    name: str
    value: str


@attrs.frozen
class AskedAct:
    """An act as somebody asks for it: the verb, the record it acts on, and what else may be shown.

    `acts_on` is as the audit log names records: `account:…`, or `account:unknown` before there is one.
    """

    verb: str
    acts_on: str
    particulars: tuple[Particular, ...] = ()

    @classmethod
    def of(cls, verb: str, acts_on: str, **said: str) -> "AskedAct":
        """An act with its particulars by name."""
        return cls(verb, acts_on, tuple(Particular(name, value) for name, value in said.items()))

    def in_full(self, secrets: Sequence[Secret]) -> Secret:
        """Everything that was said, as one text by which the same act is known again."""
        said = [[each.name, each.value] for each in self.particulars]
        return Secret(canonical([self.verb, self.acts_on, said, [secret.reveal() for secret in secrets]]))


@attrs.frozen
class Approval:
    """An act that waits for a second person, or waited. `asked_by` and `decided_by` are ids of accounts.

    `waits_as` is the keyed digest of all that was said, while somebody's second word can still be it. That
    its time is over is told by the clock, and stored once another one takes its place.
    """

    approval_id: str
    act: AskedAct
    waits_as: str | None
    asked_by: str
    asked_at: datetime
    good_until: datetime
    state: ApprovalState = ApprovalState.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        is_waiting = self.state is ApprovalState.WAITING
        is_approved = self.state is ApprovalState.APPROVED
        check_invariants(
            self,
            (not self.acts_upon(self.asked_by), "nobody asks for what is done to their own account"),
            (self.asked_at < self.good_until, "it is good for a time"),
            (is_waiting is (self.waits_as is not None), "the second word is known as long as it waits"),
            (is_waiting is (self.decided_at is None), "it was decided at some time unless it waits"),
            (
                (self.state in (ApprovalState.WAITING, ApprovalState.LAPSED)) is (self.decided_by is None),
                "somebody decided on it unless it waits or lapsed",
            ),
            (not is_approved or self.decided_by != self.asked_by, "a second person approves it"),
            (
                self.decided_by is None or not self.acts_upon(self.decided_by),
                "nobody decides on what is done to their own account",
            ),
        )

    def acts_upon(self, account_id: str) -> bool:
        """Whether the account is the one acted upon."""
        return self.act.acts_on == f"account:{account_id}"

    def is_in_time(self, now: datetime) -> bool:
        """Whether it is still good; a clock that steps back behind the request ends it too."""
        return self.asked_at <= now < self.good_until

    def state_at(self, now: datetime) -> ApprovalState:
        """How far it has come by an instant."""
        if self.is_in_time(now) or not APPROVAL_STATES.allows(self.state, ApprovalAct.LAPSE):
            return self.state
        return APPROVAL_STATES.next_state(self.state, ApprovalAct.LAPSE)

    def decided(self, act: ApprovalAct, by: str | None, now: datetime) -> "Approval":
        """The approval with the decision on it; raises ConflictError when it was decided or is over."""
        state = APPROVAL_STATES.next_state(self.state_at(now), act)
        return attrs.evolve(self, state=state, waits_as=None, decided_by=by, decided_at=now)


def lapse_of(approval: Approval, *, asker_is_entitled: bool, now: datetime) -> LapseReason | None:
    """Why an approval that waits counts for nothing now; None when it counts."""
    if not approval.is_in_time(now):
        return LapseReason.EXPIRED
    return None if asker_is_entitled else LapseReason.ASKER_NOT_ENTITLED


def ask(
    act: AskedAct, approval_id: str, *, waits_as: str, by: str, good_for: timedelta, now: datetime
) -> tuple[Approval, ApprovalAsked]:
    """Give the first word. The caller has checked that the act could be done now."""
    APPROVAL_STATES.next_state(None, ApprovalAct.ASK)
    asked = Approval(approval_id, act, waits_as, by, now, now + good_for)
    return asked, ApprovalAsked(approval_id, act.verb, act.acts_on, asked.good_until)


def approve(approval: Approval, *, by: str, now: datetime) -> tuple[Approval, ApprovalGiven]:
    """Give the second word to an act that waits in time; the caller does the act along with this."""
    event = ApprovalGiven(
        approval.approval_id, approval.act.verb, approval.act.acts_on, approval.asked_by, by
    )
    return approval.decided(ApprovalAct.APPROVE, by, now), event


def let_lapse(approval: Approval, reason: LapseReason, *, now: datetime) -> tuple[Approval, ApprovalLapsed]:
    """Put an approval aside that counts for nothing any more, so that another can wait in its place."""
    state = APPROVAL_STATES.next_state(approval.state, ApprovalAct.LAPSE)
    lapsed = attrs.evolve(approval, state=state, waits_as=None, decided_at=now)
    act = approval.act
    return lapsed, ApprovalLapsed(approval.approval_id, act.verb, act.acts_on, approval.asked_by, reason)


def refusal_of_withdrawal(
    approval: Approval, *, by: str, is_entitled: bool, now: datetime
) -> ApprovalRefusal | None:
    """Why this member of staff can't withdraw it; None when they can: their own, or what they could do."""
    if approval.acts_upon(by):
        return ApprovalRefusal.DECIDER_IS_SUBJECT
    if by != approval.asked_by and not is_entitled:
        return ApprovalRefusal.NOT_ENTITLED
    state = approval.state_at(now)
    if APPROVAL_STATES.allows(state, ApprovalAct.WITHDRAW):
        return None
    is_over = state is ApprovalState.LAPSED
    return ApprovalRefusal.LAPSED if is_over else ApprovalRefusal.DECIDED_ALREADY


def withdraw(approval: Approval, *, by: str, now: datetime) -> tuple[Approval, ApprovalWithdrawn]:
    """Take back one's own request, or decline another's, which nothing stands against."""
    act = approval.act
    event = ApprovalWithdrawn(approval.approval_id, act.verb, act.acts_on, approval.asked_by)
    return approval.decided(ApprovalAct.WITHDRAW, by, now), event


def error_of(refusal: ApprovalRefusal) -> DcssError:
    """The error that says why a withdrawal was refused and what to do."""
    kind, sentence = _SENTENCES[refusal]
    return kind(sentence)


_SENTENCES: Final[dict[ApprovalRefusal, tuple[type[NotPermittedError] | type[ConflictError], str]]] = {
    ApprovalRefusal.DECIDER_IS_SUBJECT: (
        NotPermittedError,
        "nobody decides on what is done to their own account; ask a colleague",
    ),
    ApprovalRefusal.NOT_ENTITLED: (
        NotPermittedError,
        "only whoever asked for this, or somebody who could do it, can withdraw it",
    ),
    ApprovalRefusal.DECIDED_ALREADY: (
        ConflictError,
        "this was approved or withdrawn already; look at those that wait",
    ),
    ApprovalRefusal.LAPSED: (ConflictError, "nobody approved this in time; there is nothing to withdraw"),
}
