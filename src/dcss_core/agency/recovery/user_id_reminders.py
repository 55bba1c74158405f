"""Forgotten user ids: from a request to a letter.

Invariants: the same answer whatever happens, trouble with the outbox included; every request counts against
where it comes from, whoever's particulars it holds.
"""

import attrs

from dcss_core.agency.accounts.letters import address_of, notify
from dcss_core.agency.callers.counted import letters_of, save_letters, save_throttle, throttle_of
from dcss_core.agency.callers.found import Subject, on_file, subject_of
from dcss_core.agency.callers.throttling import count_failure, is_throttled
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError
from dcss_core.letters.carried import CarriedUserId
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.letter_count import LetterSort
from dcss_core.users.recovery.user_id_reminder import (
    ReminderSubject,
    UserIdRequested,
    decide_user_id_reminder,
)
from dcss_core.users.sign_in.throttle import ThrottledFlow

_BY_SOURCE = ThrottledFlow.RECOVERY_BY_SOURCE


@attrs.frozen(repr=False)
class UserIdReminder:
    """One request."""

    _resources: Resources
    _policies: AccountPolicies
    full_name: str
    ssn: TaxpayerNumber
    source: str | None

    def outcome(self) -> UserIdRequested:
        """Send the user id where there is somebody to send it to."""
        try:
            self._resources.write(lambda work: self._settle(work, can_write=True))
        except BackendError:
            # As for a code: letters are written for known accounts only.
            self._resources.write(lambda work: self._settle(work, can_write=False))
        return UserIdRequested()

    def _settle(self, work: UnitOfWork, *, can_write: bool) -> None:
        subject = subject_of(work, self.ssn)
        throttle = throttle_of(work, self.ssn)
        decision = decide_user_id_reminder(
            _reminded(work, subject),
            throttle.record,
            full_name=self.full_name,
            is_throttled=is_throttled(work, _BY_SOURCE, self.source),
            can_write=can_write,
            policy=self._policies.recovery,
            now=work.now,
        )
        save_throttle(work, throttle, decision.throttle)
        if decision.letters is not None:
            save_letters(work, decision.letters)
        if can_write and subject.account is not None:
            account = subject.account.record
            notify(work, account, decision.events, CarriedUserId(Secret(account.user_id)))
        counted = count_failure(work, _BY_SOURCE, self.source, self._policies.throttles)
        work.audit((*decision.events, *counted), Actor.public(), self.source)


def _reminded(work: UnitOfWork, subject: Subject) -> ReminderSubject:
    account = subject.account.record if subject.account else None
    return ReminderSubject(
        participant=on_file(subject.person) if subject.person else None,
        account=account,
        letters=letters_of(work, LetterSort.USER_ID, account.account_id) if account else None,
        has_address=account is not None and address_of(work, account) is not None,
    )
