"""Asking again: the password is given once more inside a session, before something is changed.

Invariants: one run of the slow hash, outside of the transaction that acts on its verdict, and none where
nothing could come of it, since the session allows no such change, the account is locked or the source closed;
the verdict counts as `PasswordVerdict` says; a failure counts against its source like one of sign-in.
"""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import attrs

from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.throttling import TypedId, WatchedSource, sign_in_ways, watched
from dcss_core.agency.filing.accounts import ACCOUNTS, SECOND_FACTORS
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.users.account import Account
from dcss_core.users.events import ReauthenticationFailed
from dcss_core.users.hashing.verdict import PasswordVerdict
from dcss_core.users.passwords.password import Password
from dcss_core.users.permissions import not_permitted
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.sign_in.reauthentication import (
    Reauthentication,
    ReauthenticationRefused,
    reauthenticate,
)
from dcss_core.users.sign_in.session import Assurance, SessionScope, SessionToken

T = TypeVar("T")

Allowed: TypeAlias = Callable[[UnitOfWork, Admitted], object]
"""Raises unless what is asked for may be done in the session of whoever was let in."""


@attrs.frozen(repr=False)
class AskedAgain:
    """What was seen when the password was asked again: who asked, what they typed, whether it was right.

    Of one that `could_be_accepted` by nobody then there is no verdict, and it stays refused.
    """

    caller: Admitted
    typed: Password
    verdict: PasswordVerdict
    could_be_accepted: bool
    source: str | None
    policies: AccountPolicies

    @property
    def account(self) -> Account:
        """The account as it was seen."""
        return self.caller.holder.account.record

    def judged(self, work: UnitOfWork, account: Account) -> Reauthentication:
        """The password judged on the account as it is now, with a failure counted against the source."""
        watching = _watching(work, account, self.source)
        judged = reauthenticate(
            account,
            password_matches=self.verdict.holds_for(account),
            lockout=self.policies.lockout,
            now=work.now,
            is_throttled=not self.could_be_accepted or watching.is_closed(work),
        )
        if judged.refusal is None:
            return judged
        closed = watching.count_failure(work, self.policies.throttles)
        return attrs.evolve(judged, events=(*judged.events, *closed))

    def counted_as_a_guess(self, work: UnitOfWork, account: Account) -> tuple[Event, ...]:
        """Count against the source what was refused for a reason that tells of the file."""
        return _watching(work, account, self.source).count_failure(work, self.policies.throttles)


@attrs.frozen(repr=False)
class AskingAgain:
    """Asks whoever is signed in for their password."""

    _door: Door
    _passwords: PasswordChecks

    def asked(
        self,
        verb: str,
        token: SessionToken,
        password: Secret,
        source: str | None,
        policies: AccountPolicies,
        *,
        allowed: Allowed,
    ) -> AskedAgain:
        """Let the caller in to a verb that is `allowed` in their session, and hash what they typed.

        Raises as the door and `allowed` do.
        """

        def seen(work: UnitOfWork, admitted: Admitted) -> tuple[Admitted, bool]:
            allowed(work, admitted)
            account = admitted.holder.account.record
            judged = reauthenticate(
                account,
                password_matches=True,
                lockout=policies.lockout,
                now=work.now,
                is_throttled=_watching(work, account, source).is_closed(work),
            )
            return admitted, judged.refusal is None

        caller, could_be_accepted = self._door.write(verb, token, seen)
        typed = self._passwords.typed_or_empty(password)
        account = caller.holder.account.record
        matches = could_be_accepted and self._passwords.matches(typed, account)
        verdict = PasswordVerdict.of(account, matches=matches)
        return AskedAgain(caller, typed, verdict, could_be_accepted, source, policies)

    def before(
        self,
        change: Callable[[UnitOfWork, Admitted, Kept[Account]], T],
        *,
        verb: str,
        token: SessionToken,
        password: Secret,
        source: str | None,
        policies: AccountPolicies,
        allowed: Allowed,
    ) -> T | ReauthenticationRefused:
        """Make a change once the password was given again; `allowed` is asked before either.

        The change is given the account as it is saved by then. Raises as the door and `allowed` do.
        """
        asked = self.asked(verb, token, password, source, policies, allowed=allowed)

        def act(work: UnitOfWork, caller: Admitted) -> T | ReauthenticationRefused:
            allowed(work, caller)
            kept = caller.holder.account
            judged = asked.judged(work, kept.record)
            work.replace(ACCOUNTS, kept, judged.account)
            if judged.refusal is None:
                is_new = judged.account != kept.record
                return change(work, caller, Kept(judged.account, kept.version + is_new))
            notify(work, judged.account, judged.events)
            failed = ReauthenticationFailed(kept.record.account_id, judged.refusal)
            work.audit((failed, *judged.events), caller.actor, source)
            return ReauthenticationRefused()

        return self._door.write(verb, token, act)


def by_parent_with_factor(work: UnitOfWork, caller: Admitted) -> None:
    """Raise NotPermittedError unless a parent asks, with the second factor given that is in force."""
    caller.holder.session.record.person_with_cases()
    _with_factor(work, caller)


def by_member_with_factor(work: UnitOfWork, caller: Admitted) -> None:
    """The same for somebody of a remitter."""
    if caller.member_of is None:
        raise not_permitted(work.verb)
    caller.holder.session.record.require(SessionScope.FULL)
    _with_factor(work, caller)


def by_owner_with_factor(work: UnitOfWork, caller: Admitted) -> None:
    """The same for a parent, or somebody of a remitter."""
    by = by_parent_with_factor if caller.member_of is None else by_member_with_factor
    by(work, caller)


def _with_factor(work: UnitOfWork, caller: Admitted) -> None:
    session = caller.holder.session.record
    factor = work.get(SECOND_FACTORS, session.account_id)
    if factor is not None and factor.record.is_enrolled:
        session.require_assurance(Assurance.AAL2)


def _watching(work: UnitOfWork, account: Account, source: str | None) -> WatchedSource:
    typed = TypedId(work.sealer.typed_id(account.user_key), account.account_id)
    return watched(work, source, *sign_in_ways(typed))
