"""Issued codes: from a request to a chosen password.

Invariants: no run of the slow hash for anybody without a good code, whoever they name, so that neither the
time nor the load says whether there is an account; for its holder the same runs for every new password that
can be hashed at all, good or not; every request counts against where it comes from, since one that counted
only for nobody's user id would say whose is somebody's.
"""

import attrs

from dcss_core.agency.accounts.letters import address_of, notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.counted import letters_of, outstanding_code, save_letters
from dcss_core.agency.callers.found import account_of_user
from dcss_core.agency.callers.throttling import count_failure, is_throttled
from dcss_core.agency.filing.accounts import ACCOUNTS, OUTSTANDING_CODES
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError
from dcss_core.letters.carried import CarriedCode, ChosenWithCode
from dcss_core.users.account import Account
from dcss_core.users.passwords.password import Password
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.events import CodeRefusal
from dcss_core.users.recovery.issued_code import (
    CODE_BYTES,
    CodeRequestDecision,
    CodeRequested,
    IssuedCode,
    OutstandingCode,
    decide_code_request,
)
from dcss_core.users.recovery.letter_count import LetterSort
from dcss_core.users.recovery.password_choice import (
    CodeRefused,
    PasswordChoiceDecision,
    PasswordChoiceOutcome,
    code_refusal,
    decide_password_choice,
    violations_of_code,
)
from dcss_core.users.sign_in.throttle import ThrottledFlow

_BY_SOURCE = ThrottledFlow.RECOVERY_BY_SOURCE


@attrs.frozen
class _Stored:
    """What is stored about the user id at one moment."""

    account: Kept[Account] | None = None
    code: Kept[OutstandingCode] | None = None
    address: Secret | None = None

    @property
    def account_record(self) -> Account | None:
        return self.account.record if self.account else None

    @property
    def code_record(self) -> OutstandingCode | None:
        return self.code.record if self.code else None


@attrs.frozen(repr=False)
class IssuedCodes:
    """Requests and choices for one user id, from one source."""

    _resources: Resources
    _passwords: PasswordChecks
    _policies: AccountPolicies
    user_key: str
    source: str | None

    def request(self) -> CodeRequested:
        """Issue a code where there is somebody to send it to."""
        code = IssuedCode.from_bytes(self._resources.randomness.token_bytes(CODE_BYTES))
        try:
            self._resources.write(lambda work: self._issue(work, code, can_write=True))
        except BackendError:
            # Letters are written for known accounts only, so trouble with them is nobody's to see.
            self._resources.write(lambda work: self._issue(work, code, can_write=False))
        return CodeRequested()

    def choose(self, code: Secret, new_password: Secret) -> PasswordChoiceOutcome:
        """Choose a password; see `Recovery.choose_password`."""
        seen, refusal = self._resources.read(lambda work: self._judged(work, code))
        account = seen.account_record
        new = WeighedPassword()
        if refusal is None and account is not None:
            new = self._weighed(new_password, code, account)
        return self._resources.write(lambda work: self._settled(work, code, refusal, new))

    def _issue(self, work: UnitOfWork, code: IssuedCode, *, can_write: bool) -> None:
        stored = self._look(work)
        account = stored.account_record
        decision = decide_code_request(
            account,
            letters_of(work, LetterSort.CODE, account.account_id) if account else None,
            code=code,
            address=stored.address,
            is_throttled=is_throttled(work, _BY_SOURCE, self.source),
            can_write=can_write,
            policy=self._policies.recovery,
            now=work.now,
        )
        self._save_issue(work, stored, decision)
        counted = count_failure(work, _BY_SOURCE, self.source, self._policies.throttles)
        work.audit((decision.event, *counted), Actor.public(), self.source)

    def _save_issue(self, work: UnitOfWork, stored: _Stored, decision: CodeRequestDecision) -> None:
        if decision.outstanding is not None:
            work.put(OUTSTANDING_CODES, stored.code, decision.outstanding)
        if decision.letters is not None:
            save_letters(work, decision.letters)
        if decision.notice is not None and stored.account is not None:
            carried = CarriedCode(decision.notice.code, work.local_time(decision.notice.good_until))
            notify(work, stored.account.record, [decision.event], carried)

    def _judged(self, work: UnitOfWork, code: Secret) -> tuple[_Stored, CodeRefusal | None]:
        stored = self._look(work)
        return stored, code_refusal(
            stored.account_record,
            stored.code_record,
            code,
            address=stored.address,
            is_throttled=is_throttled(work, _BY_SOURCE, self.source),
            policy=self._policies.recovery,
            now=work.now,
        )

    def _weighed(self, new_password: Secret, code: Secret, account: Account) -> WeighedPassword:
        prepared = self._passwords.typed(new_password)
        violations = (
            *violations_of_code(new_password, code),
            *self._passwords.violations(prepared, account, self._policies, is_forced=True),
        )
        new_hash = self._passwords.hashed(prepared) if isinstance(prepared, Password) else None
        return WeighedPassword(violations, new_hash)

    def _settled(
        self, work: UnitOfWork, code: Secret, seen_refusal: CodeRefusal | None, new: WeighedPassword
    ) -> PasswordChoiceOutcome:
        stored, refusal = self._judged(work, code)
        decision = decide_password_choice(
            stored.account_record,
            stored.code_record,
            # A code that was bad a moment ago found no password weighed, so it stays bad.
            refusal=refusal or seen_refusal,
            new=new,
            policy=self._policies.recovery,
            history=self._policies.passwords.history,
            now=work.now,
        )
        self._save_choice(work, stored, decision)
        events = decision.events
        if isinstance(decision.outcome, CodeRefused):
            events += count_failure(work, _BY_SOURCE, self.source, self._policies.throttles)
        work.audit(events, Actor.public(), self.source)
        return decision.outcome

    def _save_choice(self, work: UnitOfWork, stored: _Stored, decision: PasswordChoiceDecision) -> None:
        if stored.code is not None and decision.outstanding is not None:
            work.replace(OUTSTANDING_CODES, stored.code, decision.outstanding)
        if stored.account is not None and decision.account is not None:
            work.replace(ACCOUNTS, stored.account, decision.account)
            notify(work, decision.account, decision.events, ChosenWithCode())

    def _look(self, work: UnitOfWork) -> _Stored:
        account = account_of_user(work, self.user_key)
        if account is None:
            return _Stored()
        code = outstanding_code(work, account.record.account_id)
        return _Stored(account, code, address_of(work, account.record))
