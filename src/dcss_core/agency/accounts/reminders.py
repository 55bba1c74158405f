"""Reminders: the job that writes to whoever has to change a password soon.

Invariants: one letter for each password; each page of accounts is one transaction, so that the job can be
stopped between any two and begun again.
"""

from collections.abc import Callable
from typing import Final

import attrs

from dcss_core.agency.accounts.letters import notify, was_written
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.work.deadline import begin_next_step
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.users.account import Account
from dcss_core.users.passwords.expiry import ReminderPolicy

_PAGE: Final = 100
_VERB: Final = "credentials.remind"


@attrs.frozen(repr=False)
class Reminders:
    """One run of the job."""

    _resources: Resources
    _door: Door
    by: Caller

    def written(self) -> int:
        """Write what is due; how many letters there are."""
        self._door.pass_through(_VERB, self.by)
        policy = self._resources.read(lambda work: ReminderPolicy.from_rules(work.rules))
        letters, last = 0, None
        while policy is not None:
            page = self._page(policy, last)
            if page:
                begin_next_step()
                letters += self._door.write(_VERB, self.by, _reminding(policy, page))
            if len(page) < _PAGE:
                break
            last = page[-1]
        return letters

    def _page(self, policy: ReminderPolicy, last: Kept[Account] | None) -> list[Kept[Account]]:
        """Accounts whose password is about to expire, the one set last first."""

        def look(work: UnitOfWork) -> list[Kept[Account]]:
            found = work.find(
                ACCOUNTS,
                ("password_set_at",),
                at_most=policy.last_set(work.now),
                descending=True,
                after=last,
                limit=_PAGE,
            )
            return [kept for kept in found if kept.record.password_set_at > work.now - policy.max_age]

        return self._resources.read(look)


def _reminding(policy: ReminderPolicy, page: list[Kept[Account]]) -> Callable[[UnitOfWork, Admitted], int]:
    def act(work: UnitOfWork, caller: Admitted) -> int:
        letters = 0
        for kept in work.each_there(ACCOUNTS, [each.record.account_id for each in page]):
            event = policy.reminder(kept.record, work.now)
            if event is None or was_written(work, kept.record, event):
                continue
            if notify(work, kept.record, [event]):
                work.audit([event], caller.actor)
                letters += 1
        return letters

    return act
