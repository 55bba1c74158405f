"""Idleness: an account that nobody uses is disabled, and its owner is written to before.

Decides from the rules and the account alone (IRS Pub. 1075, AC-2(3)). Invariants: so many days before, it is
noted that the account will be disabled, and whoever can be written to is; it is not disabled sooner than
these days after that, however late the job comes or however far a clock jumps; days are counted from the last
sign-in, from when the account was made, or from when staff enabled it.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Final, Self

import attrs

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.account import ACCOUNT_STATES, Account, AccountAct
from dcss_core.users.events import AccountEvent

_ORDINARY: Final = "accounts.idle_days"
_PRIVILEGED: Final = "accounts.idle_days_privileged"
_WARNING: Final = "accounts.idle_warning_days"
_MOST_DAYS: Final = 3_660


@attrs.frozen
class IdleAccountWarned(AccountEvent):
    """The owner was written to that the account will be disabled at `disabled_from`, unless they sign in."""

    kind: ClassVar[str] = "user_idle_warned"
    disabled_from: datetime


@attrs.frozen
class IdleAccountDisabled(AccountEvent):
    """An account was taken out of use because nobody had used it since `idle_since`."""

    kind: ClassVar[str] = "user_idle_disabled"
    idle_since: datetime


@attrs.frozen
class IdlenessPolicy:
    """How many days an account may be idle, one of staff with privileges, and when its owner is warned.

    There is none where nobody is disabled for it. Raises RulesError, all faults at once.
    """

    days: int
    days_privileged: int
    warning_days: int

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(key, shown_number(days), f"1 to {_MOST_DAYS} days, or 0 for both kinds of account")
            for key, days in ((_ORDINARY, self.days), (_PRIVILEGED, self.days_privileged))
            if not 1 <= days <= _MOST_DAYS
        ]
        shortest = min(self.days, self.days_privileged)
        if not faults and not 0 < self.warning_days < shortest:
            faults.append(
                Fault(_WARNING, shown_number(self.warning_days), f"1 or more, and fewer than {shortest}")
            )
        if faults:
            raise RulesError("idle accounts can't be disabled like this", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self | None:
        """Read the policy in force."""
        days, privileged = rules.integer(_ORDINARY), rules.integer(_PRIVILEGED)
        warning = rules.integer(_WARNING)
        return cls(days, privileged, warning) if days or privileged else None

    def looked_at_from(self, now: datetime) -> datetime:
        """An account used later than this is neither warned of nor disabled now."""
        shortest = min(self.days, self.days_privileged) - self.warning_days
        try:
            return now - timedelta(days=shortest)
        except OverflowError:
            return datetime.min.replace(tzinfo=now.tzinfo)

    def judged(
        self, account: Account, *, is_privileged: bool, can_be_told: bool, now: datetime
    ) -> "tuple[Account, IdleAccountWarned | IdleAccountDisabled | None] | None":
        """What becomes of an account in use, and what is told of it; None where nothing does."""
        since = account.idle_since
        if since is None or not account.is_active:
            return None
        warning = timedelta(days=self.warning_days)
        ends = since + timedelta(days=self.days_privileged if is_privileged else self.days)
        if account.idle_warned_at is None:
            if now < ends - warning:
                return None
            told = IdleAccountWarned(account.account_id, max(ends, now + warning)) if can_be_told else None
            return attrs.evolve(account, idle_warned_at=now), told
        if now < max(ends, account.idle_warned_at + warning):
            return None
        return _disabled(account), IdleAccountDisabled(account.account_id, since)


def _disabled(account: Account) -> Account:
    state = ACCOUNT_STATES.next_state(account.state, AccountAct.DISABLE)
    # Sessions carry the version they were opened under, so one more ends them all.
    return attrs.evolve(account, state=state, credential_version=account.credential_version + 1)


@attrs.frozen
class IdleReport:
    """How many owners of idle accounts were written to, and how many accounts were disabled."""

    warned: int = 0
    disabled: int = 0

    def __str__(self) -> str:
        return f"{self.warned} warned, {self.disabled} disabled"
