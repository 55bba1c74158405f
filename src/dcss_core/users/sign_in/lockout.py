"""Lockout: how wrong passwords close an account, for a while and in the end.

Decides from the account alone, never from the source address (see `users.throttle` for that).
Invariants: a failure while locked counts for nothing, unless a jurisdiction says that it begins the
lock anew; only a finished sign-in sets the counts back, and a reset never ends a lock; a clock that
steps back neither unlocks early nor forgets a failure, unless it was ahead by more than a day.
"""

from datetime import datetime, timedelta
from typing import Final, Self

import attrs

from dcss_core.base.clocks.wrong_clock import is_too_far_ahead
from dcss_core.base.events import Event
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.account import Account

_HIGHEST_HARD_LIMIT: Final = 100  # NIST SP 800-63B-4 §3.2.2
_KEYS: Final = {
    "failure_limit": "accounts.failure_limit",
    "hard_failure_limit": "accounts.hard_failure_limit",
    "failure_window": "accounts.failure_window_minutes",
    "lock": "accounts.lock_minutes",
}


@attrs.frozen
class LockoutPolicy:
    """How many failures lock an account for a while, and how many disable its password.

    `failure_limit` failures within `window` lock for `lock_for`; `hard_limit` in a row disable.
    `failures_extend` says whether a failure while locked begins the lock anew; with it, a stranger can
    keep an owner out for as long as they like.
    Raises RulesError, all faults at once.
    """

    failure_limit: int
    window: timedelta
    lock_for: timedelta
    hard_limit: int
    failures_extend: bool = False

    def __attrs_post_init__(self) -> None:
        faults = []
        if not 1 <= self.failure_limit <= self.hard_limit:
            expected = f"1 to the hard limit of {self.hard_limit}"
            faults.append(Fault("failure_limit", shown_number(self.failure_limit), expected))
        if self.hard_limit > _HIGHEST_HARD_LIMIT:
            faults.append(
                Fault("hard_failure_limit", shown_number(self.hard_limit), f"{_HIGHEST_HARD_LIMIT} or fewer")
            )
        for name, span in (("failure_window", self.window), ("lock", self.lock_for)):
            if span <= timedelta(0):
                faults.append(Fault(name, str(span), "a positive time"))
        if faults:
            raise RulesError("these rules can't lock an account", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self:
        """Read the policy in force."""
        return policy_of_rules(
            lambda read: cls(
                failure_limit=rules.integer("accounts.failure_limit"),
                window=read.span(rules, "accounts.failure_window_minutes"),
                lock_for=read.span(rules, "accounts.lock_minutes"),
                hard_limit=rules.integer("accounts.hard_failure_limit"),
                failures_extend=rules.flag("accounts.failures_extend_lock"),
            ),
            keys=_KEYS,
        )

    def keeps_out(self, account: Account, now: datetime) -> bool:
        """Whether sign-in is locked; a lock that a wrong clock has set, too far ahead, is none."""
        until = account.locked_until
        return (
            until is not None
            and account.is_locked(now)
            and not is_too_far_ahead(until, now, lasts=self.lock_for)
        )

    def has_disabled(self, account: Account) -> bool:
        """Whether so many failures came in a row that the password must be replaced to be used again."""
        return account.consecutive_failures >= self.hard_limit

    def after_failure(self, account: Account, now: datetime) -> tuple[Account, tuple[Event, ...]]:
        """Count one wrong password, tried while the account was open."""
        from dcss_core.users.events import AccountLocked, PasswordDisabled  # policies are read without events

        recent = (*within(account.failed_sign_ins, self.window, now), now)
        counted = attrs.evolve(
            account, failed_sign_ins=recent, consecutive_failures=account.consecutive_failures + 1
        )
        events: list[Event] = []
        if len(recent) >= self.failure_limit:
            until = now + self.lock_for
            counted = attrs.evolve(counted, failed_sign_ins=(), locked_until=until)
            events.append(AccountLocked(account.account_id, until))
        if self.has_disabled(counted):
            events.append(PasswordDisabled(account.account_id, counted.consecutive_failures))
        return counted, tuple(events)

    def while_locked(self, account: Account, now: datetime) -> Account:
        """The account after a wrong password that came while it was locked."""
        return attrs.evolve(account, locked_until=now + self.lock_for) if self.failures_extend else account


def after_success(account: Account) -> Account:
    """Set the counts back after a finished sign-in; the account was not locked."""
    if not (account.failed_sign_ins or account.consecutive_failures or account.locked_until):
        return account
    return attrs.evolve(account, failed_sign_ins=(), consecutive_failures=0, locked_until=None)


def within(instants: tuple[datetime, ...], window: timedelta, now: datetime) -> tuple[datetime, ...]:
    """The instants less than `window` ago; one that a stepped clock puts in the future still counts.

    Not one that lies further ahead than a clock steps.
    """
    return tuple(
        instant for instant in instants if now - instant < window and not is_too_far_ahead(instant, now)
    )
