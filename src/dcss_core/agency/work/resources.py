"""Resources: everything a verb needs besides its own arguments.

Invariants: verbs reach the outside only through these ports; the policies of a day are read from the rules
once and served until the day ends at the agency; where writers queue anyway, what they add to the audit log
is numbered along with it, in batches, and never in the way of a verb.
"""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from weakref import ref

import attrs

from dcss_core.agency.work import transactions
from dcss_core.agency.work.backoff import Backoff
from dcss_core.agency.work.deadline import AtWork, Deadline, verb_at_work
from dcss_core.agency.work.local_time import day_as_instants, day_of, present_instant
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.trail.act import AUDIT_QUEUE
from dcss_core.agency.work.trail.refusals import RefusalsNoted
from dcss_core.agency.work.trail.sequencing import BATCH, number_batch
from dcss_core.agency.work.turns import Turns
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.business_calendar import BusinessCalendar
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.errors import BackendError, ConfigurationError, ConflictError, DcssError, InvariantError
from dcss_core.ports.breach_check import BreachCheck
from dcss_core.ports.clock import Clock
from dcss_core.ports.observer import Observer, retried
from dcss_core.ports.randomness import Randomness
from dcss_core.ports.storage import Storage, Transaction
from dcss_core.rules.calendar import business_calendar
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.users.hashing.password_hash import PasswordHasher
from dcss_core.users.permissions import Permissions
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.sign_in.session import TOKEN_BYTES, SessionToken

T = TypeVar("T")
_NUMBERED_FROM: Final = 64
"""So many entries, or one that waited for a second, are numbered along with the next writing."""
_LONGEST_WAIT: Final = timedelta(seconds=1)
_BY_THE_WAY: Final = 256
"""Entries that are numbered by the way at once: more than come in, in about a millisecond."""


@attrs.frozen
class _Today:
    """What the rules say on one day."""

    begins: datetime
    ends: datetime
    accounts: AccountPolicies
    permissions: Permissions


@attrs.define(repr=False)
class Resources:
    """The ports and the jurisdiction of one open agency.

    `pause` waits for so many seconds, and others can work meanwhile. `sends_letters` says that what stands in
    the outbox goes out, from here or from another process, `reaches` to which kinds of address, None where
    only that other process knows; `why_not_numbered` why what waits for its number
    in the audit log could not be given one the last time.
    """

    storage: Storage
    clock: Clock
    randomness: Randomness
    sealer: Sealer
    jurisdiction: Jurisdiction
    hasher: PasswordHasher
    pause: Callable[[float], None]
    breach_check: BreachCheck | None = None
    sends_letters: bool = True
    reaches: frozenset[ContactKind] | None = None
    observer: Observer | None = None
    why_not_numbered: str | None = attrs.field(default=None, init=False, eq=False)
    _policies: _Today | None = attrs.field(default=None, init=False, eq=False)
    _thread: threading.local = attrs.field(factory=threading.local, init=False, eq=False)
    refusals: RefusalsNoted = attrs.field(factory=RefusalsNoted, init=False, eq=False)
    _turns: Turns = attrs.field(factory=Turns, init=False, eq=False)
    _waiting: int = attrs.field(default=0, init=False, eq=False)
    _waits_since: datetime | None = attrs.field(default=None, init=False, eq=False)

    def write(self, act: Callable[[UnitOfWork], T], *, waits: bool = True) -> T:
        """Run a unit of work in one writing transaction; see `transactions.write`.

        Without `waits` it is done at once or not at all. Raises ConflictError inside another one of the same
        thread, which would wait for itself.
        """
        writes: ref[AtWork] | None = getattr(self._thread, "writes", None)
        if writes is not None and writes() is not None:
            raise ConflictError("a verb is still at work in this thread; call the next one when it is done")
        own = AtWork()
        made: list[UnitOfWork] = []

        def noted(work: UnitOfWork) -> T:
            made.append(work)
            return act(work)

        try:
            self._thread.writes = ref(own)
            result = transactions.write(self.storage, self._begin, noted, self._backoff(waits))
        finally:
            self._thread.writes = None
        self._count_waiting(made[-1])
        return result

    def read(self, act: Callable[[UnitOfWork], T]) -> T:
        """Run a unit of work on one stable snapshot; see `transactions.read`."""
        return transactions.read(self.storage, self._begin, act, self._backoff(waits=True))

    def number_what_waits(self, *, by_job: bool = True, waits: bool = True) -> None:
        """Have what was committed stand numbered in the audit log, unless a job does it (`by_job`).

        An entry that can't be numbered now is numbered later: whoever reads the log sees what is numbered.
        Where nothing waits for a number nobody who writes is waited for, nor kept waiting.
        """
        if by_job and not self.storage.writes_one_at_a_time:
            return
        try:
            is_last = not self.read(lambda work: work.find(AUDIT_QUEUE, ("act",), limit=1))
        except InvariantError as unreadable:  # what is numbered can be read all the same
            self.why_not_numbered, is_last = str(unreadable), True
        while not is_last:
            is_last = self._numbered(BATCH, waits=waits)

    def _count_waiting(self, work: UnitOfWork) -> None:
        if not work.entries or not self.storage.writes_one_at_a_time:
            return
        self._waiting += len(work.entries)
        since = self._waits_since = self._waits_since or work.now
        if self._waiting >= _NUMBERED_FROM or work.now - since >= _LONGEST_WAIT:
            self._waiting, self._waits_since = 0, None
            self._numbered(_BY_THE_WAY, waits=False)

    def _numbered(self, most: int, *, waits: bool) -> bool:
        """Number one batch; whether nothing more is to be done now."""
        try:
            batch = transactions.write(
                self.storage, self._begin, lambda work: number_batch(work, most=most), self._backoff(waits)
            )
        except MemoryError:
            raise
        except Exception as error:  # the verb is done, and its entries wait: merge_delay tells of it
            is_busy = isinstance(error, BackendError) and error.retryable
            why = str(error) if isinstance(error, DcssError) else f"the storage raised {type(error).__name__}"
            self.why_not_numbered = None if is_busy else why
            return True
        self.why_not_numbered = None
        return batch.is_last or batch.is_leased

    def _backoff(self, waits: bool) -> Backoff:
        deadline = Deadline.after(self.storage.busy_seconds) if waits else Deadline.over()
        return Backoff(deadline, self.randomness, self.pause, self._retried)

    def _retried(self, error: DcssError, attempt: int) -> None:
        at_work = verb_at_work()
        if at_work is not None:
            at_work.retries += 1
        retried(self.observer, "" if at_work is None else at_work.verb, error.code, attempt)

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
                "as in open_agency(…, channels=['smtps://…']), or say channels=None where another process "
                "dispatches the outbox"
            )

    def check_reaches(self, kind: ContactKind) -> None:
        """Refuse a kind of address that no channel takes, before anybody is looked up.

        Raises ConfigurationError, the same for everybody.
        """
        self.check_letters_go_out()
        if self.reaches is not None and kind not in self.reaches:
            raise ConfigurationError(
                f"no channel of this agency takes addresses of the kind '{kind.value}'; open the agency with "
                "one that does"
            )

    def new_token(self) -> SessionToken:
        """A session token nobody can guess."""
        return SessionToken.from_bytes(self.randomness.token_bytes(TOKEN_BYTES))

    def _begin(self, transaction: Transaction) -> UnitOfWork:
        now = self.now()
        turn = self._turns.next(now)
        return UnitOfWork(transaction, self.sealer, self.jurisdiction, now, turn, refusals=self.refusals)

    def _in_force(self) -> _Today:
        now, policies = self.now(), self._policies
        if policies is None or not policies.begins <= now < policies.ends:
            day = self.day_of(now)
            rules = self.jurisdiction.on(day)
            policies = self._policies = _Today(
                *day_as_instants(self.jurisdiction, day),
                AccountPolicies.from_rules(rules),
                Permissions.from_rules(rules),
            )
        return policies
