from datetime import timedelta

import attrs
import pytest

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.users.account import AccountState
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.recovery.issued_code import IssuedCode, decide_code_request
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.policy import RecoveryMethod
from dcss_core.users.recovery.progress import RecoveryStanding, StepState, recovery_progress
from dcss_core.users.recovery.throttle import ParticularsThrottle

DONE, NEXT, BLOCKED, LATER = StepState.DONE, StepState.NEXT, StepState.BLOCKED, StepState.LATER


@pytest.fixture
def standing(account):
    return RecoveryStanding(
        account=account,
        has_address=True,
        has_answers=True,
        throttle=ParticularsThrottle("index-1"),
        code=None,
        is_code_good=False,
        code_letters=RecoveryLetters("code/a-1"),
        staff_reset_until=None,
    )


@pytest.fixture
def shown(standing, recovery, now):
    def looked(at=now, **changes):
        return recovery_progress(attrs.evolve(standing, **changes), recovery, at)

    return looked


@pytest.fixture
def code(account, recovery, now):
    decision = decide_code_request(
        account,
        RecoveryLetters("code/a-1"),
        code=IssuedCode.from_bytes(bytes(28)),
        way=ContactKind.EMAIL,
        address=Secret("jane@example.com"),
        requested_at=now,
        policy=recovery,
        now=now,
    )
    return decision.outstanding


def states(progress, method):
    [flow] = [flow for flow in progress.flows if flow.method is method]
    assert [step.number for step in flow.steps] == [1, 2, 3, 4]
    return [step.state for step in flow.steps]


def test_s27_the_steps_by_code_follow_the_caller(shown, account, code, now):
    by_code = RecoveryMethod.ISSUED_CODE
    assert states(shown(), by_code) == [DONE, NEXT, LATER, LATER]
    waiting = shown(code=code, is_code_good=True)
    assert states(waiting, by_code) == [DONE, DONE, NEXT, LATER]
    assert waiting.code_until == now + timedelta(minutes=10)
    chosen = account.with_password(PasswordHash("$new"), history=3, now=now)
    used = attrs.evolve(code, used_at=now)
    assert states(shown(account=chosen, code=used), by_code) == [DONE, DONE, DONE, NEXT]


def test_s27_the_steps_by_questions_follow_the_caller(shown, account, now):
    by_questions = RecoveryMethod.SECURITY_QUESTIONS
    assert states(shown(), by_questions) == [DONE, NEXT, LATER, LATER]
    until = now + timedelta(hours=24)
    assigned = account.with_password(PasswordHash("$a"), history=3, now=now, assigned_until=until)
    waiting = shown(account=assigned)
    assert states(waiting, by_questions) == [DONE, DONE, NEXT, LATER]
    assert (waiting.assigned_until, waiting.is_assigned_used) == (until, False)
    used = shown(account=attrs.evolve(assigned, assigned_used_at=now))
    assert states(used, by_questions) == [DONE, DONE, DONE, NEXT]
    assert used.is_assigned_used
    # once it has expired the caller begins again
    assert states(shown(at=until, account=assigned), by_questions) == [DONE, NEXT, LATER, LATER]


def test_s27_what_stands_in_the_way_is_said_in_place_of_the_step(shown, account, now):
    closed = ParticularsThrottle("index-1", (now,) * 5, now)
    flooded = RecoveryLetters("code/a-1", (now,) * 5)
    locked = attrs.evolve(account, locked_until=now + timedelta(minutes=15))
    assigned = locked.with_password(
        PasswordHash("$a"), history=3, now=now, assigned_until=now + timedelta(hours=24)
    )
    obstacles = [
        (shown(account=None, throttle=None, code_letters=None), 0, "no account"),
        (shown(account=attrs.evolve(account, state=AccountState.DISABLED)), 0, "not in use"),
        (shown(has_address=False), 0, "no address"),
        (shown(throttle=closed), 1, "closed until staff"),
        (shown(has_answers=False), 1, "no security questions"),
        (shown(account=assigned), 2, "locked"),
    ]
    for progress, place, words in obstacles:
        step = progress.flows[1].steps[place]
        assert step.state is BLOCKED
        assert words in step.sentence
    by_code = shown(code_letters=flooded).flows[0].steps[1]
    assert (by_code.state, "newest" in by_code.sentence) == (BLOCKED, True)


def test_s27_a_closed_number_leaves_the_way_by_code_open(shown, now):
    progress = shown(throttle=ParticularsThrottle("index-1", (now,) * 5, now))
    assert progress.is_closed
    assert progress.failures_left == 0
    assert states(progress, RecoveryMethod.ISSUED_CODE) == [DONE, NEXT, LATER, LATER]


@pytest.mark.parametrize(("hours", "left"), [(0, 2), (23, 2), (24, 5)])
def test_s27_failures_left_until_recovery_closes(shown, now, hours, left):
    """5 within 24 hours close it, so 3 leave 2; after 24 hours they count no more."""
    progress = shown(at=now + timedelta(hours=hours), throttle=ParticularsThrottle("index-1", (now,) * 3))
    assert progress.failures_left == left


def test_s27_only_ways_that_the_jurisdiction_offers_are_shown(standing, recovery, now):
    codes_only = attrs.evolve(recovery, methods=(RecoveryMethod.ISSUED_CODE,))
    progress = recovery_progress(standing, codes_only, now)
    assert [flow.method for flow in progress.flows] == [RecoveryMethod.ISSUED_CODE]


def test_s27_where_no_ssn_is_known_nothing_is_said_of_failures(shown):
    progress = shown(throttle=None)
    assert (progress.failures_left, progress.is_closed) == (None, None)


def test_s27_the_lock_is_shown_while_it_lasts(shown, account, now):
    locked = attrs.evolve(account, locked_until=now + timedelta(minutes=15))
    assert shown(account=locked).locked_until == now + timedelta(minutes=15)
    assert shown(at=now + timedelta(minutes=15), account=locked).locked_until is None


def test_s27_an_agent_sees_whose_recovery_it_is_and_what_there_is_to_recover_with(shown, account, now):
    until = now + timedelta(hours=24)
    seen = shown(staff_reset_until=until)
    assert (seen.account_id, seen.is_active, seen.has_address) == ("a-1", True, True)
    assert seen.staff_reset_until == until
    disabled = shown(account=attrs.evolve(account, state=AccountState.DISABLED), has_address=False)
    assert (disabled.account_id, disabled.is_active, disabled.has_address) == ("a-1", False, False)
    nobody = shown(account=None)
    assert (nobody.account_id, nobody.is_active, nobody.locked_until) == (None, False, None)


def test_s27_no_instant_is_shown_of_what_is_over(shown, account, code, now):
    assert shown(code=code, is_code_good=False).code_until is None
    assert shown(code=None, is_code_good=False).code_until is None
    expired = attrs.evolve(account, assigned_until=now)
    assert shown(account=expired).assigned_until is None


def test_s27_every_step_is_said_in_whole_sentences(shown, account, code, now):
    """What an agent reads out: the same words before, while and after the step is taken."""
    chosen = account.with_password(PasswordHash("$new"), history=3, now=now)
    by_code = [
        "Have an account in use, with an address on file that the caller can read.",
        "Ask for a code on the recovery page, with the user ID.",
        "Type the newest code from the letter, and choose a new password.",
        "Sign in with the new password.",
    ]
    by_questions = [
        by_code[0],
        "Give full name, Social Security number and the answers to the security questions.",
        "Sign in with the assigned password from the letter, once.",
        "Choose a password of one's own, before anything else.",
    ]
    for seen in (shown(), shown(account=chosen, code=attrs.evolve(code, used_at=now))):
        said = {flow.method: [step.sentence for step in flow.steps] for flow in seen.flows}
        assert said == {
            RecoveryMethod.ISSUED_CODE: by_code,
            RecoveryMethod.SECURITY_QUESTIONS: by_questions,
        }


@pytest.mark.parametrize(
    ("registration", "is_closed"),
    [
        ((), None),  # no number is known, so nothing counts
        ((False,), False),
        ((True,), True),
        ((False, True), True),
        ((True, False), True),
    ],
)
def test_s27_an_agent_sees_whether_registration_is_closed_where_a_number_is_known(
    shown, now, registration, is_closed
):
    throttles = tuple(
        ParticularsThrottle(f"index-{number}", closed_at=now if closed else None)
        for number, closed in enumerate(registration)
    )
    assert shown(throttle=None, registration=throttles).is_registration_closed is is_closed


def test_s27_a_closed_registration_stands_in_the_way_of_whoever_has_no_account(shown, account, now):
    closed = (ParticularsThrottle("index-1", closed_at=now),)

    def first(**changes):
        step = shown(registration=closed, **changes).flows[0].steps[0]
        return step.state, step.sentence

    assert first(account=None) == (
        BLOCKED,
        "Too many registrations failed; registration is closed until staff open it again.",
    )
    assert first() == (DONE, "Have an account in use, with an address on file that the caller can read.")
    disabled = attrs.evolve(account, state=AccountState.DISABLED)
    assert first(account=disabled) == (
        BLOCKED,
        "The account is not in use; an account administrator can enable it.",
    )


def test_s27_each_obstacle_is_said_in_a_whole_sentence(shown, account, now):
    """What an agent reads out, word for word."""
    locked = attrs.evolve(account, locked_until=now + timedelta(minutes=15))
    closed = ParticularsThrottle("index-1", (now,) * 5, now)
    flooded = RecoveryLetters("code/a-1", (now,) * 5)
    assigned = locked.with_password(
        PasswordHash("$a"), history=3, now=now, assigned_until=now + timedelta(hours=24)
    )
    blocked = [
        step.sentence
        for progress in (
            shown(account=None),
            shown(has_address=False),
            shown(code_letters=flooded, throttle=closed),
            shown(has_answers=False),
            shown(account=assigned),
        )
        for flow in progress.flows
        for step in flow.steps
        if step.state is BLOCKED
    ]
    assert blocked == [
        "There is no account; register first.",
        "There is no account; register first.",
        "There is no address on file to write to; put one on file first.",
        "There is no address on file to write to; put one on file first.",
        "Several codes went out just now; use the newest, or ask again later.",
        "Too many answers were wrong; recovery is closed until staff open it again.",
        "The caller has no security questions, or such as are no longer asked; use another way.",
        "Sign-in is locked for a while; wait until it ends.",
    ]
