"""Resources: everything a verb needs besides its own arguments.

Decides which day it is at the agency: the day in the jurisdiction's own time zone, whatever the
machine's. Invariant: verbs reach the outside only through these ports.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import attrs

from dcss_core.agency.work import unit_of_work
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.time_zone import time_zone
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.business_calendar import BusinessCalendar
from dcss_core.errors import ConfigurationError, InvariantError
from dcss_core.ports.breach_check import BreachCheck
from dcss_core.ports.clock import Clock
from dcss_core.ports.randomness import Randomness
from dcss_core.ports.storage import Storage
from dcss_core.rules.calendar import business_calendar
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.users.hashing.password_hash import PasswordHasher
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.sign_in.session import TOKEN_BYTES, SessionToken

T = TypeVar("T")


@attrs.frozen(repr=False)
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
    _policies: dict[date, AccountPolicies] = attrs.field(factory=dict, init=False, eq=False)

    def write(self, verb: Callable[[UnitOfWork], T]) -> T:
        """Run a verb in one writing transaction; see `unit_of_work.write`."""
        return unit_of_work.write(self.storage, self.sealer, self.now, verb)

    def read(self, verb: Callable[[UnitOfWork], T]) -> T:
        """Run a verb on one stable snapshot; see `unit_of_work.read`."""
        return unit_of_work.read(self.storage, self.sealer, self.now, verb)

    def now(self) -> datetime:
        """The present instant, in UTC; raises InvariantError when the clock gives another time."""
        now = self.clock.now()
        if now.utcoffset() is None or now.utcoffset():
            raise InvariantError("the clock must give aware instants in UTC")
        return now

    def day_of(self, instant: datetime) -> date:
        """The day an instant falls on at the agency; raises RulesError for a time zone that is none."""
        return self.local_time(instant).date()

    def local_time(self, instant: datetime) -> datetime:
        """An instant by the agency's own clock; raises RulesError for a time zone that is none."""
        return instant.astimezone(time_zone(self.jurisdiction.on(instant.date())))

    def today(self) -> date:
        """The present day at the agency."""
        return self.day_of(self.now())

    def rules(self) -> RulesInForce:
        """The rules in force today."""
        return self.jurisdiction.on(self.today())

    def calendar(self) -> BusinessCalendar:
        """The business days of the jurisdiction."""
        return business_calendar(self.jurisdiction)

    def account_policies(self) -> AccountPolicies:
        """The policies on accounts that are in force today, read from the rules once a day."""
        day = self.today()
        policies = self._policies.get(day)
        if policies is None:
            policies = AccountPolicies.from_rules(self.jurisdiction.on(day))
            self._policies.clear()
            self._policies[day] = policies
        return policies

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

    def new_id(self) -> str:
        """An unguessable id of 128 bits, in hexadecimal."""
        return self.randomness.token_bytes(16).hex()
