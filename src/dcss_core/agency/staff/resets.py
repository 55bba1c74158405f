"""`agency.staff_resets`: what staff see of somebody's recovery, and a reset that two of them agree on.

Invariants: no verb shows or returns a password, a code, an answer or an address; roles are judged in the
transaction that acts on them; every step is audited, a refused one too.
"""

from typing import Final

import attrs

from dcss_core.agency.accounts.letters import code_address_of, notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.counted import (
    every_throttle_of_registration,
    letters_of,
    outstanding_code,
    throttle_of,
)
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import existing, existing_account, nothing_found, subject_of
from dcss_core.agency.filing.accounts import ACCOUNTS, SECURITY_ANSWERS, STAFF_RESETS
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.reads import ListSeen
from dcss_core.base.pages import LONGEST_PAGE, page_of
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.people.itin import Itin
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.base.ssn import Ssn
from dcss_core.cases.people.person import Person
from dcss_core.errors import DcssError
from dcss_core.letters.carried import CarriedPassword
from dcss_core.users.account import Account
from dcss_core.users.account_control import ControlReason
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import Password
from dcss_core.users.recovery.events import RecoverySeen, StaffResetRefusal, StaffResetRefused
from dcss_core.users.recovery.letter_count import LetterSort
from dcss_core.users.recovery.policy import RecoveryPolicy
from dcss_core.users.recovery.progress import RecoveryProgress, RecoveryStanding, recovery_progress
from dcss_core.users.recovery.staff_reset import (
    Approval,
    Deciding,
    StaffReset,
    StaffResetState,
    approve_reset,
    can_be_approved,
    cancel_reset,
    decline_reset,
    error_of,
    refusal_of_approval,
    refusal_of_cancel,
    refusal_of_decline,
    refusal_of_request,
    request_reset,
)
from dcss_core.users.recovery.throttle import ParticularsThrottle

_REQUEST: Final = "staff_resets.request"

_WAYS: Final = (ContactKind.EMAIL, ContactKind.MOBILE)
"""The ways that a code for a new password goes."""


@attrs.frozen
class _Approvable:
    """A reset that nothing stands against, and the account it is for."""

    reset: Kept[StaffReset]
    account: Kept[Account]


@attrs.frozen(repr=False)
class _Sought:
    """Whom the help desk asks about, as far as there is anybody."""

    account: Account | None
    ssn: TaxpayerNumber | None
    person: Person | None


@attrs.frozen(repr=False)
class StaffResets:
    """The verbs of staff on recovery. An account is named by its id, or by its owner's SSN or ITIN."""

    _resources: Resources
    _door: Door
    _passwords: PasswordChecks

    @verb
    def progress(self, of: TaxpayerNumber | str, *, by: Caller) -> RecoveryProgress:
        """How far somebody's recovery has come, for the help desk to guide them; that it was seen is audited.

        Raises NotFoundError for an account id that there is not, NotPermittedError without the role.
        """
        policy = self._resources.account_policies().recovery

        def look(work: UnitOfWork, caller: Admitted) -> None:
            account = _sought(work, of).account
            seen = RecoverySeen(account.account_id if account else None)
            work.audit([seen], caller.actor)

        def view(work: UnitOfWork, _: None) -> RecoveryProgress:
            standing = self._standing(work, _sought(work, of), policy)
            return recovery_progress(standing, policy, work.now)

        return self._door.show("staff_resets.progress", by, look, view)

    @verb
    def request(self, account_id: str, *, by: Caller, reason: ControlReason) -> StaffReset:
        """Ask for a reset of somebody's password, which somebody else has to approve.

        Raises NotFoundError; NotPermittedError without the role and for one's own account; ConflictError
        when the account is not in use or has no address on file, or a reset of it waits already;
        ConfigurationError where no letter goes out.
        """
        policy = self._resources.account_policies().recovery

        def act(work: UnitOfWork, caller: Admitted) -> StaffReset:
            self._resources.check_letters_go_out()
            account = existing_account(work, account_id).record
            refusal = refusal_of_request(
                account,
                by=caller.actor.actor_id,
                has_address=code_address_of(work, account) is not None,
                is_pending=bool(_waiting_for(self._door, work, account)),
            )
            if refusal is not None:
                raise _refused(work, refusal, account_id, None)
            by_id = caller.actor.actor_id
            reset, event = request_reset(
                account, work.new_id(), by=by_id, reason=reason, policy=policy, now=work.now
            )
            work.insert(STAFF_RESETS, [reset])
            work.audit([event], caller.actor)
            return reset

        return self._door.write(_REQUEST, by, act)

    @verb
    def approve(self, request_id: str, *, by: Caller) -> StaffReset:
        """Approve a reset: an assigned password goes to the address on file, and to nobody else.

        The approver is neither the requester nor the account's owner. Raises NotFoundError; NotPermittedError
        for somebody who may not decide on it, or when the requester may not ask for it any more;
        ConflictError when it was decided or expired, or the account changed meanwhile; ConfigurationError
        where no letter goes out.
        """
        # Judged before anything is hashed, and once more on what is stored after it.
        name = "staff_resets.approve"

        def judged(work: UnitOfWork, caller: Admitted) -> _Approvable:
            self._resources.check_letters_go_out()
            return _approvable(self._door, work, request_id, caller.actor)

        seen = self._door.write(name, by, judged)
        assigned, assigned_hash = self._assigned(seen.account.record)

        def act(work: UnitOfWork, caller: Admitted) -> StaffReset:
            found = _approvable(self._door, work, request_id, caller.actor)
            approval = self._approval(work, found, assigned_hash, caller.actor)
            work.replace(STAFF_RESETS, found.reset, approval.reset)
            work.replace(ACCOUNTS, found.account, approval.account)
            _send(work, approval, assigned)
            work.audit(approval.events, caller.actor)
            return approval.reset

        return self._door.write(name, by, act)

    @verb
    def decline(self, request_id: str, *, by: Caller, reason: ControlReason) -> StaffReset:
        """Decline a reset; who may is as for approving. Raises as `approve` does."""

        def act(work: UnitOfWork, caller: Admitted) -> StaffReset:
            kept, by_id = _reset(work, request_id), caller.actor.actor_id
            refusal = refusal_of_decline(
                kept.record, _deciding(self._door, work, kept.record, by_id), now=work.now
            )
            if refusal is not None:
                raise _refused(work, refusal, kept.record.account_id, request_id)
            declined, event = decline_reset(kept.record, by=by_id, reason=reason, now=work.now)
            work.replace(STAFF_RESETS, kept, declined)
            work.audit([event], caller.actor)
            return declined

        return self._door.write("staff_resets.decline", by, act)

    @verb
    def cancel(self, request_id: str, *, by: Caller) -> StaffReset:
        """Take back a reset one asked for.

        Raises NotFoundError, NotPermittedError for somebody else's, ConflictError when it was decided.
        """

        def act(work: UnitOfWork, caller: Admitted) -> StaffReset:
            kept, by_id = _reset(work, request_id), caller.actor.actor_id
            refusal = refusal_of_cancel(kept.record, by=by_id, now=work.now)
            if refusal is not None:
                raise _refused(work, refusal, kept.record.account_id, request_id)
            cancelled, event = cancel_reset(kept.record, by=by_id, now=work.now)
            work.replace(STAFF_RESETS, kept, cancelled)
            work.audit([event], caller.actor)
            return cancelled

        return self._door.write("staff_resets.cancel", by, act)

    @verb
    def pending(
        self, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[StaffReset, ...]:
        """The resets that can still be approved, oldest first; raises NotPermittedError without the role.

        `after` is the id of such a reset: the list continues after it.
        """

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            found = work.find(STAFF_RESETS, ("state", "requested_at"), (StaffResetState.PENDING,))
            waiting = page_of(
                (kept.record for kept in found if _is_waiting(self._door, work, kept.record)),
                after=after,
                limit=limit,
                key=lambda reset: reset.request_id,
                expected="the id of a reset that waits",
            )
            work.audit([ListSeen("pending staff resets", len(waiting))], caller.actor)
            return [reset.request_id for reset in waiting]

        def view(work: UnitOfWork, looked: list[str]) -> tuple[StaffReset, ...]:
            return tuple(kept.record for kept in work.each_there(STAFF_RESETS, looked))

        return self._door.show("staff_resets.pending", by, look, view)

    def _assigned(self, account: Account) -> tuple[Password, PasswordHash]:
        policies = self._resources.account_policies()
        return self._passwords.assigned(policies, self._passwords.context(account, policies))

    def _approval(
        self, work: UnitOfWork, found: _Approvable, assigned_hash: PasswordHash, by: Actor
    ) -> Approval:
        policies = self._resources.account_policies()
        return approve_reset(
            found.reset.record,
            found.account.record,
            by=by.actor_id,
            assigned_hash=assigned_hash,
            policy=policies.recovery,
            history=policies.passwords.history,
            now=work.now,
        )

    def _standing(self, work: UnitOfWork, found: _Sought, policy: RecoveryPolicy) -> RecoveryStanding:
        account = found.account
        throttle, registration = _throttles(work, found)
        if account is None:
            return RecoveryStanding(throttle=throttle, registration=registration)
        policies = self._resources.account_policies()
        questions, lockout = policies.questions, policies.lockout
        answers = work.get(SECURITY_ANSWERS, account.account_id)
        waiting = _waiting_for(self._door, work, account)
        code = outstanding_code(work, account.account_id)
        addresses = {way: code_address_of(work, account, way) for way in _WAYS}
        address = addresses[code.record.way] if code else None
        return RecoveryStanding(
            account=account
            if lockout.keeps_out(account, work.now)
            else attrs.evolve(account, locked_until=None),
            has_address=any(addresses.values()),
            has_answers=answers is not None and questions is not None and answers.record.fit(questions),
            throttle=throttle,
            code=code.record if code else None,
            is_code_good=code is not None and code.record.is_good(account, address, policy, work.now),
            code_letters=letters_of(work, LetterSort.CODE, account.account_id),
            staff_reset_until=waiting[0].expires_at if waiting else None,
            registration=registration,
        )


def _approvable(door: Door, work: UnitOfWork, request_id: str, by: Actor) -> _Approvable:
    kept = _reset(work, request_id)
    account = existing(work, ACCOUNTS, kept.record.account_id)
    refusal = refusal_of_approval(
        kept.record,
        account.record,
        _deciding(door, work, kept.record, by.actor_id),
        has_address=code_address_of(work, account.record) is not None,
        now=work.now,
    )
    if refusal is not None:
        raise _refused(work, refusal, kept.record.account_id, request_id)
    return _Approvable(kept, account)


def _is_entitled(door: Door, work: UnitOfWork, reset: StaffReset) -> bool:
    return door.still_may(work, _REQUEST, reset.requested_by)


def _deciding(door: Door, work: UnitOfWork, reset: StaffReset, by_id: str) -> Deciding:
    return Deciding(by_id, requester_is_entitled=_is_entitled(door, work, reset))


def _refused(
    work: UnitOfWork, refusal: StaffResetRefusal, account_id: str | None, request_id: str | None
) -> DcssError:
    work.leave(StaffResetRefused(account_id, request_id, refusal))
    return error_of(refusal)


def _reset(work: UnitOfWork, request_id: str) -> Kept[StaffReset]:
    kept = work.get(STAFF_RESETS, request_id)
    if kept is None:
        sentence = "no reset was asked for under this id; look at those that are pending"
        raise nothing_found(work, "staff reset", sentence)
    return kept


def _send(work: UnitOfWork, approval: Approval, assigned: Password) -> None:
    carried = CarriedPassword(assigned, work.local_time(approval.good_until))
    notify(work, approval.account, approval.events, carried)


def _sought(work: UnitOfWork, of: TaxpayerNumber | str) -> _Sought:
    if isinstance(of, Ssn | Itin):
        subject = subject_of(work, of)
        account = subject.account.record if subject.account else None
        return _Sought(account, of, subject.person)
    account = existing_account(work, of).record
    person = _person(work, account)
    return _Sought(account, person.ssn if person else None, person)


def _throttles(
    work: UnitOfWork, found: _Sought
) -> tuple[ParticularsThrottle | None, tuple[ParticularsThrottle, ...]]:
    if found.ssn is None:
        return None, ()
    kept = every_throttle_of_registration(work, found.ssn, found.person)
    return throttle_of(work, found.ssn).record, tuple(each.record for each in kept)


def _is_waiting(door: Door, work: UnitOfWork, reset: StaffReset) -> bool:
    account = work.get(ACCOUNTS, reset.account_id)
    return account is not None and can_be_approved(
        reset,
        account.record,
        requester_is_entitled=_is_entitled(door, work, reset),
        has_address=code_address_of(work, account.record) is not None,
        now=work.now,
    )


def _waiting_for(door: Door, work: UnitOfWork, account: Account) -> list[StaffReset]:
    found = work.find(STAFF_RESETS, ("account_id", "requested_at"), (account.account_id,), descending=True)
    return [kept.record for kept in found if _is_waiting(door, work, kept.record)]


def _person(work: UnitOfWork, account: Account) -> Person | None:
    kept = work.get(PEOPLE, account.person_id) if account.person_id is not None else None
    return kept.record if kept else None
