"""Marked secrets go through every decision; none may show in what comes out."""

import json
import traceback
from functools import partial

import attrs
import pytest

from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.users.account import AccountKind
from dcss_core.users.account_control import (
    ControlReason,
    close,
    demand_password_change,
    disable,
    lift_lock,
)
from dcss_core.users.passwords.change import decide_password_change
from dcss_core.users.passwords.password import Password, prepare_password
from dcss_core.users.passwords.policy import PasswordContext
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.recovery.answers import Answer, answers_secret
from dcss_core.users.recovery.by_questions import decide_reset
from dcss_core.users.recovery.security_questions import AnswerContext, enrolment_violations
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.registration.form import read_registration
from dcss_core.users.registration.registration import RegistrationHashes, decide_registration
from dcss_core.users.sign_in.reauthentication import decide_reauthentication, reauthenticate
from dcss_core.users.sign_in.session import SessionToken, open_session
from dcss_core.users.sign_in.sign_in import SignInRequest, decide_sign_in
from dcss_core.users.staff.appointment import appoint
from dcss_core.users.staff.member import StaffRole
from dcss_core.users.user_id import UserId

CANARY = "kanarienvogel"
NAME_CANARY = "Zeisigsdottir"
SSN_CANARY = "900-01-0777"


def shown(value: object) -> str:
    parts = [repr(value), str(value), f"{value}"]
    for event in (value,) if isinstance(value, Event) else getattr(value, "events", ()):
        assert isinstance(event, Event)
        parts.append(json.dumps({"subject": event.subject, **event.details()}))
    return "\n".join(parts)


def assert_silent(value: object) -> None:
    text = shown(value)
    for secret in (CANARY, NAME_CANARY, SSN_CANARY, "900010777", "$fake$"):
        assert secret not in text


def test_no_decision_event_or_outcome_shows_a_secret(
    form, passwords, questions, participant, hasher, lockout, sessions, recovery, now
):
    answers = tuple(Answer(each, Secret(f"{CANARY} {each}")) for each in ("dish", "gift", "story"))
    filled_in = form(
        password=Secret(f"{CANARY} sings at dawn"),
        ssn=Ssn(SSN_CANARY, accept_never_issued=True),
        answers=answers,
        full_name=f"Jane {NAME_CANARY}",
    )
    registration = read_registration(filled_in, passwords=passwords, questions=questions)
    registered = decide_registration(
        registration,
        participant=attrs.evolve(participant, ssn=registration.ssn, last=NAME_CANARY),
        has_account=False,
        user_id_taken=False,
        account_id="a-1",
        hashes=RegistrationHashes(
            hasher.hash(registration.password, salt=bytes(16)),
            hasher.hash(answers_secret(filled_in.full_name, answers), salt=bytes(16)),
        ),
        throttles=(),
        limit=recovery.particulars,
        now=now,
    )
    assert registered.account is not None
    token = SessionToken(CANARY)
    request = SignInRequest(token, source="203.0.113.7")
    signed_in, refused = (
        decide_sign_in(
            registered.account, request, password_matches=right, lockout=lockout, sessions=sessions, now=now
        )
        for right in (True, False)
    )
    given_again = decide_reauthentication(
        signed_in.account,
        signed_in.session,
        checked=reauthenticate(signed_in.account, password_matches=True, lockout=lockout, now=now),
        token=token,
        now=now,
    )
    appointed = appoint(
        "a-7",
        UserId("worker-7"),
        AccountKind.STAFF,
        roles=(StaffRole.HELP_DESK,),
        email=Secret(f"{CANARY}@example.gov"),
        assigned_hash=hasher.hash(Password(CANARY), salt=bytes(16)),
        good_until=now,
        now=now,
    )
    controlled = [
        act(registered.account, ControlReason.OWNER_ASKED)
        for act in (
            partial(lift_lock, lockout=lockout, was_throttled=True),
            disable,
            partial(close, fits_nothing=registered.account.password_hash, now=now),
            demand_password_change,
        )
    ]
    reset = decide_reset(
        registered.account,
        ParticularsThrottle("index-1"),
        answers_match=True,
        has_address=True,
        assigned=Password(CANARY),
        assigned_hash=hasher.hash(Password(CANARY), salt=bytes(16)),
        policy=recovery,
        history=3,
        now=now,
    )
    changed = decide_password_change(
        reset.account,
        open_session(reset.account, token, sessions, now)[0],
        checked=reauthenticate(reset.account, password_matches=True, lockout=lockout, now=now),
        new=WeighedPassword((), hasher.hash(Password(CANARY), salt=bytes(16))),
        token=token,
        history=3,
        sessions=sessions,
        now=now,
    )
    decisions = (registered, signed_in, refused, given_again, appointed, reset, changed)
    for value in (
        filled_in,
        registration,
        answers,
        *decisions,
        *(part for pair in controlled for part in pair),
    ):
        assert_silent(value)


def test_no_reason_against_a_form_shows_what_was_typed(form, passwords, questions):
    bad = form(
        user_id=f"{CANARY}\u0430",
        password=Secret(CANARY),
        full_name=CANARY,
        birth_date=CANARY,
        ssn=Secret(CANARY),
        irn=f"{CANARY}?!",
        answers=(Answer("dish", Secret(CANARY)),),
    )
    assert_silent(read_registration(bad, passwords=passwords, questions=questions))
    assert_silent(passwords.violations(Password(CANARY), PasswordContext(CANARY, names=(CANARY,))))
    context = AnswerContext("JDoe", f"Jane {CANARY}", Password(CANARY))
    assert_silent(enrolment_violations(bad.answers, questions, context))
    assert_silent(prepare_password(Secret(CANARY + "\ud800")))


def test_a_traceback_of_a_refused_user_id_does_not_show_it():
    with pytest.raises(Exception, match="user_id") as refused:
        UserId(f"{CANARY}\u0430")
    assert CANARY not in "".join(traceback.format_exception(refused.value))
    assert CANARY not in repr(refused.value.args)
