"""The door: who asks, and whether they may, before anything else is loaded.

Decides by one table of the rules (`users.permissions`), whoever the caller is. Invariants: roles and the
state of an account are those of this moment, read in the transaction that acts on them (OWASP ASVS 5.0.0,
8.3.2); a refusal says the same to everybody; that of an actor or an account is in the audit log, that of a
token which is nobody's is not; that somebody looks is committed before anything is read for them, and nobody
who writes waits while it is read; the use of a session is noted, and never fails or delays what only reads.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import TypeAlias, TypeVar

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.found import owner
from dcss_core.agency.filing.accounts import ACCOUNTS, SESSIONS, STAFF_MEMBERS
from dcss_core.agency.filing.remitters import REMITTER_MEMBERS
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.refusals import TRIED_ANEW
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor, ActorKind
from dcss_core.audit.entry import AuditEntry
from dcss_core.errors import BackendError, ConflictError, DcssError, InvariantError, SessionEndedError
from dcss_core.ports.observer import Observer
from dcss_core.users.account import Account, AccountKind
from dcss_core.users.permissions import Permission, Standing, Whoever, not_permitted
from dcss_core.users.remitters.member import RemitterMember
from dcss_core.users.sign_in.session import Session, SessionScope, SessionToken, session_fault, touch_session
from dcss_core.users.staff.member import StaffRole

T = TypeVar("T")
L = TypeVar("L")


@attrs.frozen
class SignedInAs:
    """The session of a token, and its account."""

    session: Kept[Session]
    account: Kept[Account]


@attrs.frozen
class Admitted:
    """Who was let in, as the audit log names them, and the session of whoever came with a token."""

    actor: Actor
    signed_in: SignedInAs | None = None
    by_right: bool = False
    """Whether a role or a job lets them in, to every case; a parent comes to their own alone."""
    member_of: RemitterMember | None = None
    """Who they are of a remitter."""

    @property
    def holder(self) -> SignedInAs:
        """The holder of the session; only verbs that take a token ask for it."""
        if self.signed_in is None:
            raise InvariantError("a caller without a session came to a verb that takes a token")
        return self.signed_in

    @property
    def person_id(self) -> str:
        """The parent who asks. Raises NotPermittedError for whoever is no parent."""
        return self.holder.session.record.person_with_cases()

    @property
    def member(self) -> RemitterMember:
        """The member of a remitter who asks; only verbs that the table opens to such ask for it."""
        if self.member_of is None:
            raise InvariantError("somebody of no remitter came to a verb about what remitters sent")
        return self.member_of


@attrs.frozen(repr=False)
class Door:
    """Lets callers in to verbs; each verb is named as callers write it, as `payments.receive`."""

    _resources: Resources

    @property
    def observer(self) -> Observer | None:
        """Who is told how verbs go."""
        return self._resources.observer

    def write(self, verb: str, by: Caller, act: Callable[[UnitOfWork, Admitted], T]) -> T:
        """Run a verb in one writing transaction, for somebody who may use it by then.

        Raises NotPermittedError for anybody else, SessionEndedError for a token that is not good; the attempt
        is in the audit log.
        """

        def admitted(work: UnitOfWork) -> T:
            caller, used = self._admitted(work, verb, by)
            if used is not None:
                used.save(work)
                caller = used.noted_in(caller)
            return act(work, caller)

        return self._resources.write(admitted)

    def read(self, verb: str, by: Caller, act: Callable[[UnitOfWork, Admitted], T]) -> T:
        """Run a verb that only reads, as `write` does; that somebody came is noted after it if can be."""
        noted: list[_Use] = []

        def admitted(work: UnitOfWork) -> T:
            caller, used = self._admitted(work, verb, by)
            noted[:] = [] if used is None else [used]
            return act(work, caller if used is None else used.seen_by(caller))

        result = self._resources.read(admitted)
        for used in noted:
            self._note(used)
        return result

    def show(
        self,
        verb: str,
        by: Caller,
        look: Callable[[UnitOfWork, Admitted], L],
        view: Callable[[UnitOfWork, L], T],
    ) -> T:
        """Run a verb that shows something to somebody.

        `look` says on one snapshot what they look at, and audits that; once those entries are committed,
        `view` reads it on another. Raises as `write` does.
        """

        def looked_at(work: UnitOfWork, caller: Admitted) -> tuple[L, Admitted, tuple[AuditEntry, ...]]:
            looked = look(work, caller)
            return looked, caller, work.entries

        def shown(work: UnitOfWork) -> T:
            work.verb, work.asking = verb, caller.actor
            return view(work, looked)

        looked, caller, entries = self.read(verb, by, looked_at)
        if entries:
            self._resources.write(lambda work: work.note(entries))
        return self._resources.read(shown)

    def pass_through(self, verb: str, by: Caller) -> Actor:
        """Let somebody in to a verb that runs in several transactions; who they are."""
        return self.read(verb, by, lambda _, caller: caller.actor)

    def note_refusal(self, verb: str, by: object, error: DcssError) -> None:
        """Have it stand in the audit log that a verb refused somebody, where it is known who they are.

        For what is refused outside of any transaction, as an argument that can't be read. Never fails.
        """

        def act(work: UnitOfWork) -> None:
            actor = _asking(work, by)
            if actor is not None:
                work.audit(self._resources.refusals.entries(actor, verb, error, work.now), actor)

        if type(by) in (SessionToken, Actor) and not isinstance(error, TRIED_ANEW):
            with suppress(BackendError, ConflictError):
                self._resources.write(act)

    def still_may(self, work: UnitOfWork, verb: str, account_id: str) -> bool:
        """Whether the member of staff with this account could use a verb now, whoever asks."""
        standing = Standing(roles=_roles_of(work, work.get(ACCOUNTS, account_id)))
        return standing.may(self._resources.permissions().of(verb))

    def those_who_may(self, work: UnitOfWork, verb: str) -> Iterator[str]:
        """The accounts of everybody of the staff who could use a verb now."""
        row = self._resources.permissions().of(verb)
        for kept in work.find(STAFF_MEMBERS, ("account_id",)):
            holds_it = Standing(roles=kept.record.roles).may(row)
            if holds_it and self.still_may(work, verb, kept.record.account_id):
                yield kept.record.account_id

    def needs_two(self, verb: str) -> bool:
        """Whether staff do what a verb does by two of them."""
        return self._resources.permissions().of(verb).people > 1

    def _admitted(self, work: UnitOfWork, verb: str, by: Caller) -> "tuple[Admitted, _Use | None]":
        work.verb = verb
        row = self._resources.permissions().of(verb)
        # A subclass could say that it is somebody else.
        if type(by) is SessionToken:
            return _admitted_by_token(work, row, by)
        if type(by) is not Actor:
            raise not_permitted(verb)
        work.asking = by
        account = work.get(ACCOUNTS, by.actor_id) if by.kind is ActorKind.STAFF else None
        if not _standing_of(work, by, account).may_by_right(row):
            raise not_permitted(verb)
        used = None if account is None else _used_by_staff(account, work.now)
        return Admitted(by, by_right=True), used

    def _note(self, used: "_Use") -> None:
        # Not in the way of anybody: who reads waits for nobody, and the next use is noted as well.
        with suppress(BackendError, ConflictError):
            self._resources.write(used.save, waits=False)


@attrs.frozen
class _Used:
    """A session whose use has to be noted: as it is stored, and as it is to be."""

    session: Kept[Session]
    touched: Session

    def save(self, work: UnitOfWork) -> None:
        """Note it."""
        work.replace(SESSIONS, self.session, self.touched)

    def seen_by(self, caller: Admitted) -> Admitted:
        """The caller with the session as it is to be, while it is stored as it was."""
        return _with_session(caller, Kept(self.touched, self.session.version))

    def noted_in(self, caller: Admitted) -> Admitted:
        """The caller with the session as it was saved in this transaction."""
        return _with_session(caller, Kept(self.touched, self.session.version + 1))


@attrs.frozen
class _UsedByStaff:
    """An account of staff whom the host vouches for: they do not sign in here, and use it all the same."""

    account: Kept[Account]
    used: Account

    def save(self, work: UnitOfWork) -> None:
        """Note it."""
        work.replace(ACCOUNTS, self.account, self.used)

    def seen_by(self, caller: Admitted) -> Admitted:
        """The caller, who comes without a session."""
        return caller

    noted_in = seen_by


_Use: TypeAlias = _Used | _UsedByStaff


def _used_by_staff(account: Kept[Account], now: datetime) -> _UsedByStaff | None:
    used = account.record.used(now)
    return None if used is account.record else _UsedByStaff(account, used)


def _with_session(caller: Admitted, session: Kept[Session]) -> Admitted:
    return attrs.evolve(caller, signed_in=attrs.evolve(caller.holder, session=session))


def _admitted_by_token(
    work: UnitOfWork, row: Permission, token: SessionToken
) -> tuple[Admitted, _Used | None]:
    signed_in = _signed_in(work, token)
    session, account = signed_in.session.record, signed_in.account
    work.asking = owner(account.record)
    if session_fault(session, account.record, work.now):
        raise SessionEndedError("the session has ended; sign in again", wanted=row.verb)
    if row.whoever is not Whoever.ACCOUNT:  # in one's own account the verb says what the session owes
        session.require(SessionScope.FULL)
    member = _member_of(work, account.record)
    standing = Standing(account.record.kind, _roles_of(work, account), member=member)
    if not standing.may(row):
        raise not_permitted(row.verb)
    touched = touch_session(session, work.now)
    used = None if touched is session else _Used(signed_in.session, touched)
    by_right = standing.may_by_right(row)
    return Admitted(work.asking, signed_in, by_right=by_right, member_of=member), used


def _signed_in(work: UnitOfWork, token: SessionToken) -> SignedInAs:
    session = work.get(SESSIONS, token.session_id)
    account = work.get(ACCOUNTS, session.record.account_id) if session else None
    if session is None or account is None:
        raise SessionEndedError("the session has ended; sign in again")
    return SignedInAs(session, account)


def _asking(work: UnitOfWork, by: object) -> Actor | None:
    """Who comes with an actor or a token, if anybody."""
    if isinstance(by, Actor):
        return by if by.kind in (ActorKind.STAFF, ActorKind.SYSTEM) else None
    session = work.get(SESSIONS, by.session_id) if isinstance(by, SessionToken) else None
    account = work.get(ACCOUNTS, session.record.account_id) if session else None
    return owner(account.record) if account else None


def _standing_of(work: UnitOfWork, actor: Actor, account: Kept[Account] | None) -> Standing:
    """How an actor stands; a parent stands by a token only, and whoever has not signed in not at all."""
    if actor.kind is ActorKind.SYSTEM:
        return Standing(job=actor.actor_id)
    return Standing(roles=_roles_of(work, account))


def _member_of(work: UnitOfWork, account: Account) -> RemitterMember | None:
    if account.kind is not AccountKind.REMITTER or not account.is_active:
        return None
    member = work.get(REMITTER_MEMBERS, account.account_id)
    return member.record if member is not None and member.record.is_in_time(work.now) else None


def _roles_of(work: UnitOfWork, account: Kept[Account] | None) -> tuple[StaffRole, ...]:
    if account is None or account.record.kind is not AccountKind.STAFF or not account.record.is_active:
        return ()
    member = work.get(STAFF_MEMBERS, account.record.account_id)
    return member.record.roles if member else ()
