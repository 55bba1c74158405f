"""`agency.staff`: make accounts for staff and for shared use, and say who may do what.

Invariant: only account administrators appoint, two of them; while fewer than two are in use, a set-up job
(`Actor.system`) appoints account administrators, and nobody else.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Final

import attrs

from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import account_of_user, existing, nothing_found
from dcss_core.agency.callers.two_people import second_word
from dcss_core.agency.filing.accounts import ACCOUNTS, STAFF_MEMBERS
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import ActorKind
from dcss_core.base.people.mail_address import faults_of_mail_address
from dcss_core.base.secret import Secret
from dcss_core.errors import ConflictError, Fault, InvalidInputError, NotPermittedError
from dcss_core.letters.carried import CarriedAppointment
from dcss_core.users.account import Account, AccountKind
from dcss_core.users.approvals.approval import AskedAct
from dcss_core.users.approvals.due import ApprovalDue
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import Password
from dcss_core.users.passwords.policy import PasswordContext
from dcss_core.users.staff.appointment import Appointed, Appointment, appoint, change_roles, names
from dcss_core.users.staff.events import RolesSeen
from dcss_core.users.staff.member import StaffMember, StaffRole
from dcss_core.users.user_id import UserId

_APPOINT: Final = "staff.appoint"
_ADMINISTRATORS: Final = 2  # as many as it takes to do anything of high value
_NO_MEMBER: Final = "no member of staff has an account with this id"


@attrs.frozen(repr=False)
class Staff:
    """The verbs on accounts of staff."""

    _resources: Resources
    _door: Door
    _passwords: PasswordChecks

    @verb
    def appoint(
        self, user_id: str, *, email: Secret, roles: Sequence[StaffRole], by: Caller
    ) -> Appointed | ApprovalDue:
        """Make an account for a member of staff; an assigned password goes to their address.

        It takes two account administrators, and the first is given an ApprovalDue. Raises InvalidInputError
        with every fault, ConflictError when the user id is taken, NotPermittedError unless an account
        administrator asks, ConfigurationError where no letter goes out.
        """
        new = self._new(_APPOINT, user_id, AccountKind.STAFF, email, tuple(roles), by)

        def act(work: UnitOfWork, caller: Admitted) -> Appointed | ApprovalDue:
            if caller.actor.kind is ActorKind.SYSTEM:
                self._require_too_few_administrators(work, new.roles)
            made = self._made(work, new)
            held = " ".join(names(made.member.roles))
            asked = AskedAct.of(_APPOINT, "account:unknown", user_id=new.chosen.value, roles=held)
            if due := second_word(self._door, work, caller, asked, [new.email]):
                return due
            return _save(work, caller, new, made)

        return self._door.write(_APPOINT, by, act)

    @verb
    def appoint_shared(self, user_id: str, *, email: Secret, by: Caller) -> Appointed:
        """Make an account that several people use; it never reaches a case and holds no role.

        `email` is the address of whoever answers for it. Raises as `appoint` does.
        """
        new = self._new("staff.appoint_shared", user_id, AccountKind.SHARED, email, (), by)

        def act(work: UnitOfWork, caller: Admitted) -> Appointed:
            return _save(work, caller, new, self._made(work, new))

        return self._door.write("staff.appoint_shared", by, act)

    @verb
    def set_roles(self, account_id: str, roles: Sequence[StaffRole], *, by: Caller) -> ApprovalDue | None:
        """Say which roles a member of staff holds from now on; none is allowed.

        It takes two account administrators, and the first is given an ApprovalDue. The sessions of whose
        roles they are end, and they are told. Raises NotFoundError when it is no account of staff,
        NotPermittedError unless another account administrator asks.
        """

        def act(work: UnitOfWork, caller: Admitted) -> ApprovalDue | None:
            account, member = _existing_member(work, account_id)
            change = change_roles(account.record, member.record, roles=tuple(roles), by=caller.actor.actor_id)
            held = " ".join(names(change.member.roles)) or "none"
            user_id = account.record.user_id
            asked = AskedAct.of("staff.set_roles", f"account:{account_id}", user_id=user_id, roles=held)
            if due := second_word(self._door, work, caller, asked):
                return due
            work.replace(STAFF_MEMBERS, member, change.member)
            work.replace(ACCOUNTS, account, change.account)
            notify(work, change.account, change.events)
            work.audit(change.events, caller.actor)
            return None

        return self._door.write("staff.set_roles", by, act)

    @verb
    def roles(self, account_id: str, *, by: Caller) -> tuple[StaffRole, ...]:
        """The roles a member of staff holds; none for an account that several people share.

        Raises NotFoundError when it is no account of staff, NotPermittedError unless an account administrator
        asks.
        """

        def look(work: UnitOfWork, caller: Admitted) -> None:
            if work.get(STAFF_MEMBERS, account_id) is None:
                raise nothing_found(work, "member of staff", _NO_MEMBER)
            work.audit([RolesSeen(account_id)], caller.actor)

        def view(work: UnitOfWork, _: None) -> tuple[StaffRole, ...]:
            return existing(work, STAFF_MEMBERS, account_id).record.roles

        return self._door.show("staff.roles", by, look, view)

    def _new(
        self,
        name: str,
        user_id: str,
        kind: AccountKind,
        email: Secret,
        roles: tuple[StaffRole, ...],
        by: Caller,
    ) -> "_New":
        """What is checked and hashed before anything is locked, for somebody who may use the verb."""
        self._door.pass_through(name, by)
        self._resources.check_letters_go_out()
        chosen = _read(user_id, email, needs_role=kind is AccountKind.STAFF and not roles)
        policies = self._resources.account_policies()
        context = PasswordContext(chosen.value, agency_names=policies.agency_names)
        assigned, assigned_hash = self._passwords.assigned(policies, context)
        return _New(chosen, kind, email, roles, assigned, assigned_hash)

    def _made(self, work: UnitOfWork, new: "_New") -> Appointment:
        if account_of_user(work, new.chosen.key) is not None:
            raise ConflictError("this user id is taken, or was; choose another")
        return appoint(
            work.new_id(),
            new.chosen,
            new.kind,
            roles=new.roles,
            email=new.email,
            assigned_hash=new.assigned_hash,
            good_until=work.now + self._resources.account_policies().recovery.assigned_for,
            now=work.now,
        )

    def _require_too_few_administrators(self, work: UnitOfWork, roles: tuple[StaffRole, ...]) -> None:
        if StaffRole.ACCOUNT_ADMINISTRATOR not in roles:
            raise NotPermittedError("a set-up job appoints the first account administrators and nobody else")
        in_use = islice(self._door.those_who_may(work, _APPOINT), _ADMINISTRATORS)
        if len([*in_use]) == _ADMINISTRATORS:
            raise NotPermittedError(
                "two account administrators are in use; a set-up job appoints no more, and they do the rest"
            )


@attrs.frozen(repr=False)
class _New:
    """An account that can be made, once it is known that its user id is free."""

    chosen: UserId
    kind: AccountKind
    email: Secret
    roles: tuple[StaffRole, ...]
    assigned: Password
    assigned_hash: PasswordHash


def _save(work: UnitOfWork, caller: Admitted, new: _New, made: Appointment) -> Appointed:
    work.insert(ACCOUNTS, [made.account])
    work.insert(STAFF_MEMBERS, [made.member])
    good_until = made.good_until
    first = CarriedAppointment(Secret(new.chosen.value), new.assigned, work.local_time(good_until))
    notify(work, made.account, made.events, first)
    work.audit(made.events, caller.actor)
    return Appointed(made.account.account_id, good_until)


def _read(user_id: str, email: Secret, *, needs_role: bool) -> UserId:
    faults = [*faults_of_mail_address("email", email)]
    if needs_role:
        known = ", ".join(role.value for role in StaffRole)
        faults.append(Fault("roles", "none", f"one or more of {known}"))
    try:
        chosen = UserId(user_id)
    except InvalidInputError as refusal:
        faults += refusal.faults
    if faults:
        raise InvalidInputError("this account can't be made", faults=faults)
    return chosen


def _existing_member(work: UnitOfWork, account_id: str) -> tuple[Kept[Account], Kept[StaffMember]]:
    account, member = work.get(ACCOUNTS, account_id), work.get(STAFF_MEMBERS, account_id)
    if account is None or member is None or account.record.kind is not AccountKind.STAFF:
        raise nothing_found(work, "member of staff", _NO_MEMBER)
    return account, member
