"""`agency.staff`: make accounts for staff and for shared use, and say who may do what.

Decides nothing that `users.appointment` does not decide. Invariant: only an account administrator
appoints; before there is one, a set-up job (`Actor.system`) appoints the first, and no other.
"""

from collections.abc import Sequence

import attrs

from dcss_core.agency.accounts.letters import letterhead_on, notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.found import account_of_user
from dcss_core.agency.callers.staff_role import has_role, write_as
from dcss_core.agency.filing.accounts import ACCOUNTS, STAFF_MEMBERS
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor, ActorKind
from dcss_core.base.expected_types import checked
from dcss_core.base.secret import Secret
from dcss_core.cases.people.email_address import faults_of_email
from dcss_core.errors import ConflictError, Fault, InvalidInputError, NotFoundError, NotPermittedError
from dcss_core.users.account import AccountKind
from dcss_core.users.passwords.assigned import RANDOM_BYTES, assigned_password
from dcss_core.users.passwords.policy import PasswordContext
from dcss_core.users.staff.appointment import Appointed, StaffRolesChanged, appoint, names, ordered
from dcss_core.users.staff.member import StaffMember, StaffRole
from dcss_core.users.user_id import UserId

_ADMINISTRATOR = StaffRole.ACCOUNT_ADMINISTRATOR


@attrs.frozen(repr=False)
class Staff:
    """The verbs on accounts of staff."""

    _resources: Resources
    _passwords: PasswordChecks

    @checked
    def appoint(self, user_id: str, *, email: Secret, roles: Sequence[StaffRole], by: Actor) -> Appointed:
        """Make an account for a member of staff; an assigned password goes to their address.

        Raises InvalidInputError with every fault, ConflictError when the user id is taken,
        NotPermittedError unless an account administrator asks, ConfigurationError where no letter goes out.
        """
        if not roles:
            fault = Fault("roles", "none", f"one or more of {', '.join(role.value for role in StaffRole)}")
            raise InvalidInputError("a member of staff holds a role", faults=[fault])
        return self._appoint(user_id, AccountKind.STAFF, email, tuple(roles), by)

    @checked
    def appoint_shared(self, user_id: str, *, email: Secret, by: Actor) -> Appointed:
        """Make an account that several people use; it never reaches a case and holds no role.

        `email` is the address of whoever answers for it. Raises as `appoint` does.
        """
        return self._appoint(user_id, AccountKind.SHARED, email, (), by)

    @checked
    def set_roles(self, account_id: str, roles: Sequence[StaffRole], *, by: Actor) -> None:
        """Say which roles a member of staff holds from now on; none is allowed.

        Their sessions end, and they are told.
        Raises NotFoundError when it is no account of staff, NotPermittedError unless another account
        administrator asks.
        """

        def verb(work: UnitOfWork) -> None:
            if by.actor_id == account_id:
                raise NotPermittedError("nobody changes their own roles; ask another account administrator")
            account, member = work.get(ACCOUNTS, account_id), work.get(STAFF_MEMBERS, account_id)
            if account is None or member is None or account.record.kind is not AccountKind.STAFF:
                raise NotFoundError("no member of staff has an account with this id")
            held = ordered(tuple(roles))
            work.replace(STAFF_MEMBERS, member, attrs.evolve(member.record, roles=held))
            version = account.record.credential_version + 1
            work.replace(ACCOUNTS, account, attrs.evolve(account.record, credential_version=version))
            letter = letterhead_on(work, self._resources).account_controlled(StaffRolesChanged.kind)
            notify(work, account.record, letter, f"roles/{version}")
            work.audit([StaffRolesChanged(account_id, names(held))], by)

        write_as(self._resources, by, _ADMINISTRATOR, verb)

    @checked
    def roles(self, account_id: str) -> tuple[StaffRole, ...]:
        """The roles a member of staff holds; none when it is no account of staff."""
        kept = self._resources.read(lambda work: work.get(STAFF_MEMBERS, account_id))
        return kept.record.roles if kept else ()

    def _appoint(
        self, user_id: str, kind: AccountKind, email: Secret, roles: tuple[StaffRole, ...], by: Actor
    ) -> Appointed:
        self._resources.check_letters_go_out()
        chosen = _read(user_id, email)
        policies = self._resources.account_policies()
        random = self._resources.randomness.token_bytes(RANDOM_BYTES)
        context = PasswordContext(chosen.value, agency_names=policies.agency_names)
        assigned = assigned_password(random, policies.passwords, context)
        assigned_hash = self._passwords.hashed(assigned)

        def verb(work: UnitOfWork) -> Appointed:
            if by.kind is ActorKind.SYSTEM:
                work.asks(by)
                _require_first_administrator(work, roles)
            if account_of_user(work, chosen.key) is not None:
                raise ConflictError("this user id is taken, or was; choose another")
            good_until = work.now + policies.recovery.assigned_for
            made = appoint(
                self._resources.new_id(),
                chosen,
                kind,
                roles=roles,
                email=email,
                assigned_hash=assigned_hash,
                good_until=good_until,
                now=work.now,
            )
            work.insert(ACCOUNTS, [made.account])
            work.insert(STAFF_MEMBERS, [made.member])
            head = letterhead_on(work, self._resources)
            letter = head.appointed(chosen.value, assigned, self._resources.local_time(good_until))
            notify(work, made.account, letter, "appointed")
            work.audit(made.events, by)
            return Appointed(made.account.account_id, good_until)

        if by.kind is ActorKind.SYSTEM:
            return self._resources.write(verb)
        return write_as(self._resources, by, _ADMINISTRATOR, verb)


def _read(user_id: str, email: Secret) -> UserId:
    faults = [*faults_of_email("e-mail", email)]
    try:
        chosen = UserId(user_id)
    except InvalidInputError as refusal:
        faults += refusal.faults
    if faults:
        raise InvalidInputError("this account can't be made", faults=faults)
    return chosen


def _require_first_administrator(work: UnitOfWork, roles: tuple[StaffRole, ...]) -> None:
    if _ADMINISTRATOR not in roles:
        raise NotPermittedError("a set-up job appoints the first account administrator and nobody else")
    if any(_administers(work, kept.record) for kept in work.find(STAFF_MEMBERS, ("account_id",))):
        raise NotPermittedError("there is an account administrator; a set-up job appoints only the first")


def _administers(work: UnitOfWork, member: StaffMember) -> bool:
    return has_role(work, Actor.staff(member.account_id), _ADMINISTRATOR)
