"""Reminders: the job that writes to whoever has to change a password soon, or to choose questions anew.

Invariants: one letter for each password, and for each set of questions; each page of accounts is one
transaction, so that the job can be stopped between any two and begun again.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, Protocol, TypeVar

import attrs

from dcss_core.agency.accounts.letters import notify, was_written
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.accounts import ACCOUNTS, SECURITY_ANSWERS
from dcss_core.agency.work.deadline import begin_next_step
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.events import Event
from dcss_core.letters.carried import Carried, CarriedExpiry
from dcss_core.users.account import Account
from dcss_core.users.events import PasswordExpiring
from dcss_core.users.passwords.expiry import ReminderPolicy
from dcss_core.users.recovery.security_questions import QuestionPolicy, SecurityAnswers

R = TypeVar("R", Account, SecurityAnswers)
_PAGE: Final = 100
_VERB: Final = "credentials.remind"


class _Look(Protocol[R]):
    """Looks at the page of records after one."""

    def __call__(self, work: UnitOfWork, *, after: Kept[R] | None) -> list[Kept[R]]: ...


@attrs.frozen(repr=False)
class Reminders:
    """One run of the job."""

    _resources: Resources
    _door: Door
    by: Caller

    def written(self) -> int:
        """Write what is due; how many letters there are."""
        self._door.pass_through(_VERB, self.by)
        passwords = self._resources.read(lambda work: ReminderPolicy.from_rules(work.rules))
        questions = self._resources.account_policies().questions
        letters = 0
        if passwords is not None:
            letters += self._through_pages(_expiring(passwords), _reminding(passwords))
        if questions is not None and questions.has_changed:
            letters += self._through_pages(_of_answers, _telling(questions))
        return letters

    def _through_pages(
        self,
        look: _Look[R],
        event_of: Callable[[UnitOfWork, R], Event | None],
    ) -> int:
        letters = 0
        last: Kept[R] | None = None
        while page := self._resources.read(partial(look, after=last)):
            begin_next_step()
            letters += self._door.write(_VERB, self.by, _writing(page, event_of))
            last = page[-1]
        return letters


def _expiring(policy: ReminderPolicy) -> "_Look[Account]":
    """Accounts whose password is about to expire, the one set last first."""

    def look(work: UnitOfWork, *, after: Kept[Account] | None) -> list[Kept[Account]]:
        found = work.find(
            ACCOUNTS,
            ("password_set_at",),
            at_most=policy.last_set(work.now),
            descending=True,
            after=after,
            limit=_PAGE,
        )
        return [kept for kept in found if kept.record.password_set_at > work.now - policy.max_age]

    return look


def _of_answers(work: UnitOfWork, *, after: Kept[SecurityAnswers] | None) -> list[Kept[SecurityAnswers]]:
    return work.find(SECURITY_ANSWERS, ("account_id",), after=after, limit=_PAGE)


def _reminding(policy: ReminderPolicy) -> Callable[[UnitOfWork, Account], Event | None]:
    return lambda work, account: policy.reminder(account, work.now)


def _telling(policy: QuestionPolicy) -> Callable[[UnitOfWork, SecurityAnswers], Event | None]:
    return lambda work, answers: answers.due_by_rules(policy, work.now)


def _writing(
    page: Iterable[Kept[R]], event_of: Callable[[UnitOfWork, R], Event | None]
) -> Callable[[UnitOfWork, Admitted], int]:
    def act(work: UnitOfWork, caller: Admitted) -> int:
        due = {each.record.account_id: event_of(work, each.record) for each in page}
        told = [account_id for account_id, event in due.items() if event is not None]
        letters = 0
        for kept in work.each_there(ACCOUNTS, told):
            account, event = kept.record, due[kept.record.account_id]
            carried = _carried(work, event)
            if event is None or not account.is_active or was_written(work, account, event, carried):
                continue
            if notify(work, account, [event], carried):
                work.audit([event], caller.actor)
                letters += 1
        return letters

    return act


def _carried(work: UnitOfWork, event: Event | None) -> Carried | None:
    return CarriedExpiry(work.local_time(event.until)) if isinstance(event, PasswordExpiring) else None
