"""Issued codes: a code sent to the address on file, good for choosing a new password and nothing else.

Decides when a code is issued and whether one that was typed is good. Invariants: the code has 140 random
bits and only its SHA-256 is kept (enough from 112 bits on: NIST SP 800-63B-4 §3.1.2.2); it is bound to
its account, its purpose, the password and the address as they were when it was issued; it works once, for as
long as the way it went allows, and a new one replaces it, whichever way that goes; whoever asks for one is
told the same, whether or not there is an account. It opens no session and ends no lock.
"""

import hmac
from datetime import datetime
from typing import Final, Self

import attrs

from dcss_core.base.events import Event
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError
from dcss_core.users.account import Account
from dcss_core.users.letter_groups import hash_of_letters, letter_groups
from dcss_core.users.recovery.events import (
    CodeRefusal,
    CodeRequestRefusal,
    RecoveryCodeExhausted,
    RecoveryCodeIssued,
    RecoveryCodeNotIssued,
)
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.policy import RecoveryPolicy

CODE_BYTES: Final = 28  # 5 bits of each make 140; OWASP ASVS 5.0.0, 11.5.1 asks for 128
_PURPOSE: Final = "choose a password 1"


class IssuedCode(Secret):
    """A code as it stands in the letter."""

    __slots__ = ()

    @classmethod
    def from_bytes(cls, random: bytes) -> Self:
        """Make a code from 28 random bytes; raises InvariantError for another number."""
        if len(random) != CODE_BYTES:
            raise InvariantError(f"a code is made from {CODE_BYTES} bytes, not {len(random)}")
        return cls(letter_groups(random))


@attrs.frozen
class OutstandingCode:
    """The code issued last to an account, as it is stored: its hash and what it is bound to.

    `way` is what kind of address it went to.
    """

    account_id: str
    code_hash: str
    credential_version: int
    address: Secret
    issued_at: datetime
    expires_at: datetime
    failures: int = 0
    used_at: datetime | None = None
    way: ContactKind = ContactKind.EMAIL

    def is_good(
        self, account: Account, address: Secret | None, policy: RecoveryPolicy, now: datetime
    ) -> bool:
        """Whether the right code would be accepted now."""
        return self._fault(account, address, policy, now) is None

    def refusal(
        self, typed: Secret, account: Account, address: Secret | None, policy: RecoveryPolicy, now: datetime
    ) -> CodeRefusal | None:
        """Why what was typed is not accepted; None when it is."""
        fault = self._fault(account, address, policy, now)
        if fault is not None:
            return fault
        matches = hmac.compare_digest(self.code_hash, _hash(typed, account.account_id))
        return None if matches else CodeRefusal.WRONG_CODE

    def after_wrong_code(self, policy: RecoveryPolicy) -> tuple["OutstandingCode", tuple[Event, ...]]:
        """Count one wrong code; after too many the right one is worth nothing either."""
        counted = attrs.evolve(self, failures=self.failures + 1)
        if counted.failures < policy.code_failure_limit:
            return counted, ()
        return counted, (RecoveryCodeExhausted(self.account_id, counted.failures),)

    def _fault(
        self, account: Account, address: Secret | None, policy: RecoveryPolicy, now: datetime
    ) -> CodeRefusal | None:
        if self.account_id != account.account_id:
            raise InvariantError("the code was checked against another account")
        faults = (
            (self.used_at is not None, CodeRefusal.USED),
            (self.failures >= policy.code_failure_limit, CodeRefusal.TOO_MANY_FAILURES),
            # A clock that steps back behind the issue makes no code last longer.
            (not self.issued_at <= now < self.expires_at, CodeRefusal.EXPIRED),
            (self.credential_version != account.credential_version, CodeRefusal.PASSWORD_CHANGED),
            (address is None or self.address != address, CodeRefusal.ADDRESS_CHANGED),
        )
        return next((fault for holds, fault in faults if holds), None)


@attrs.frozen
class CodeRequested:
    """The one answer to whoever asks for a code."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return (
            "If this user ID has an account with an address on file, a code is on its way to that address. "
            "It works for a short time and replaces any code sent before."
        )


@attrs.frozen
class CodeNotice:
    """What goes to the address on file: the code and until when it is good."""

    code: IssuedCode
    good_until: datetime


@attrs.frozen
class CodeRequestDecision:
    """What to save, to send and to record; the caller sees the same each time."""

    event: Event
    outstanding: OutstandingCode | None = None
    letters: RecoveryLetters | None = None
    notice: CodeNotice | None = None


def decide_code_request(
    account: Account | None,
    letters: RecoveryLetters | None,
    *,
    code: IssuedCode,
    way: ContactKind,
    address: Secret | None,
    requested_at: datetime,
    policy: RecoveryPolicy,
    now: datetime,
) -> CodeRequestDecision:
    """Decide a request for a code, away from whoever asked (CVE-2024-45231).

    A request older than a code would be good for is forgotten: nobody waits for its letter any more.
    """
    lasts = policy.code_lasts(way)
    is_late = now - requested_at >= lasts
    reason = _reason_against_issue(account, letters, address, policy, now, is_late=is_late)
    if account is None or letters is None or address is None or reason is not None:
        account_id = account.account_id if account else None
        not_issued = RecoveryCodeNotIssued(account_id, reason or CodeRequestRefusal.UNKNOWN_USER)
        return CodeRequestDecision(not_issued)
    good_until = now + lasts
    outstanding = OutstandingCode(
        account_id=account.account_id,
        code_hash=_hash(code, account.account_id),
        credential_version=account.credential_version,
        address=address,
        issued_at=now,
        expires_at=good_until,
        way=way,
    )
    return CodeRequestDecision(
        outstanding=outstanding,
        letters=letters.after_letter(policy, now),
        notice=CodeNotice(code, good_until),
        event=RecoveryCodeIssued(account.account_id, good_until, way),
    )


def _reason_against_issue(
    account: Account | None,
    letters: RecoveryLetters | None,
    address: Secret | None,
    policy: RecoveryPolicy,
    now: datetime,
    *,
    is_late: bool,
) -> CodeRequestRefusal | None:
    if account is None or letters is None:
        return CodeRequestRefusal.UNKNOWN_USER
    if not account.is_active:
        return CodeRequestRefusal.ACCOUNT_NOT_ACTIVE
    if address is None:
        return CodeRequestRefusal.NO_ADDRESS
    if is_late:
        return CodeRequestRefusal.TOO_LATE
    return None if letters.may_send(policy, now) else CodeRequestRefusal.TOO_MANY_LETTERS


def _hash(code: Secret, account_id: str) -> str:
    return hash_of_letters(code, purpose=_PURPOSE, owner_id=account_id)
