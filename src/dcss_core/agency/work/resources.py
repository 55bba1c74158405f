"""Resources: everything a verb needs besides its own arguments.

Invariants: verbs reach the outside only through these ports; the policies of a day are read from the rules
once and served until the day ends at the agency.
"""

import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import attrs

from dcss_core.agency.work import unit_of_work
from dcss_core.agency.work.local_time import day_of, present_instant
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.business_calendar import BusinessCalendar
from dcss_core.errors import ConfigurationError, ConflictError
from dcss_core.ports.breach_check import BreachCheck
from dcss_core.ports.clock import Clock
from dcss_core.ports.randomness import Randomness
from dcss_core.ports.storage import Storage, Transaction
from dcss_core.rules.calendar import business_calendar
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.users.hashing.password_hash import PasswordHasher
from dcss_core.users.permissions import Permissions
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.sign_in.session import TOKEN_BYTES, SessionToken

T = TypeVar("T")


@attrs.frozen
class _Today:
    """What the rules say on one day."""

    day: date
    accounts: AccountPolicies
    permissions: Permissions


@attrs.define(repr=False)
class Resources:
    """The ports and the jurisdiction of one open agency.

    `sends_letters` says that what stands in the outbox goes out, from here or from another process.
    """

    storage: Storage
    clock: Clock
    randomness: Randomness
    sealer: Sealer
    jurisdiction: Jurisdiction
    hasher: PasswordHasher
    breach_check: BreachCheck | None = None
    sends_letters: bool = True
    _policies: _Today | None = attrs.field(default=None, init=False, eq=False)
    _thread: threading.local = attrs.field(factory=threading.local, init=False, eq=False)

    def write(self, verb: Callable[[UnitOfWork], T]) -> T:
        """Run a verb in one writing transaction; see `unit_of_work.write`.

        Raises ConflictError inside another one of the same thread, which would wait for itself.
        """
        if getattr(self._thread, "writes", False):
            raise ConflictError("a verb is still at work in this thread; call the next one when it is done")
        self._thread.writes = True
        try:
            return unit_of_work.write(self.storage, self._begin, verb)
        finally:
            self._thread.writes = False

    def read(self, verb: Callable[[UnitOfWork], T]) -> T:
        """Run a verb on one stable snapshot; see `unit_of_work.read`."""
        return unit_of_work.read(self.storage, self._begin, verb)

    def now(self) -> datetime:
        """The present instant, in UTC; raises InvariantError when the clock gives another time."""
        return present_instant(self.clock)

    def day_of(self, instant: datetime) -> date:
        """The day an instant falls on at the agency; raises RulesError for a time zone that is none."""
        return day_of(self.jurisdiction, instant)

    def today(self) -> date:
        """The present day at the agency."""
        return self.day_of(self.now())

    def calendar(self) -> BusinessCalendar:
        """The business days of the jurisdiction."""
        return business_calendar(self.jurisdiction)

    def account_policies(self) -> AccountPolicies:
        """The policies on accounts that are in force today."""
        return self._in_force().accounts

    def permissions(self) -> Permissions:
        """Who may use which verb today."""
        return self._in_force().permissions

    def check_letters_go_out(self) -> None:
        """Refuse what would end in a letter that nobody sends, before anybody is looked up.

        Raises ConfigurationError, the same for everybody.
        """
        if not self.sends_letters:
            raise ConfigurationError(
                "this would send a letter, and the agency was opened without a channel to send it; name one, "
                "as in open_agency(…, channels=['smtp://…']), or say channels=None where another process "
                "dispatches the outbox"
            )

    def new_token(self) -> SessionToken:
        """A session token nobody can guess."""
        return SessionToken.from_bytes(self.randomness.token_bytes(TOKEN_BYTES))

    def _begin(self, transaction: Transaction) -> UnitOfWork:
        return UnitOfWork(transaction, self.sealer, self.jurisdiction, self.now())

    def _in_force(self) -> _Today:
        day = self.today()
        if self._policies is None or self._policies.day != day:
            rules = self.jurisdiction.on(day)
            self._policies = _Today(day, AccountPolicies.from_rules(rules), Permissions.from_rules(rules))
        return self._policies
