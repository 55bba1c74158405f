"""`agency.oversight`: what staff see of accounts and do to them.

Decides nothing that `users.account_control` does not decide. Invariants: no password, answer, code or
address is ever shown; every look and every act is in the audit log with who and why, one that found nobody
or nothing to do as well; the owner is told of every act.
"""

from collections.abc import Callable
from itertools import takewhile
from typing import TypeAlias

import attrs

from dcss_core.agency.accounts.letters import address_of, letterhead_on, notify
from dcss_core.agency.accounts.sessions import end_sessions, good_sessions_of
from dcss_core.agency.callers.found import (
    account_of_person,
    account_of_user,
    person_named,
    subject_of,
)
from dcss_core.agency.callers.staff_role import write_as
from dcss_core.agency.callers.throttling import open_to_account, open_to_source
from dcss_core.agency.filing.accounts import ACCOUNTS, SECOND_FACTORS
from dcss_core.agency.work.raised_later import NothingFound, NothingToDo, RaisedLater, not_found, or_raise
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.source import written_source
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.expected_types import checked
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.ssn import Ssn
from dcss_core.users import account_control
from dcss_core.users.account import Account
from dcss_core.users.account_control import ControlReason
from dcss_core.users.account_status import AccountStatus, Identifiers
from dcss_core.users.events import SessionEnded, SessionEndReason
from dcss_core.users.second_factor.factor import factor_standing
from dcss_core.users.sign_in.session import FactorStanding
from dcss_core.users.sign_in.throttle import ThrottledFlow
from dcss_core.users.staff.events import AccountSeen, IdentifiersDisclosed, SourceReopened
from dcss_core.users.staff.member import StaffRole
from dcss_core.users.user_id import key_of

_Control: TypeAlias = Callable[[Account, ControlReason], tuple[Account, Event]]


@attrs.frozen(repr=False)
class Oversight:
    """The verbs of staff on accounts; each raises NotPermittedError without the role it needs."""

    _resources: Resources

    @checked
    def find(self, named: str | Irn | ClientId, *, by: Actor) -> AccountStatus | None:
        """The account with this user id, or of the participant with this identifier, if there is one."""

        def verb(work: UnitOfWork) -> AccountStatus | None:
            account = _named(work, named)
            if account is None:
                work.audit([NothingFound("account")], by)
                return None
            return self._shown(work, account, by)

        return write_as(self._resources, by, StaffRole.HELP_DESK, verb)

    @checked
    def status(self, account_id: str, *, by: Actor) -> AccountStatus:
        """The state of an account, its lock above all; raises NotFoundError."""

        def verb(work: UnitOfWork) -> AccountStatus | RaisedLater:
            kept = work.get(ACCOUNTS, account_id)
            return self._shown(work, kept, by) if kept else _no_account(work, by)

        return or_raise(write_as(self._resources, by, StaffRole.HELP_DESK, verb))

    @checked
    def locked(self, *, by: Actor) -> tuple[AccountStatus, ...]:
        """Every account that is locked now, the one locked longest from now first."""

        def verb(work: UnitOfWork) -> tuple[AccountStatus, ...]:
            found = work.from_the_end(ACCOUNTS, ("locked_until",))
            locked = list(takewhile(lambda kept: kept.record.is_locked(work.now), found))
            return tuple(self._shown(work, kept, by) for kept in locked)

        return write_as(self._resources, by, StaffRole.HELP_DESK, verb)

    @checked
    def lift_lock(self, account_id: str, *, by: Actor, reason: ControlReason) -> None:
        """End a lock before its time, and let sources try again that were closed to this account.

        Raises NotFoundError, ConflictError when nothing keeps the owner out.
        """

        def lift(work: UnitOfWork, account: Account) -> tuple[Account, Event]:
            was_closed = open_to_account(work, account_id)
            lockout = self._resources.account_policies().lockout
            return account_control.lift_lock(account, reason, lockout=lockout, was_throttled=was_closed)

        self._act(account_id, lift, StaffRole.HELP_DESK, by)

    @checked
    def disable(self, account_id: str, *, by: Actor, reason: ControlReason) -> None:
        """Take an account out of use; its sessions end. Raises NotFoundError, ConflictError."""
        self._control(account_id, account_control.disable, StaffRole.ACCOUNT_ADMINISTRATOR, by, reason)

    @checked
    def enable(self, account_id: str, *, by: Actor, reason: ControlReason) -> None:
        """Put a disabled account into use again; raises NotFoundError, ConflictError."""
        self._control(account_id, account_control.enable, StaffRole.ACCOUNT_ADMINISTRATOR, by, reason)

    @checked
    def close(self, account_id: str, *, by: Actor, reason: ControlReason) -> None:
        """Close an account for good; its person may register anew. Raises NotFoundError, ConflictError."""
        self._control(account_id, account_control.close, StaffRole.ACCOUNT_ADMINISTRATOR, by, reason)

    @checked
    def demand_password_change(self, account_id: str, *, by: Actor, reason: ControlReason) -> None:
        """Have a password changed that others may know; its sessions end.

        Raises NotFoundError, ConflictError.
        """
        self._control(account_id, account_control.demand_password_change, StaffRole.HELP_DESK, by, reason)

    @checked
    def end_sessions(self, account_id: str, *, by: Actor) -> int:
        """End every session of an account (OWASP ASVS 5.0.0, 7.4.5); how many there were."""

        def verb(work: UnitOfWork) -> int | RaisedLater:
            kept = work.get(ACCOUNTS, account_id)
            if kept is None:
                return _no_account(work, by)
            sessions = good_sessions_of(work, kept.record)
            end_sessions(work, sessions, SessionEndReason.ENDED_BY_STAFF, by)
            if sessions:
                self._tell(work, kept.record, SessionEnded.kind)
            else:
                work.audit([NothingToDo("oversight.end_sessions")], by)
            return len(sessions)

        return or_raise(write_as(self._resources, by, StaffRole.HELP_DESK, verb))

    @checked
    def reopen_source(self, source: str, *, by: Actor) -> tuple[str, ...]:
        """Let a source try again from which too many failures came; the ways in that were closed to it."""
        written = written_source(source)

        def verb(work: UnitOfWork) -> tuple[str, ...]:
            reopened = [
                flow.value for flow in ThrottledFlow if written and open_to_source(work, flow, written)
            ]
            if reopened:
                work.audit([SourceReopened(" ".join(reopened))], by, written)
            else:  # without the source: anything may have been typed
                work.audit([NothingToDo("oversight.reopen_source")], by)
            return tuple(reopened)

        return write_as(self._resources, by, StaffRole.HELP_DESK, verb)

    @checked
    def disclose_identifiers(self, ssn: Ssn, *, by: Actor, reason: ControlReason) -> Identifiers:
        """The IRN and Client ID of a participant, for staff who know whom they speak to.

        Raises NotFoundError when no participant has this number. That it was told is audited, and that
        somebody was asked about whom there is not.
        """

        def verb(work: UnitOfWork) -> Identifiers | RaisedLater:
            person = subject_of(work, self._resources, ssn).person
            if person is None:
                sentence = "no participant has this Social Security number; look for the case"
                return not_found(work, "participant", sentence, by)
            work.audit([IdentifiersDisclosed(person.person_id, reason)], by)
            return Identifiers(person.irn, person.client_id)

        return or_raise(write_as(self._resources, by, StaffRole.HELP_DESK, verb))

    def _shown(self, work: UnitOfWork, kept: Kept[Account], by: Actor) -> AccountStatus:
        account = kept.record
        factor = work.get(SECOND_FACTORS, account.account_id)
        standing = factor_standing(factor.record if factor else None, demanded=False)
        work.audit([AccountSeen(account.account_id)], by)
        return AccountStatus(
            account_id=account.account_id,
            user_id=account.user_id,
            kind=account.kind,
            state=account.state,
            created_at=account.created_at,
            password_set_at=account.password_set_at,
            locked_until=account.locked_until if account.is_locked(work.now) else None,
            failures=account.consecutive_failures,
            is_password_disabled=self._resources.account_policies().lockout.has_disabled(account),
            change_reason=account.change_reason,
            has_second_factor=standing is FactorStanding.DUE,
            has_address=address_of(work, account) is not None,
            open_sessions=len(good_sessions_of(work, account)),
        )

    def _control(
        self, account_id: str, control: _Control, role: StaffRole, by: Actor, reason: ControlReason
    ) -> None:
        self._act(account_id, lambda work, account: control(account, reason), role, by)

    def _act(
        self,
        account_id: str,
        act: Callable[[UnitOfWork, Account], tuple[Account, Event]],
        role: StaffRole,
        by: Actor,
    ) -> None:
        def verb(work: UnitOfWork) -> RaisedLater | None:
            kept = work.get(ACCOUNTS, account_id)
            if kept is None:
                return _no_account(work, by)
            changed, event = act(work, kept.record)
            self._tell(work, kept.record, event.kind)  # the account as it was: a closed one has no address
            work.replace(ACCOUNTS, kept, changed)
            work.audit([event], by)
            return None

        or_raise(write_as(self._resources, by, role, verb))

    def _tell(self, work: UnitOfWork, account: Account, kind: str) -> None:
        letter = letterhead_on(work, self._resources).account_controlled(kind)
        notify(work, account, letter, f"{kind}/{self._resources.new_id()}")


def _named(work: UnitOfWork, named: str | Irn | ClientId) -> Kept[Account] | None:
    if isinstance(named, str):
        return account_of_user(work, key_of(named))
    person = person_named(work, named)
    return account_of_person(work, person.person_id) if person else None


def _no_account(work: UnitOfWork, by: Actor) -> RaisedLater:
    return not_found(work, "account", "no account has this id", by)
