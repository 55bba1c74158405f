"""Passkey alone: one attempt to sign in without user ID and password, from the challenge to what is saved.

Decides what a challenge is: an instant, chance, and a keyed digest of both, so that nothing is kept of those
that nobody answers. Invariants: the account is found by the random handle that its devices have and by
nothing else; what an answer uses up is saved in the transaction that lets its owner in, so that of two at
once one gets in; a wrong answer counts for the source, the account and its factors. For a handle that nobody
has less is written: it has 256 random bits, so none is found by asking.
"""

import hmac
from datetime import datetime
from typing import Final

import attrs

from dcss_core.agency.accounts.agreeing import banner_accepted
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.callers.found import NOBODY, owner
from dcss_core.agency.callers.throttling import TypedId, WatchedSource, sign_in_ways, watched
from dcss_core.agency.filing.accounts import ACCOUNTS, SECOND_FACTORS, SESSIONS
from dcss_core.agency.sending.owing import owe_letters
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.users.account import Account
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.second_factor.events import SecondFactorCopied
from dcss_core.users.second_factor.factor import AcceptedCode, CopiedDevice, SecondFactor, judged_alone
from dcss_core.users.second_factor.method import LONGEST_ANSWER, LoneFactorMethod
from dcss_core.users.sign_in.lone_factor import (
    PasskeyAsked,
    PasskeyDecision,
    decide_passkey_sign_in,
    is_fresh,
)
from dcss_core.users.sign_in.sign_in import SignInOutcome, SignInRequest

_NONCE_BYTES: Final = 16
_LONGEST_CHALLENGE: Final = 200
_LONGEST_HANDLE: Final = 64


@attrs.frozen
class LoneMethod:
    """The method that stands alone, and the key its factors are kept by."""

    key: str
    method: LoneFactorMethod


@attrs.frozen
class _Found:
    """Whom an answer says it is of, as stored."""

    account: Kept[Account] | None
    factor: Kept[SecondFactor] | None
    source: WatchedSource


def asked_anybody(resources: Resources, lone: LoneMethod) -> PasskeyAsked:
    """A challenge for whoever comes."""
    now, within = resources.now(), resources.account_policies().sessions.factor_within
    text = f"{now.isoformat()} {resources.randomness.token_bytes(_NONCE_BYTES).hex()}"
    challenge = f"{text} {resources.sealer.tags_of_challenge(text)[0]}"
    return PasskeyAsked(lone.method.ask_anybody(challenge=challenge), Secret(challenge), now + within)


@attrs.frozen(repr=False)
class PasskeyAlone:
    """One attempt."""

    challenge: Secret
    answer: Secret
    request: SignInRequest
    lone: LoneMethod
    policies: AccountPolicies

    def outcome(self, work: UnitOfWork) -> SignInOutcome:
        """Judge the answer, and save what became of it."""
        found = self._found(work)
        judged = self._judged(work, found)
        account = found.account.record if found.account else None
        decision = decide_passkey_sign_in(
            account,
            attrs.evolve(self.request, is_throttled=found.source.is_closed(work)),
            answer_counts=isinstance(judged, AcceptedCode),
            lockout=self.policies.lockout,
            sessions=self.policies.sessions,
            banner=self.policies.banner.version,
            now=work.now,
        )
        if found.account is not None and decision.account is not None:
            work.replace(ACCOUNTS, found.account, decision.account)
        if found.account is not None and decision.session is not None and isinstance(judged, AcceptedCode):
            work.insert(SESSIONS, [decision.session])
            self._let_in(work, found, judged, found.account.record, decision.events)
        else:
            self._keep_out(work, found, judged, decision)
        return decision.outcome

    def _found(self, work: UnitOfWork) -> _Found:
        handle = None if self._is_oversize() else self.lone.method.handle_in(self.answer)
        handle = handle if handle and len(handle) <= _LONGEST_HANDLE and handle.isascii() else NOBODY
        factors = work.find(SECOND_FACTORS, ("handle",), (handle,), limit=1)
        account = work.get(ACCOUNTS, factors[0].record.account_id if factors else NOBODY)
        typed = TypedId(
            work.sealer.typed_id(account.record.user_key if account else handle),
            account.record.account_id if account else None,
        )
        source = watched(work, self.request.source, *sign_in_ways(typed))
        return _Found(account, factors[0] if factors else None, source)

    def _judged(self, work: UnitOfWork, found: _Found) -> AcceptedCode | CopiedDevice | None:
        factor, asked_at = found.factor, _asked_at(self.challenge, work.sealer)
        if factor is None or asked_at is None or self._is_oversize():
            return None
        if not is_fresh(
            asked_at, factor.record.asked_alone_at, self.policies.sessions.factor_within, work.now
        ):
            return None
        verdict = self.lone.method.check_alone(
            factor.record.keys_of(self.lone.key),
            self.answer,
            challenge=self.challenge.reveal(),
            now=work.now,
        )
        judged = judged_alone(
            factor.record, self.lone.key, verdict, limit=self.policies.lockout.hard_limit, now=work.now
        )
        if isinstance(judged, AcceptedCode):
            return attrs.evolve(judged, factor=attrs.evolve(judged.factor, asked_alone_at=asked_at))
        return judged

    def _let_in(
        self,
        work: UnitOfWork,
        found: _Found,
        judged: AcceptedCode,
        account: Account,
        decided: tuple[Event, ...],
    ) -> None:
        work.put(SECOND_FACTORS, found.factor, judged.factor)
        events = (*decided, *banner_accepted(work, self.policies.banner, account))
        notify(work, account, events)
        work.audit(events, owner(account), self.request.source)

    def _keep_out(
        self,
        work: UnitOfWork,
        found: _Found,
        judged: AcceptedCode | CopiedDevice | None,
        decision: PasskeyDecision,
    ) -> None:
        counted: tuple[Event, ...] = ()
        if decision.is_wrong_answer and found.factor is not None:
            factor, counted = found.factor.record.after_wrong_code(self.policies.lockout.hard_limit)
            work.replace(SECOND_FACTORS, found.factor, factor)
            if isinstance(judged, CopiedDevice):
                counted = (SecondFactorCopied(factor.account_id, judged.factor_id), *counted)
        if found.account is not None:
            notify(work, found.account.record, counted)
        events = (*decision.events, *found.source.count_failure(work, self.policies.throttles))
        owe_letters(work, events, self.request.source)
        work.audit((*events, *counted), Actor.public(), self.request.source)

    def _is_oversize(self) -> bool:
        return len(self.answer.reveal()) > LONGEST_ANSWER


def _asked_at(challenge: Secret, sealer: Sealer) -> datetime | None:
    """When the agency asked with this challenge; None for one that is not its own."""
    written = challenge.reveal()
    text, _, tag = written.rpartition(" ")
    if len(written) > _LONGEST_CHALLENGE or not written.isascii():
        return None
    if not any(hmac.compare_digest(tag, known) for known in sealer.tags_of_challenge(text)):
        return None
    return datetime.fromisoformat(text.partition(" ")[0])
