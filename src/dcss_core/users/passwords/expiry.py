"""Expiry: when the owner of a password is reminded that it has to be changed.

Decides from the policy in force and the account alone. Invariant: nobody is reminded of what they could not
do, or have to do at once anyway (OWASP ASVS 5.0.0, 6.4.5).
"""

from datetime import datetime, timedelta
from typing import Self

import attrs

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.account import Account
from dcss_core.users.events import PasswordExpiring

_DAYS = "accounts.password_reminder_days"
_MAX_AGE = "accounts.password_max_age_days"
_MOST_DAYS = 366


@attrs.frozen
class ReminderPolicy:
    """A password has to be changed after `max_age`, and its owner is reminded `before` that.

    There is none where no password expires or nobody is reminded. Raises RulesError.
    """

    max_age: timedelta
    before: timedelta

    def __attrs_post_init__(self) -> None:
        if not timedelta(0) < self.before < self.max_age:
            fault = Fault(_DAYS, f"{self.before.days} days", f"fewer than the {self.max_age.days} it lasts")
            raise RulesError("nobody can be reminded like this", faults=[fault])

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self | None:
        """Read the policy in force."""
        days, lasts = rules.integer(_DAYS), rules.integer(_MAX_AGE)
        if not 0 <= days <= _MOST_DAYS:
            fault = Fault(_DAYS, str(days), f"0 for no reminder, or a number of days up to {_MOST_DAYS}")
            raise RulesError("nobody can be reminded like this", faults=[fault])
        return cls(timedelta(days=lasts), timedelta(days=days)) if lasts and days else None

    def last_set(self, now: datetime) -> datetime:
        """The latest instant at which a password was set of which somebody is reminded now."""
        return now - self.max_age + self.before

    def reminder(self, account: Account, now: datetime) -> PasswordExpiring | None:
        """What the owner is to be told; None where there is nothing to tell."""
        until = account.password_set_at + self.max_age
        is_chosen = account.is_active and account.change_reason is None
        if not (is_chosen and until - self.before <= now < until):
            return None
        return PasswordExpiring(account.account_id, account.credential_version, until)
