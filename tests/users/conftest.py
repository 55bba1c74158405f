from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.testing.hasher import FakeHasher
from dcss_core.users.account import Account, AccountKind, AccountState
from dcss_core.users.participant_on_file import ParticipantOnFile
from dcss_core.users.passwords.policy import PasswordPolicy
from dcss_core.users.recovery.answers import Answer
from dcss_core.users.recovery.policy import RecoveryMethod, RecoveryPolicy
from dcss_core.users.recovery.security_questions import Question, QuestionPolicy
from dcss_core.users.registration.form import RegistrationForm
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.session import SessionPolicy, SessionToken

PASSWORD = "otter canoe marble lamp"
SALT = bytes(16)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 2, 14, 0, tzinfo=UTC)


@pytest.fixture
def hasher() -> FakeHasher:
    return FakeHasher()


@pytest.fixture
def passwords() -> PasswordPolicy:
    return PasswordPolicy(min_length=15, max_length=256, history=3)


@pytest.fixture
def lockout() -> LockoutPolicy:
    # IRS Pub. 1075, AC-7: 3 failures in 120 minutes lock for 15
    return LockoutPolicy(
        failure_limit=3, window=timedelta(minutes=120), lock_for=timedelta(minutes=15), hard_limit=100
    )


@pytest.fixture
def sessions() -> SessionPolicy:
    return SessionPolicy(
        idle=timedelta(minutes=30),
        absolute=timedelta(hours=24),
        shared_idle=timedelta(minutes=5),
        factor_within=timedelta(minutes=10),
    )


@pytest.fixture
def recovery() -> RecoveryPolicy:
    return RecoveryPolicy(
        methods=(RecoveryMethod.ISSUED_CODE, RecoveryMethod.SECURITY_QUESTIONS),
        failure_limit=5,
        window=timedelta(hours=24),
        assigned_for=timedelta(hours=24),
        code_for=timedelta(minutes=10),
        text_code_for=timedelta(minutes=10),
        code_failure_limit=100,
        letter_limit=5,
        letter_window=timedelta(minutes=60),
        staff_reset_for=timedelta(hours=24),
        risk_acceptance="accepted for this test",
        departs_from=("NIST SP 800-63B-4 §4.2.1",),
    )


@pytest.fixture
def questions() -> QuestionPolicy:
    catalogue = (
        Question("dish", "What was the first dish you learned to cook?"),
        Question("gift", "What gift do you remember best?"),
        Question("story", "What story was read to you most often?"),
        Question("thing", "What thing were you most sorry to lose?"),
    )
    return QuestionPolicy(count=3, renew_after=None, catalogue=catalogue, common_answers={})


@pytest.fixture
def answers() -> tuple[Answer, ...]:
    return (
        Answer("dish", Secret("shakshuka")),
        Answer("gift", Secret("red scooter")),
        Answer("story", Secret("The Wind in the Willows")),
    )


@pytest.fixture
def token() -> SessionToken:
    return SessionToken.from_bytes(bytes(range(32)))


@pytest.fixture
def account(now: datetime, hasher: FakeHasher) -> Account:
    return Account(
        account_id="a-1",
        user_id="JDoe",
        user_key="jdoe",
        person_id="p-1",
        kind=AccountKind.PARENT,
        state=AccountState.ACTIVE,
        password_hash=hasher.hash(Secret(PASSWORD), salt=SALT),
        created_at=now - timedelta(days=30),
        password_set_at=now - timedelta(days=30),
    )


@pytest.fixture
def participant() -> ParticipantOnFile:
    return ParticipantOnFile(
        person_id="p-1",
        first="Jane",
        last="O'Neil-Park",
        middle="Quincy",
        birth_date=date(1988, 2, 29),
        ssn=Ssn("900-01-0001", accept_never_issued=True),
    )


@pytest.fixture
def form(answers: tuple[Answer, ...]) -> Callable[..., RegistrationForm]:
    good = RegistrationForm(
        user_id="JDoe",
        password=Secret(PASSWORD),
        full_name="Jane O'Neil-Park",
        birth_date="1988-02-29",
        ssn=Ssn("900-01-0001", accept_never_issued=True),
        irn="1234567",
        answers=answers,
    )

    def filled_in(**changes: Any) -> RegistrationForm:
        return attrs.evolve(good, **changes)

    return filled_in
