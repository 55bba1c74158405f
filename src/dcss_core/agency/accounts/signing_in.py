"""Signing in: one attempt, from what was typed to what is saved.

Decides only in which order things are asked: look, hash once, decide, look again, and decide anew where
something has changed. Invariants: one run of the slow hash whatever the outcome, and none where the source
is closed, to all or to what was typed; its verdict counts only for the password it was given for; what was
decided counts only while all it was decided on is stored unchanged; whatever else is done for somebody who
will be let in is done for nobody else, since it would say that the password was right; for everybody who is
refused as much is read and written, whether or not there is an account, and whatever keeps them out.
"""

from datetime import datetime
from functools import cached_property

import attrs

from dcss_core.agency.accounts.agreeing import banner_accepted
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.found import NOBODY, account_of_user, owner
from dcss_core.agency.callers.throttling import (
    TypedId,
    WatchedSource,
    is_turned_away,
    sign_in_ways,
    watched_beside,
)
from dcss_core.agency.filing.accounts import (
    ACCOUNTS,
    SECOND_FACTORS,
    SESSIONS,
    THROTTLES,
)
from dcss_core.agency.sending.owing import owe_letters, owe_unless_given
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.users.account import Account, ChangeReason
from dcss_core.users.events import SignInFailed, SignInRefusal
from dcss_core.users.hashing.verdict import PasswordVerdict
from dcss_core.users.passwords.password import Password
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.second_factor.factor import SecondFactor, factor_standing
from dcss_core.users.sign_in.attempts_at_nobody import after_failure_at_nobody, attempts_key
from dcss_core.users.sign_in.session import FactorStanding
from dcss_core.users.sign_in.sign_in import (
    SecondFactorDue,
    SignInDecision,
    SignInOutcome,
    SignInRefused,
    SignInRequest,
    Upkeep,
    let_in,
    refusal,
)
from dcss_core.users.sign_in.throttle import Throttle, ThrottledFlow


@attrs.frozen
class _Stored:
    """What is stored about the user id at one moment; `at_nobody` counts where no account does."""

    account: Kept[Account] | None
    factor: Kept[SecondFactor] | None
    source: WatchedSource
    at_nobody: Kept[Throttle] | None
    is_throttled: bool

    @property
    def record(self) -> Account | None:
        return self.account.record if self.account else None


@attrs.frozen
class _Foreseen:
    """What was decided, and on what; `upkeep` for somebody who is let in."""

    seen: _Stored
    at: datetime
    verdict: PasswordVerdict
    refused: SignInDecision | None
    upkeep: Upkeep | None = None


@attrs.frozen(repr=False)
class SigningIn:
    """One attempt; `user_key` is empty when nobody can have such a user id or password."""

    _resources: Resources
    _checks: PasswordChecks
    _policies: AccountPolicies
    user_key: str
    password: Password
    request: SignInRequest

    def outcome(self) -> SignInOutcome:
        """Make the attempt, count it and record it."""
        seen = self._resources.read(self._look)
        if seen.source.is_closed_to_all(self._resources.now()) and self._is_turned_away():
            return SignInRefused()
        foreseen = self._foreseen_at_first(seen)
        decision = self._resources.write(lambda work: self._settled(work, foreseen))
        if decision is None:
            # What kept the owner out has ended since it was foreseen, so the upkeep was not made.
            anew = self._foreseen_anew(foreseen.verdict)
            decision = self._resources.write(lambda work: self._settled(work, anew))
        return SignInRefused() if decision is None else decision.outcome

    def _is_turned_away(self) -> bool:
        return is_turned_away(
            self._resources,
            ThrottledFlow.SIGN_IN_BY_SOURCE,
            self.request.source,
            self._policies.throttles,
            SignInFailed(None, SignInRefusal.SOURCE_THROTTLED),
        )

    def _foreseen_at_first(self, seen: _Stored) -> _Foreseen:
        # Whether it is closed depends on what was typed and on nobody's account, so it may cost less.
        matches = not seen.is_throttled and self._checks.matches(self.password, seen.record)
        verdict = PasswordVerdict.of(seen.record, matches=matches)
        return self._kept_up(self._foreseen(seen, verdict, self._resources.now()))

    def _foreseen_anew(self, verdict: PasswordVerdict) -> _Foreseen:
        seen = self._resources.read(self._look)
        return self._kept_up(self._foreseen(seen, verdict, self._resources.now()))

    def _kept_up(self, foreseen: _Foreseen) -> _Foreseen:
        account = foreseen.seen.record
        if account is None or foreseen.refused is not None:
            return foreseen
        return attrs.evolve(foreseen, upkeep=self._upkeep(account, self._standing(foreseen.seen)))

    def _upkeep(self, account: Account, standing: FactorStanding) -> Upkeep:
        with_mfa = standing is not FactorStanding.NOT_USED
        judged_under = f"{self._policies.passwords.fingerprint}{'/mfa' if with_mfa else ''}"
        return Upkeep(
            change_due=self._change_due(account, judged_under),
            judged_under=judged_under,
            banner=self._policies.banner.version,
            rehashed=self._checks.rehashed(self.password, account),
        )

    def _change_due(self, account: Account, judging: str) -> ChangeReason | None:
        """Why a right password has to be changed: rules that have changed since lock nobody out."""
        passwords = self._policies.passwords
        if passwords.is_expired(account.password_set_at, self._resources.now()):
            return ChangeReason.EXPIRED
        if account.judged_under == judging:
            return account.change_due
        context = self._checks.context(account, self._policies)
        broken = passwords.violations(self.password, context)
        return ChangeReason.AGAINST_POLICY if broken else None

    def _settled(self, work: UnitOfWork, foreseen: _Foreseen) -> SignInDecision | None:
        """Save what was foreseen, or decide anew where something changed meanwhile.

        None when somebody would be let in unprepared.
        """
        stored = self._look(work, foreseen.seen)
        if stored is not foreseen.seen:
            foreseen = self._foreseen(stored, foreseen.verdict, work.now, foreseen.upkeep)
        decision = foreseen.refused or self._let_in(foreseen)
        if decision is None:
            return None
        if decision.session is None:
            self._refuse(work, stored, decision)
        elif stored.account is not None and decision.account is not None:
            self._admit(work, stored.account, decision.account, decision)
        return decision

    def _admit(
        self, work: UnitOfWork, kept: Kept[Account], account: Account, decision: SignInDecision
    ) -> None:
        events = (*decision.events, *banner_accepted(work, self._policies.banner, kept.record))
        work.replace(ACCOUNTS, kept, account)
        work.insert(SESSIONS, [decision.session] if decision.session else [])
        notify(work, account, events)
        if isinstance(decision.outcome, SecondFactorDue):
            owe_unless_given(work, decision.outcome.session)
        work.audit(events, owner(account), self.request.source)

    def _refuse(self, work: UnitOfWork, stored: _Stored, decision: SignInDecision) -> None:
        events = (*decision.events, *stored.source.count_failure(work, self._policies.throttles))
        if stored.account is not None and decision.account not in (None, stored.record):
            work.replace(ACCOUNTS, stored.account, decision.account)
        elif not stored.is_throttled:
            events += self._counted_at_nobody(work, stored)
        owe_letters(work, events, self.request.source)
        work.audit(events, Actor.public(), self.request.source)

    def _counted_at_nobody(self, work: UnitOfWork, stored: _Stored) -> tuple[Event, ...]:
        """Count where no account does: one row is written all the same."""
        kept = stored.at_nobody
        counted = kept.record if kept else Throttle(attempts_key(self._typed_id))
        is_locked = stored.record is not None and self._policies.lockout.keeps_out(stored.record, work.now)
        events: tuple[Event, ...] = ()
        if not is_locked:
            counted, events = after_failure_at_nobody(counted, self._policies.lockout, work.now)
        work.rewrite(THROTTLES, kept, counted)
        return events

    def _look(self, work: UnitOfWork, seen: _Stored | None = None) -> _Stored:
        """What is stored by now; what was seen before, while nothing of it has changed."""
        if seen is None:
            account = account_of_user(work, self.user_key)
        elif seen.account is not None:
            account = work.again(ACCOUNTS, seen.account)
        else:  # whoever registers at this moment signs in at the next
            account = work.get(ACCOUNTS, NOBODY)
        account_id = account.record.account_id if account else None
        ways = sign_in_ways(TypedId(self._typed_id, account_id))
        source, [at_nobody] = watched_beside(work, self.request.source, ways, [attempts_key(self._typed_id)])
        factor = work.get(SECOND_FACTORS, account_id or NOBODY)
        is_same = seen is not None and (account, factor, source, at_nobody) == (
            seen.account,
            seen.factor,
            seen.source,
            seen.at_nobody,
        )
        if seen is not None and is_same:
            return seen
        # a password that was not looked at, since the source was closed, counts for no account
        is_throttled = source.is_closed(work) or (seen is not None and seen.is_throttled)
        return _Stored(account, factor, source, at_nobody, is_throttled)

    @cached_property
    def _typed_id(self) -> str:
        return self._resources.sealer.typed_id(self.user_key)

    def _foreseen(
        self, stored: _Stored, verdict: PasswordVerdict, at: datetime, upkeep: Upkeep | None = None
    ) -> _Foreseen:
        if not verdict.is_about(stored.record):
            verdict, upkeep = PasswordVerdict.of(stored.record, matches=False), None
        refused = refusal(
            stored.record,
            attrs.evolve(self.request, is_throttled=True) if stored.is_throttled else self.request,
            password_matches=verdict.holds_for(stored.record),
            lockout=self._policies.lockout,
            now=at,
        )
        return _Foreseen(stored, at, verdict, refused, upkeep)

    def _let_in(self, foreseen: _Foreseen) -> SignInDecision | None:
        account = foreseen.seen.record
        if account is None or foreseen.upkeep is None:
            return None
        return let_in(
            account,
            self.request,
            lockout=self._policies.lockout,
            sessions=self._policies.sessions,
            now=foreseen.at,
            factor=self._standing(foreseen.seen),
            upkeep=foreseen.upkeep,
        )

    def _standing(self, stored: _Stored) -> FactorStanding:
        factor = stored.factor.record if stored.factor else None
        return factor_standing(factor, demanded=self._policies.second_factor_demanded)
