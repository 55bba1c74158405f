"""User id reminders: from what was typed to a letter with the user id.

Invariants: whoever asks causes as many reads and writes, whomever they name; what is sent is decided
afterwards, away from them.
"""

import attrs

from dcss_core.agency.accounts.letters import address_of, notify
from dcss_core.agency.callers.counted import (
    letters_of,
    save_letters,
    save_throttle,
    subject_read_alike,
    throttle_of,
)
from dcss_core.agency.callers.found import on_file
from dcss_core.agency.callers.throttling import count_failure, is_turned_away
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.sending.owing import owe, owe_letters
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.base.secret import Secret
from dcss_core.letters.carried import CarriedUserId
from dcss_core.letters.outgoing.owed_letter import OwedFor, OwedLetter
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.events import ReminderRefusal, UserIdNotSent
from dcss_core.users.recovery.letter_count import LetterSort
from dcss_core.users.recovery.policy import RecoveryPolicy
from dcss_core.users.recovery.user_id_reminder import (
    UserIdRequested,
    decide_user_id_letter,
    decide_user_id_request,
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
        """Have the user id sent where there is somebody to send it to."""
        throttled = UserIdNotSent(None, ReminderRefusal.SOURCE_THROTTLED)
        throttles = self._policies.throttles
        if not is_turned_away(self._resources, _BY_SOURCE, self.source, throttles, throttled):
            self._resources.write(self._noted)
        return UserIdRequested()

    def _noted(self, work: UnitOfWork) -> None:
        subject = subject_read_alike(work, self.ssn)
        throttle = throttle_of(work, self.ssn)
        account = subject.account.record if subject.account else None
        decision = decide_user_id_request(
            on_file(subject.person) if subject.person else None,
            account,
            throttle.record,
            full_name=self.full_name,
            policy=self._policies.recovery,
            now=work.now,
        )
        save_throttle(work, throttle, decision.throttle)
        counted = count_failure(work, _BY_SOURCE, self.source, self._policies.throttles)
        owe_letters(work, decision.events, self.source)
        account_id = account.account_id if account and decision.is_owed else None
        owe(work, OwedFor.USER_ID_REQUESTED, account_id, self.source)
        work.audit((*decision.events, *counted), Actor.public(), self.source)


def send_user_id(work: UnitOfWork, owed: OwedLetter, policy: RecoveryPolicy) -> None:
    """Pay a user id that is owed to the owner of an account."""
    if owed.account_id is None:
        return
    kept = work.get(ACCOUNTS, owed.account_id)
    account = kept.record if kept else None
    letters = letters_of(work, LetterSort.USER_ID, owed.account_id)
    decision = decide_user_id_letter(
        account,
        letters,
        has_address=account is not None and address_of(work, account) is not None,
        policy=policy,
        now=work.now,
    )
    if decision.letters is not None and account is not None:
        save_letters(work, decision.letters)
        notify(work, account, [decision.event], CarriedUserId(Secret(account.user_id)))
    work.audit([decision.event], Actor.public(), owed.source)
