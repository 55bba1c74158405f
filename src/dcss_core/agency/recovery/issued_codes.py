"""Issued codes: from a request to a chosen password.

Invariants: a request is noted alike for whatever was typed, and what comes of it is decided afterwards, away
from whoever asked; no run of the slow hash for anybody without a good code, whoever they name, so that
neither the time nor the load says whether there is an account; for its holder the same runs for every new
password that can be hashed at all, good or not; for every code that is refused as much is read and written;
every request counts against where it comes from, whichever way the code is to go, since one that counted
only for nobody's user id would say whose is somebody's.
"""

import attrs

from dcss_core.agency.accounts.letters import address_of, code_address_of, notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.counted import letters_of, outstanding_code, save_letters
from dcss_core.agency.callers.found import NOBODY, account_of_user
from dcss_core.agency.callers.throttling import (
    WatchedSource,
    Way,
    is_turned_away,
    watched,
    watched_beside,
)
from dcss_core.agency.filing.accounts import ACCOUNTS, OUTSTANDING_CODES, THROTTLES
from dcss_core.agency.sending.owing import owe
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.letters.carried import CarriedCode, ChosenWithCode
from dcss_core.letters.outgoing.owed_letter import OwedFor, OwedLetter
from dcss_core.users.account import Account
from dcss_core.users.passwords.password import Password
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.events import (
    CodeRefusal,
    CodeRequestRefusal,
    PasswordChoiceFailed,
    RecoveryCodeNotIssued,
    RecoveryCodeRequested,
)
from dcss_core.users.recovery.issued_code import (
    CODE_BYTES,
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
from dcss_core.users.recovery.policy import RecoveryPolicy
from dcss_core.users.sign_in.attempts_at_nobody import attempts_key
from dcss_core.users.sign_in.throttle import Throttle, ThrottledFlow

_BY_SOURCE = ThrottledFlow.RECOVERY_BY_SOURCE


@attrs.frozen
class _Stored:
    """What is stored about the user id at one moment; `at_nobody` is written where no code counts."""

    source: WatchedSource
    at_nobody: Kept[Throttle] | None
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

    def check_goes(self, way: ContactKind) -> None:
        """Refuse a way that no code goes; raises InvalidInputError, the same for everybody."""
        self._policies.recovery.code_lasts(way)

    def request(self, way: ContactKind) -> CodeRequested:
        """Have a code issued where there is somebody to send it to."""
        throttled = RecoveryCodeNotIssued(None, CodeRequestRefusal.SOURCE_THROTTLED)
        throttles = self._policies.throttles
        if not is_turned_away(self._resources, _BY_SOURCE, self.source, throttles, throttled):
            self._resources.write(lambda work: self._noted(work, way))
        return CodeRequested()

    def _noted(self, work: UnitOfWork, way: ContactKind) -> None:
        account = account_of_user(work, self.user_key)
        counted = watched(work, self.source, Way(_BY_SOURCE)).count_failure(work, self._policies.throttles)
        account_id = account.record.account_id if account else None
        owe(work, OwedFor.CODE_REQUESTED, account_id, self.source, way=way)
        work.audit((RecoveryCodeRequested(None), *counted), Actor.public(), self.source)

    def choose(self, code: Secret, new_password: Secret) -> PasswordChoiceOutcome:
        """Choose a password; see `Recovery.choose_password`."""
        throttled = PasswordChoiceFailed(None, CodeRefusal.SOURCE_THROTTLED)
        if is_turned_away(self._resources, _BY_SOURCE, self.source, self._policies.throttles, throttled):
            return CodeRefused()
        seen, refusal = self._resources.read(lambda work: self._judged(work, code))
        account = seen.account_record
        new = WeighedPassword()
        if refusal is None and account is not None:
            new = self._weighed(new_password, code, account)
        return self._resources.write(lambda work: self._settled(work, code, refusal, new))

    def _judged(self, work: UnitOfWork, code: Secret) -> tuple[_Stored, CodeRefusal | None]:
        stored = self._look(work)
        return stored, code_refusal(
            stored.account_record,
            stored.code_record,
            code,
            address=stored.address,
            is_throttled=stored.source.is_closed(work),
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
        events = decision.events
        if isinstance(decision.outcome, CodeRefused):
            self._save_refusal(work, stored, decision)
            events += stored.source.count_failure(work, self._policies.throttles)
        else:
            self._save_choice(work, stored, decision)
        work.audit(events, Actor.public(), self.source)
        return decision.outcome

    def _save_refusal(self, work: UnitOfWork, stored: _Stored, decision: PasswordChoiceDecision) -> None:
        if stored.code is not None and decision.outstanding not in (None, stored.code_record):
            work.put(OUTSTANDING_CODES, stored.code, decision.outstanding)
        else:
            at_nobody = stored.at_nobody
            record = at_nobody.record if at_nobody else Throttle(self._attempts_key)
            work.rewrite(THROTTLES, at_nobody, record)

    def _save_choice(self, work: UnitOfWork, stored: _Stored, decision: PasswordChoiceDecision) -> None:
        if stored.code is not None and decision.outstanding is not None:
            work.replace(OUTSTANDING_CODES, stored.code, decision.outstanding)
        if stored.account is not None and decision.account is not None:
            work.replace(ACCOUNTS, stored.account, decision.account)
            way = stored.code.record.way if stored.code else ContactKind.EMAIL
            notify(work, decision.account, decision.events, ChosenWithCode(way))

    def _look(self, work: UnitOfWork) -> _Stored:
        account = account_of_user(work, self.user_key)
        source, [at_nobody] = watched_beside(work, self.source, [Way(_BY_SOURCE)], [self._attempts_key])
        code = outstanding_code(work, account.record.account_id if account else NOBODY)
        way = code.record.way if code else ContactKind.EMAIL
        address = code_address_of(work, account.record if account else None, way)
        if account is None:
            return _Stored(source, at_nobody)
        return _Stored(source, at_nobody, account, code, address)

    @property
    def _attempts_key(self) -> str:
        return attempts_key(f"code/{self._resources.sealer.typed_id(self.user_key)}")


def _goes_to(work: UnitOfWork, account: Account, way: ContactKind) -> Secret | None:
    """Where a code goes; nowhere by text message where no letter could tell the owner of it."""
    is_told = way is ContactKind.EMAIL or address_of(work, account) is not None
    return code_address_of(work, account, way) if is_told else None  # NIST SP 800-63B-4 §4.2.3


def issue_code(work: UnitOfWork, owed: OwedLetter, policy: RecoveryPolicy) -> None:
    """Pay a code that is owed to the owner of an account."""
    kept = work.get(ACCOUNTS, owed.account_id) if owed.account_id is not None else None
    account = kept.record if kept else None
    code = IssuedCode.from_bytes(work.sealer.randomness.token_bytes(CODE_BYTES))
    decision = decide_code_request(
        account,
        letters_of(work, LetterSort.CODE, account.account_id) if account else None,
        code=code,
        way=owed.way,
        address=_goes_to(work, account, owed.way) if account else None,
        requested_at=owed.owed_at,
        policy=policy,
        now=work.now,
    )
    if decision.outstanding is not None and account is not None:
        work.put(OUTSTANDING_CODES, outstanding_code(work, account.account_id), decision.outstanding)
    if decision.letters is not None:
        save_letters(work, decision.letters)
    if decision.notice is not None and account is not None:
        carried = CarriedCode(decision.notice.code, work.local_time(decision.notice.good_until))
        notify(work, account, [decision.event], carried, way=owed.way)
    work.audit([decision.event], Actor.public(), owed.source)
