"""`agency.oversight`: what staff see of accounts and do to them.

Invariants: no password, answer, code or address is ever shown; every look and every act is in the audit log
with who and why, one that found nobody or nothing to do as well; the owner is told of every act.
"""

from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import TypeAlias

import attrs

from dcss_core.agency.accounts.closing import closed_form, save_closed
from dcss_core.agency.accounts.letters import address_of, notify
from dcss_core.agency.accounts.own_factors import listed
from dcss_core.agency.accounts.sessions import end_sessions, good_sessions_of
from dcss_core.agency.callers.caller import Caller, written_source
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import (
    account_of_another,
    account_of_person,
    account_of_user,
    existing,
    existing_account,
    nothing_found,
    person_named,
    subject_of,
)
from dcss_core.agency.callers.throttling import open_to_account, open_to_source
from dcss_core.agency.callers.two_people import second_word
from dcss_core.agency.filing.accounts import ACCOUNTS, SECOND_FACTORS
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.staff.idle_accounts import IdleAccounts
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.reads import NothingFound, NothingToDo
from dcss_core.base.events import Event
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.pages import LONGEST_PAGE, page_of
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.users import account_control
from dcss_core.users.account import Account
from dcss_core.users.account_control import ControlReason
from dcss_core.users.account_status import AccountStatus, Identifiers
from dcss_core.users.approvals.approval import AskedAct
from dcss_core.users.approvals.due import ApprovalDue
from dcss_core.users.events import SessionEndReason
from dcss_core.users.idleness import IdleReport
from dcss_core.users.second_factor.factor import factor_standing
from dcss_core.users.sign_in.session import FactorStanding
from dcss_core.users.sign_in.throttle import ThrottledFlow
from dcss_core.users.staff.events import AccountSeen, IdentifiersDisclosed, SourceReopened
from dcss_core.users.user_id import key_of

_Control: TypeAlias = Callable[[Account, ControlReason], tuple[Account, Event]]


@attrs.frozen(repr=False)
class Oversight:
    """The verbs of staff on accounts; each raises NotPermittedError without the role it needs."""

    _resources: Resources
    _door: Door

    @verb
    def find(self, named: str | Irn | ClientId, *, by: Caller) -> AccountStatus | None:
        """The account with this user id, or of the participant with this identifier, if there is one."""

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            account = _named(work, named)
            if account is None:
                work.audit([NothingFound("account")], caller.actor)
                return []
            return _seen(work, [account], caller)

        found = self._door.show("oversight.find", by, look, self._statuses)
        return found[0] if found else None

    @verb
    def status(self, account_id: str, *, by: Caller) -> AccountStatus:
        """The state of an account, its lock above all; raises NotFoundError."""

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            return _seen(work, [existing_account(work, account_id)], caller)

        [status] = self._door.show("oversight.status", by, look, self._statuses)
        return status

    @verb
    def locked(
        self, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[AccountStatus, ...]:
        """The accounts that are locked now, the one locked longest from now first.

        `after` is the id of a locked account: the list continues after it.
        """

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            lockout = self._resources.account_policies().lockout
            locked = takewhile(
                lambda kept: kept.record.is_locked(work.now), work.from_the_end(ACCOUNTS, ("locked_until",))
            )
            page = page_of(
                (kept for kept in locked if lockout.keeps_out(kept.record, work.now)),
                after=after,
                limit=limit,
                key=lambda kept: kept.record.account_id,
                expected="the id of an account that is locked",
            )
            return _seen(work, page, caller)

        return self._door.show("oversight.locked", by, look, self._statuses)

    @verb
    def lift_lock(self, account_id: str, *, by: Caller, reason: ControlReason) -> None:
        """End a lock before its time, and let sources try again that were closed to this account.

        Raises NotFoundError, ConflictError when nothing keeps the owner out.
        """

        def lift(work: UnitOfWork, account: Account) -> tuple[Account, Event]:
            was_closed = open_to_account(work, account_id)
            lockout = self._resources.account_policies().lockout
            return account_control.lift_lock(account, reason, lockout=lockout, was_throttled=was_closed)

        self._act("lift_lock", account_id, lift, by)

    @verb
    def disable(self, account_id: str, *, by: Caller, reason: ControlReason) -> None:
        """Take an account out of use; its sessions end. Raises NotFoundError, ConflictError."""
        self._control("disable", account_id, account_control.disable, by, reason)

    @verb
    def enable(self, account_id: str, *, by: Caller, reason: ControlReason) -> None:
        """Put a disabled account into use again; raises NotFoundError, ConflictError."""

        def enabled(work: UnitOfWork, account: Account) -> tuple[Account, Event]:
            return account_control.enable(account, reason, work.now)

        self._act("enable", account_id, enabled, by)

    @verb
    def disable_idle(self, *, by: Caller) -> IdleReport:
        """Disable accounts that nobody has used for too long, and write to their owners before.

        The rules say for how long: `accounts.idle_days`, `accounts.idle_days_privileged` for those who act on
        others' accounts or on the audit log, and `accounts.idle_warning_days`. Call it from a job, once a
        day. `enable` brings an account back.
        """
        return IdleAccounts(self._resources, self._door, "oversight.disable_idle", by).disabled()

    @verb
    def close(self, account_id: str, *, by: Caller, reason: ControlReason) -> ApprovalDue | None:
        """Close an account for good, which takes two people; its person may register anew.

        The first of them is given an ApprovalDue. What the account was opened with is deleted. Raises
        NotFoundError, ConflictError.
        """

        def act(work: UnitOfWork, caller: Admitted) -> ApprovalDue | None:
            kept = account_of_another(work, account_id, caller.actor)
            closed = closed_form(work, kept.record, reason)
            user_id = kept.record.user_id
            asked = AskedAct.of(
                "oversight.close", f"account:{account_id}", user_id=user_id, reason=reason.value
            )
            if due := second_word(self._door, work, caller, asked):
                return due
            save_closed(work, kept, closed, caller.actor)
            return None

        return self._door.write("oversight.close", by, act)

    @verb
    def demand_password_change(self, account_id: str, *, by: Caller, reason: ControlReason) -> None:
        """Have a password changed that others may know; its sessions end.

        Raises NotFoundError, ConflictError.
        """
        demand = account_control.demand_password_change
        self._control("demand_password_change", account_id, demand, by, reason)

    @verb
    def end_sessions(self, account_id: str, *, by: Caller) -> int:
        """End every session of an account (OWASP ASVS 5.0.0, 7.4.5); how many there were."""

        def act(work: UnitOfWork, caller: Admitted) -> int:
            kept = account_of_another(work, account_id, caller.actor)
            sessions = good_sessions_of(work, kept.record)
            ended = end_sessions(work, sessions, SessionEndReason.ENDED_BY_STAFF, caller.actor)
            notify(work, kept.record, ended)
            if not sessions:
                work.audit([NothingToDo("oversight.end_sessions")], caller.actor)
            return len(sessions)

        return self._door.write("oversight.end_sessions", by, act)

    @verb
    def reopen_source(self, source: str, *, by: Caller) -> tuple[str, ...]:
        """Let a source try again from which too many failures came; the ways in that were closed to it."""
        written = written_source(source)

        def act(work: UnitOfWork, caller: Admitted) -> tuple[str, ...]:
            reopened = [
                flow.value for flow in ThrottledFlow if written and open_to_source(work, flow, written)
            ]
            if reopened:
                work.audit([SourceReopened(" ".join(reopened))], caller.actor, written)
            else:  # without the source: anything may have been typed
                work.audit([NothingToDo("oversight.reopen_source")], caller.actor)
            return tuple(reopened)

        return self._door.write("oversight.reopen_source", by, act)

    @verb
    def disclose_identifiers(self, ssn: TaxpayerNumber, *, by: Caller, reason: ControlReason) -> Identifiers:
        """The IRN and Client ID of a participant, for staff who know whom they speak to.

        Raises NotFoundError when no participant has this number. That it was told is audited, and that
        somebody was asked about whom there is not.
        """

        def look(work: UnitOfWork, caller: Admitted) -> str:
            person = subject_of(work, ssn).person
            if person is None:
                sentence = "no participant has this number; look for the case"
                raise nothing_found(work, "participant", sentence)
            work.audit([IdentifiersDisclosed(person.person_id, reason)], caller.actor)
            return person.person_id

        def view(work: UnitOfWork, person_id: str) -> Identifiers:
            person = existing(work, PEOPLE, person_id).record
            return Identifiers(person.irn, person.client_id)

        return self._door.show("oversight.disclose_identifiers", by, look, view)

    def _statuses(self, work: UnitOfWork, account_ids: list[str]) -> tuple[AccountStatus, ...]:
        return tuple(self._status(work, kept.record) for kept in work.each_there(ACCOUNTS, account_ids))

    def _status(self, work: UnitOfWork, account: Account) -> AccountStatus:
        factor = work.get(SECOND_FACTORS, account.account_id)
        lockout = self._resources.account_policies().lockout
        standing = factor_standing(factor.record if factor else None, demanded=False)
        lockout = self._resources.account_policies().lockout
        return AccountStatus(
            account_id=account.account_id,
            user_id=account.user_id,
            kind=account.kind,
            state=account.state,
            created_at=account.created_at,
            password_set_at=account.password_set_at,
            locked_until=account.locked_until if lockout.keeps_out(account, work.now) else None,
            failures=account.consecutive_failures,
            is_password_disabled=lockout.has_disabled(account),
            change_reason=account.change_reason,
            has_second_factor=standing is FactorStanding.DUE,
            is_second_factor_disabled=factor is not None and factor.record.is_disabled(lockout.hard_limit),
            has_address=address_of(work, account) is not None,
            open_sessions=len(good_sessions_of(work, account)),
            second_factors=listed(factor.record) if factor else (),
        )

    def _control(
        self, name: str, account_id: str, control: _Control, by: Caller, reason: ControlReason
    ) -> None:
        self._act(name, account_id, lambda work, account: control(account, reason), by)

    def _act(
        self,
        name: str,
        account_id: str,
        control: Callable[[UnitOfWork, Account], tuple[Account, Event]],
        by: Caller,
    ) -> None:
        def act(work: UnitOfWork, caller: Admitted) -> None:
            kept = account_of_another(work, account_id, caller.actor)
            changed, event = control(work, kept.record)
            _save(work, kept, changed, event, caller)

        self._door.write(f"oversight.{name}", by, act)


def _save(work: UnitOfWork, kept: Kept[Account], changed: Account, event: Event, caller: Admitted) -> None:
    notify(work, kept.record, [event])  # the account as it was: a closed one has no address
    work.replace(ACCOUNTS, kept, changed)
    work.audit([event], caller.actor)


def _seen(work: UnitOfWork, accounts: Iterable[Kept[Account]], caller: Admitted) -> list[str]:
    """Have it stand in the log that these accounts are looked at; their ids."""
    account_ids = [kept.record.account_id for kept in accounts]
    work.audit([AccountSeen(account_id) for account_id in account_ids], caller.actor)
    return account_ids


def _named(work: UnitOfWork, named: str | Irn | ClientId) -> Kept[Account] | None:
    if isinstance(named, str):
        return account_of_user(work, key_of(named))
    person = person_named(work, named)
    return account_of_person(work, person.person_id) if person else None
