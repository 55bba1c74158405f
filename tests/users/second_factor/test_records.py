"""What a change of the second factor says in the audit log, and what a method is told to judge a code by."""

import hashlib
from base64 import b32encode
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.users.events import SessionEnded, SessionEndReason, SessionOpened
from dcss_core.users.second_factor.changes import decide_enrolment, remove_factor, renew_codes
from dcss_core.users.second_factor.events import (
    SavedCodesReplaced,
    SecondFactorEnrolled,
    SecondFactorNotEnrolled,
    SecondFactorRemoved,
)
from dcss_core.users.second_factor.factor import HeldFactor, SecondFactor, accept_code
from dcss_core.users.second_factor.method import FactorGiven
from dcss_core.users.second_factor.saved_codes import RANDOM_BYTES, SavedCodes, make_saved_codes
from dcss_core.users.second_factor.totp import Totp
from dcss_core.users.sign_in.session import FactorStanding, SessionToken, open_session

# RFC 6238, Appendix B: at 1234567890 the code of eight digits is 89005924, and one of six its last six
KEY = HeldFactor("totp", Secret(b32encode(b"12345678901234567890").decode()), factor_id="f-1", name="phone")
AT = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=1234567890)
CODE = Secret("005924")
CODES = SavedCodes.of(make_saved_codes(hashlib.shake_256(b"some").digest(RANDOM_BYTES)))
SECOND = SessionToken("second")
LIMIT = 100  # NIST SP 800-63B-4 §3.2.2
enrolled = SecondFactor("a-1", in_force=(KEY,), enrolled_at=AT, saved_codes=CODES)
METHODS = {"totp": Totp()}


@pytest.fixture
def session(account, sessions):
    return open_session(account, SessionToken("first"), sessions, AT, factor=FactorStanding.GIVEN)[0]


@pytest.fixture
def replaced(session):
    """The events of the session that gives way to the one of the second token."""

    def by(assurance):
        return (
            SessionEnded("a-1", session.session_id, SessionEndReason.REPLACED),
            SessionOpened("a-1", SECOND.session_id, "full", assurance),
        )

    return by


@pytest.fixture
def enrol(session):
    def confirmed(factor, code, at=AT):
        return decide_enrolment(
            factor,
            session,
            code,
            methods=METHODS,
            saved_codes=CODES,
            token=SECOND,
            within=timedelta(minutes=10),
            now=at,
        )

    return confirmed


def test_a_code_of_the_app_is_judged_by_the_clock_of_the_caller():
    accepted = accept_code(enrolled, CODE, METHODS, challenge="session", limit=LIMIT, now=AT)
    # the step of the code: 1234567890 / 30
    assert accepted.factor.in_force == (attrs.evolve(KEY, state="41152263", last_used_at=AT),)
    assert accepted.is_saved_code is False
    assert (
        accept_code(enrolled, CODE, METHODS, challenge="session", limit=LIMIT, now=AT + timedelta(hours=1))
        is None
    )


@pytest.mark.parametrize("number", [1, 2])
def test_a_factor_put_in_force_is_recorded_and_belongs_to_its_account(enrol, replaced, number):
    before = enrolled if number == 2 else SecondFactor("a-1")
    change = enrol(before.beginning(attrs.evolve(KEY, factor_id="f-2"), AT), CODE)
    assert change.factor.account_id == "a-1"
    assert change.events == (SecondFactorEnrolled("a-1", "totp", "f-2", number), *replaced("aal2"))


def test_a_factor_that_was_not_confirmed_is_recorded_with_whether_it_was_in_time(enrol):
    begun = SecondFactor("a-1").beginning(KEY, AT)
    assert enrol(begun, Secret("000000")).events == (SecondFactorNotEnrolled("a-1", was_in_time=True),)
    late = enrol(begun, CODE, at=AT + timedelta(minutes=10))
    assert late.events == (SecondFactorNotEnrolled("a-1", was_in_time=False),)


def test_what_answers_a_challenge_is_asked_for_the_session_it_is_given_in():
    class Answering:
        """A method of a test: the code is the challenge itself."""

        def check(self, enrolled, answer, *, challenge, now):
            return FactorGiven(0, "1") if answer.reveal() == challenge else None

    def accepted(challenge):
        answer = Secret("this one")
        return accept_code(enrolled, answer, {"totp": Answering()}, challenge=challenge, limit=LIMIT, now=AT)

    assert accepted("this one") is not None
    assert accepted("another one") is None


def test_new_codes_and_a_removal_are_recorded_with_the_session_that_goes_on(session, replaced):
    used = attrs.evolve(enrolled, saved_codes=SavedCodes(CODES.hashes[:7]))
    renewed = renew_codes(used, session, CODES, token=SECOND, now=AT)
    assert renewed.events == (SavedCodesReplaced("a-1", unused_before=7), *replaced("aal2"))
    removed = remove_factor(enrolled, session, None, token=SECOND, now=AT)
    assert removed.events == (SecondFactorRemoved("a-1", None, left=0), *replaced("aal1"))
