"""Idle accounts: the job that writes to whoever does not use their account, and disables it in the end.

Invariants: time is believed as far as the audit log bears it out, so that a clock that jumps disables nobody;
each page of accounts is one transaction, so that the job can be stopped between any two and begun again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice, takewhile
from typing import Final

import attrs

from dcss_core.agency.accounts.letters import address_of, notify
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.accounts import ACCOUNTS, STAFF_MEMBERS
from dcss_core.agency.work.deadline import begin_next_step
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.borne_out import borne_out
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.letters.carried import CarriedExpiry
from dcss_core.users.account import Account, AccountKind, AccountState
from dcss_core.users.idleness import IdleAccountWarned, IdlenessPolicy, IdleReport

_PAGE: Final = 100
_CLOCKS_MAY_DIFFER: Final = timedelta(minutes=1)
_BY_IDLENESS: Final = ("state", "idle_since")


@attrs.frozen(repr=False)
class IdleAccounts:
    """One run of the job."""

    _resources: Resources
    _door: Door
    verb: str
    by: Caller

    def disabled(self) -> IdleReport:
        """Write to whom is to be warned, and disable whose days are over."""
        self._door.pass_through(self.verb, self.by)
        policy = self._resources.read(lambda work: IdlenessPolicy.from_rules(work.rules))
        if policy is None:
            return IdleReport()
        self._resources.number_what_waits()  # by what is numbered it is told how late it is
        while self._door.write(self.verb, self.by, _begin_counting) == _PAGE:
            begin_next_step()
        report = IdleReport()
        for page in self._pages(policy):
            begin_next_step()
            found = self._door.write(self.verb, self.by, _Judging(policy, self._resources, page).act)
            report = IdleReport(report.warned + found.warned, report.disabled + found.disabled)
        return report

    def _pages(self, policy: IdlenessPolicy) -> Iterator[list[Kept[Account]]]:
        last: Kept[Account] | None = None
        while page := self._resources.read(partial(_idle, policy=policy, after=last)):
            yield page
            last = page[-1]


def _begin_counting(work: UnitOfWork, caller: Admitted) -> int:
    """Count from now on: of accounts from before, and of those used while a clock was ahead."""
    page = work.find(ACCOUNTS, _BY_IDLENESS, (AccountState.ACTIVE, None), limit=_PAGE)
    latest = work.from_the_end(ACCOUNTS, _BY_IDLENESS, (AccountState.ACTIVE,))
    ahead = islice(takewhile(lambda kept: _is_ahead(kept.record, work.now), latest), _PAGE - len(page))
    found = [*page, *ahead]
    for kept in found:
        work.replace(ACCOUNTS, kept, attrs.evolve(kept.record, idle_since=work.now, idle_warned_at=None))
    return len(found)


def _is_ahead(account: Account, now: datetime) -> bool:
    return account.idle_since is not None and account.idle_since > now + _CLOCKS_MAY_DIFFER


def _idle(work: UnitOfWork, *, policy: IdlenessPolicy, after: Kept[Account] | None) -> list[Kept[Account]]:
    through = policy.looked_at_from(borne_out(work))
    return work.find(
        ACCOUNTS, _BY_IDLENESS, (AccountState.ACTIVE,), at_most=through, after=after, limit=_PAGE
    )


@attrs.frozen(repr=False)
class _Judging:
    """A page of accounts, as it was seen; each is judged as it is now."""

    policy: IdlenessPolicy
    resources: Resources
    page: list[Kept[Account]]

    def act(self, work: UnitOfWork, caller: Admitted) -> IdleReport:
        warned = disabled = 0
        now = borne_out(work)
        for kept in work.each_there(ACCOUNTS, [each.record.account_id for each in self.page]):
            account = kept.record
            judged = self.policy.judged(
                account,
                is_privileged=_is_privileged(work, account),
                can_be_told=self.resources.sends_letters and address_of(work, account) is not None,
                now=now,
            )
            if judged is None:
                continue
            changed, event = judged
            work.replace(ACCOUNTS, kept, changed)
            if event is None:
                continue
            carried = None
            if isinstance(event, IdleAccountWarned):
                carried = CarriedExpiry(work.local_time(event.disabled_from))
            notify(work, account, [event], carried)
            work.audit([event], caller.actor)
            warned, disabled = warned + (carried is not None), disabled + (carried is None)
        return IdleReport(warned, disabled)


def _is_privileged(work: UnitOfWork, account: Account) -> bool:
    if account.kind is not AccountKind.STAFF:
        return False
    member = work.get(STAFF_MEMBERS, account.account_id)
    return member is not None and member.record.is_privileged
