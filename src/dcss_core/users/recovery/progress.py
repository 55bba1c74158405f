"""RecoveryProgress: what an agent sees while a caller recovers access (the contact centre's script).

Decides the steps of each way the jurisdiction offers, in plain words, and how far the caller has come.
Invariants: it shows counts, instants and yes or no, never an answer, a code, a password, a user id or
an address; nothing in it lets an agent finish a step for the caller.
"""

from datetime import datetime
from enum import Enum

import attrs

from dcss_core.users.account import Account
from dcss_core.users.recovery.issued_code import OutstandingCode
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.policy import RecoveryMethod, RecoveryPolicy
from dcss_core.users.recovery.throttle import ParticularsThrottle


class StepState(Enum):
    """Where a step stands."""

    DONE = "done"
    NEXT = "next"
    BLOCKED = "blocked"
    LATER = "later"


@attrs.frozen
class RecoveryStep:
    """One step of the caller's; `sentence` says what the caller does, or what stands in the way."""

    number: int
    sentence: str
    state: StepState


@attrs.frozen
class RecoveryFlow:
    """The steps of one way to recover a password."""

    method: RecoveryMethod
    steps: tuple[RecoveryStep, ...]


@attrs.frozen
class RecoveryProgress:
    """How far somebody's recovery has come.

    `failures_left`, `is_closed` and `is_registration_closed` are of the person's SSN, and None where none is
    known. Each `…_until` is None where there is nothing of the sort now.
    """

    account_id: str | None
    is_active: bool
    has_address: bool
    flows: tuple[RecoveryFlow, ...]
    failures_left: int | None
    is_closed: bool | None
    is_registration_closed: bool | None
    locked_until: datetime | None
    code_until: datetime | None
    assigned_until: datetime | None
    is_assigned_used: bool
    staff_reset_until: datetime | None


@attrs.frozen
class RecoveryStanding:
    """What is stored about somebody's recovery; nothing else than the defaults where there is nobody.

    `is_code_good` is the verdict on `code` as it is bound now; `throttle` is None, and `registration` empty,
    where no SSN is known.
    """

    account: Account | None = None
    has_address: bool = False
    has_answers: bool = False
    throttle: ParticularsThrottle | None = None
    code: OutstandingCode | None = None
    is_code_good: bool = False
    code_letters: RecoveryLetters | None = None
    staff_reset_until: datetime | None = None
    registration: tuple[ParticularsThrottle, ...] = ()

    @property
    def is_registration_closed(self) -> bool:
        """Whether too many wrong particulars closed registration."""
        return any(throttle.is_closed for throttle in self.registration)


@attrs.frozen
class _Step:
    sentence: str
    is_done: bool
    obstacle: str | None = None


def recovery_progress(standing: RecoveryStanding, policy: RecoveryPolicy, now: datetime) -> RecoveryProgress:
    """Put together what an agent sees."""
    account, throttle = standing.account, standing.throttle
    has_assigned = _has_assigned(account, now)
    return RecoveryProgress(
        account_id=account.account_id if account else None,
        is_active=account is not None and account.is_active,
        has_address=standing.has_address,
        flows=tuple(
            RecoveryFlow(method, _numbered(_STEPS[method](standing, policy, now)))
            for method in policy.methods
        ),
        failures_left=throttle.failures_left(policy.particulars, now) if throttle else None,
        is_closed=throttle.is_closed if throttle else None,
        is_registration_closed=standing.is_registration_closed if standing.registration else None,
        locked_until=account.locked_until if account and account.is_locked(now) else None,
        code_until=standing.code.expires_at if standing.code and standing.is_code_good else None,
        assigned_until=account.assigned_until if account and has_assigned else None,
        is_assigned_used=account is not None and account.assigned_used_at is not None,
        staff_reset_until=standing.staff_reset_until,
    )


def _code_steps(standing: RecoveryStanding, policy: RecoveryPolicy, now: datetime) -> tuple[_Step, ...]:
    letters = standing.code_letters
    may_send = letters is None or letters.may_send(policy, now)
    is_chosen = _is_chosen(standing)
    return (
        _account_step(standing),
        _Step(
            "Ask for a code on the recovery page, with the user ID.",
            standing.is_code_good or is_chosen,
            None if may_send else "Several codes went out just now; use the newest, or ask again later.",
        ),
        _Step("Type the newest code from the letter, and choose a new password.", is_chosen),
        _sign_in_step(standing, now, "Sign in with the new password."),
    )


def _question_steps(standing: RecoveryStanding, policy: RecoveryPolicy, now: datetime) -> tuple[_Step, ...]:
    account = standing.account
    is_used = account is not None and account.assigned_used_at is not None
    return (
        _account_step(standing),
        _Step(
            "Give full name, Social Security number and the answers to the security questions.",
            _has_assigned(account, now),
            _obstacle_to_answers(standing),
        ),
        attrs.evolve(
            _sign_in_step(standing, now, "Sign in with the assigned password from the letter, once."),
            is_done=is_used,
        ),
        _Step("Choose a password of one's own, before anything else.", False),
    )


_STEPS = {
    RecoveryMethod.ISSUED_CODE: _code_steps,
    RecoveryMethod.SECURITY_QUESTIONS: _question_steps,
}


def _account_step(standing: RecoveryStanding) -> _Step:
    is_active = standing.account is not None and standing.account.is_active
    obstacle = None
    if standing.account is None and standing.is_registration_closed:
        obstacle = "Too many registrations failed; registration is closed until staff open it again."
    elif standing.account is None:
        obstacle = "There is no account; register first."
    elif not is_active:
        obstacle = "The account is not in use; an account administrator can enable it."
    elif not standing.has_address:
        obstacle = "There is no address on file to write to; put one on file first."
    sentence = "Have an account in use, with an address on file that the caller can read."
    return _Step(sentence, is_active and standing.has_address, obstacle)


def _sign_in_step(standing: RecoveryStanding, now: datetime, sentence: str) -> _Step:
    is_locked = standing.account is not None and standing.account.is_locked(now)
    return _Step(sentence, False, "Sign-in is locked for a while; wait until it ends." if is_locked else None)


def _obstacle_to_answers(standing: RecoveryStanding) -> str | None:
    if standing.throttle is not None and standing.throttle.is_closed:
        return "Too many answers were wrong; recovery is closed until staff open it again."
    if standing.has_answers:
        return None
    return "The caller has no security questions, or such as are no longer asked; use another way."


def _has_assigned(account: Account | None, now: datetime) -> bool:
    is_assigned = account is not None and account.assigned_until is not None
    return account is not None and is_assigned and not account.has_assigned_expired(now)


def _is_chosen(standing: RecoveryStanding) -> bool:
    """Whether the present password was chosen with the code."""
    code, account = standing.code, standing.account
    return code is not None and account is not None and code.used_at == account.password_set_at


def _numbered(steps: tuple[_Step, ...]) -> tuple[RecoveryStep, ...]:
    numbered, is_open = [], True
    for number, step in enumerate(steps, start=1):
        if not is_open:
            numbered.append(RecoveryStep(number, step.sentence, StepState.LATER))
        elif step.is_done:
            numbered.append(RecoveryStep(number, step.sentence, StepState.DONE))
        else:
            is_open = False
            state = StepState.BLOCKED if step.obstacle else StepState.NEXT
            numbered.append(RecoveryStep(number, step.obstacle or step.sentence, state))
    return tuple(numbered)
