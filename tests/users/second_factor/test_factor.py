import hashlib
from base64 import b64decode, b64encode
from datetime import timedelta

import attrs
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError, NotPermittedError
from dcss_core.users.second_factor.changes import (
    EnrolmentRefused,
    FactorChange,
    NotEnrolled,
    decide_enrolment,
    remove_factor,
    renew_codes,
    require_may_remove,
    require_may_renew_codes,
)
from dcss_core.users.second_factor.events import SecondFactorDisabled
from dcss_core.users.second_factor.factor import (
    FactorKey,
    SecondFactor,
    accept_code,
    check_code,
    factor_standing,
    require_may_set_up,
)
from dcss_core.users.second_factor.method import NewFactor
from dcss_core.users.second_factor.saved_codes import RANDOM_BYTES, SavedCodes, make_saved_codes
from dcss_core.users.sign_in.session import (
    Assurance,
    FactorStanding,
    SessionScope,
    SessionToken,
    open_session,
)

CODES, OTHERS = (
    make_saved_codes(hashlib.shake_256(seed).digest(RANDOM_BYTES)) for seed in (b"some", b"others")
)
WITHIN = timedelta(minutes=10)
LIMIT = 100  # NIST SP 800-63B-4 §3.2.2
MICROSECOND = timedelta(microseconds=1)


class CountedCodes:
    """A method of a test: the codes are "1", "2", … after the secret, each good once and in order."""

    key = "counted"

    def begin(self, random, *, issuer, account_name):
        return NewFactor(secret=Secret(random.hex()), shown=Secret(f"{issuer}/{account_name}"))

    def check(self, secret, code, *, state, challenge, now):
        number = str(int(state or 0) + 1)
        return number if code.reveal() == secret.reveal() + number else None


class SignedChallenge:
    """A method as a passkey is one: a public key is kept, and a code signs the session it is given in."""

    key = "signed"

    def begin(self, random, *, issuer, account_name):
        raise NotImplementedError

    def check(self, secret, code, *, state, challenge, now):
        try:
            signature = b64decode(code.reveal())
            Ed25519PublicKey.from_public_bytes(b64decode(secret.reveal())).verify(
                signature, challenge.encode()
            )
        except (ValueError, InvalidSignature):
            return None
        return str(int(state or 0) + 1)


method = CountedCodes()


@pytest.fixture
def factor(now):
    """Enrolled with the secret `s`, so that the first code is `s1`."""
    return SecondFactor(
        "a-1", in_force=FactorKey("counted", Secret("s")), enrolled_at=now, saved_codes=SavedCodes.of(CODES)
    )


@pytest.fixture
def session_of(account, sessions, now):
    """A session of the account; the factor's standing says which."""

    def opened(standing):
        return open_session(account, SessionToken("first"), sessions, now, factor=standing)[0]

    return opened


@pytest.fixture
def enrol(session_of, now):
    def confirmed(factor, code, *, session=None, at=now):
        return decide_enrolment(
            factor,
            session or session_of(FactorStanding.TO_ENROL),
            Secret(code),
            method=method,
            saved_codes=SavedCodes.of(CODES),
            token=SessionToken("second"),
            within=WITHIN,
            now=at,
        )

    return confirmed


def accept(factor, code, now):
    return accept_code(factor, code, method, challenge="session", limit=LIMIT, now=now)


# --- how an account stands ------------------------------------------------------------------------------


def test_a_factor_is_due_only_once_it_is_enrolled(factor, now):
    begun = SecondFactor("a-1").beginning(FactorKey("counted", Secret("s")), now)
    assert factor_standing(factor, demanded=False) is FactorStanding.DUE
    assert factor_standing(factor, demanded=True) is FactorStanding.DUE
    for none_yet in (None, begun, factor.removed()):
        assert factor_standing(none_yet, demanded=False) is FactorStanding.NOT_USED
        assert factor_standing(none_yet, demanded=True) is FactorStanding.TO_ENROL


# --- codes ------------------------------------------------------------------------------------------------


def test_a_code_counts_and_what_it_used_up_is_kept(factor, now):
    accepted = accept(factor, Secret("s1"), now)
    assert not accepted.is_saved_code
    assert accept(accepted.factor, Secret("s1"), now) is None
    assert accept(accepted.factor, Secret("s2"), now) is not None


def test_a_saved_code_counts_once_in_place_of_the_method_s(factor, now):
    accepted = accept(factor, CODES[4], now)
    assert accepted.is_saved_code
    assert accepted.factor.saved_codes.left == 9
    assert accepted.factor.in_force == factor.in_force
    assert accept(accepted.factor, CODES[4], now) is None


@pytest.mark.parametrize("code", ["", "s2", "s", "S1"])
def test_a_wrong_code_does_not_count(factor, now, code):
    assert accept(factor, Secret(code), now) is None


def test_without_a_factor_in_force_no_code_counts(factor, now):
    begun = SecondFactor("a-1").beginning(factor.in_force, now)
    for none_yet in (begun, factor.removed()):
        assert accept(none_yet, Secret("s1"), now) is None
        assert accept(none_yet, CODES[0], now) is None


def test_a_factor_of_another_method_is_never_handed_to_the_one_at_hand(factor, now):
    with pytest.raises(ConfigurationError, match="set up by the method 'counted'"):
        accept_code(factor, Secret("s1"), SignedChallenge(), challenge="session", limit=LIMIT, now=now)
    saved = accept_code(factor, CODES[0], SignedChallenge(), challenge="session", limit=LIMIT, now=now)
    assert saved.is_saved_code  # which needs no method


def test_a_method_whose_codes_answer_the_session_can_be_plugged_in(now):
    device = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = FactorKey("signed", Secret(b64encode(device.public_key().public_bytes_raw()).decode()))
    code = Secret(b64encode(device.sign(b"this session")).decode())
    after = check_code(key, code, SignedChallenge(), challenge="this session", now=now)
    assert after == attrs.evolve(key, state="1")
    assert check_code(key, code, SignedChallenge(), challenge="another session", now=now) is None


# --- set-up -------------------------------------------------------------------------------------------------


@pytest.fixture
def begun(now):
    return SecondFactor("a-1").beginning(FactorKey("counted", Secret("n")), now)


def test_a_right_code_puts_the_factor_in_force_and_the_session_at_aal2(begun, enrol, session_of, now):
    change = enrol(begun, "n1")
    assert isinstance(change, FactorChange)
    assert change.factor.is_enrolled
    assert change.factor.enrolled_at == now
    assert change.factor.saved_codes.left == 10
    assert change.factor.begun is None
    assert (change.opened.scope, change.opened.assurance) == (SessionScope.FULL, Assurance.AAL2)
    assert change.opened.expires_at == session_of(FactorStanding.TO_ENROL).expires_at
    assert [event.kind for event in change.events] == [
        "authn_second_factor_enrolled",
        "session_expired",
        "session_created",
    ]


def test_session_fixation_every_change_gives_another_token_and_ends_the_old_one(
    begun, enrol, factor, session_of, now
):
    before, token = session_of(FactorStanding.GIVEN), SessionToken("second")
    for change in (
        enrol(begun, "n1", session=before),
        renew_codes(factor, before, SavedCodes.of(CODES), token=token, now=now),
        remove_factor(factor, before, token=token, now=now),
    ):
        assert change.session.session_id == before.session_id
        assert change.session.ended_at == now
        assert change.opened.session_id == token.session_id != before.session_id
        assert change.opened.ended_at is None


def test_the_code_that_confirmed_does_not_sign_in_as_well(begun, enrol, now):
    enrolled = enrol(begun, "n1").factor
    assert accept(enrolled, Secret("n1"), now) is None
    assert accept(enrolled, Secret("n2"), now) is not None


def test_a_wrong_code_changes_nothing_and_may_be_tried_again(begun, enrol):
    refused = enrol(begun, "n2")
    assert refused == NotEnrolled(EnrolmentRefused(begin_again=False), refused.events)
    assert [event.kind for event in refused.events] == ["authn_second_factor_enrol_fail"]
    assert "code is not right" in refused.outcome.sentence


@pytest.mark.parametrize(("later", "in_time"), [(WITHIN - MICROSECOND, True), (WITHIN, False)])
def test_a_set_up_is_good_for_the_time_that_the_rules_give(begun, enrol, now, later, in_time):
    outcome = enrol(begun, "n1", at=now + later)
    assert isinstance(outcome, FactorChange) is in_time
    if not in_time:
        assert outcome.outcome == EnrolmentRefused(begin_again=True)
        assert "Begin again" in outcome.outcome.sentence


def test_what_was_never_begun_is_not_confirmed(enrol):
    assert enrol(SecondFactor("a-1"), "n1").outcome == EnrolmentRefused(begin_again=True)


def test_beginning_anew_forgets_the_set_up_before(begun, enrol, now):
    anew = begun.beginning(FactorKey("counted", Secret("m")), now)
    assert isinstance(enrol(anew, "n1"), NotEnrolled)
    assert isinstance(enrol(anew, "m1"), FactorChange)


def test_the_factor_in_force_stays_so_until_the_new_one_is_confirmed(factor, enrol, session_of, now):
    replacing = factor.beginning(FactorKey("counted", Secret("n")), now)
    assert accept(replacing, Secret("s1"), now) is not None
    assert accept(replacing, Secret("n1"), now) is None
    change = enrol(replacing, "n1", session=session_of(FactorStanding.GIVEN))
    assert change.events[0].replaced_another
    assert accept(change.factor, Secret("s1"), now) is None
    assert accept(change.factor, Secret("n2"), now) is not None


@pytest.mark.parametrize(
    ("standing", "has_factor", "may"),
    [
        (FactorStanding.NOT_USED, False, True),
        (FactorStanding.TO_ENROL, False, True),
        (FactorStanding.GIVEN, False, True),
        (FactorStanding.DUE, False, False),
        (FactorStanding.NOT_USED, True, False),  # NIST SP 800-63B-4 §4.1.2.1: the password is not enough
        (FactorStanding.TO_ENROL, True, False),
        (FactorStanding.DUE, True, False),
        (FactorStanding.GIVEN, True, True),
    ],
)
def test_who_may_set_a_factor_up(standing, has_factor, may, factor, session_of):
    stored = factor if has_factor else factor.removed()
    if may:
        require_may_set_up(session_of(standing), stored)
    else:
        with pytest.raises(NotPermittedError):
            require_may_set_up(session_of(standing), stored)


def test_nobody_with_a_password_to_change_sets_a_factor_up(account, sessions, now):
    assigned = attrs.evolve(account, assigned_until=now + timedelta(hours=1))
    session, _ = open_session(assigned, SessionToken("first"), sessions, now)
    with pytest.raises(NotPermittedError, match="choose your own password first"):
        require_may_set_up(session, SecondFactor("a-1"))


# --- new codes, removal -----------------------------------------------------------------------------------


def test_new_codes_replace_the_old_ones_all_together(factor, session_of, now):
    change = renew_codes(
        factor,
        session_of(FactorStanding.GIVEN),
        SavedCodes.of(OTHERS),
        token=SessionToken("second"),
        now=now,
    )
    assert not any(accept(change.factor, code, now) for code in CODES)
    assert all(accept(change.factor, code, now) for code in OTHERS)
    assert change.opened.assurance is Assurance.AAL2


def test_removal_leaves_nothing_and_takes_the_assurance_away(factor, session_of, now):
    change = remove_factor(factor, session_of(FactorStanding.GIVEN), token=SessionToken("second"), now=now)
    assert change.factor == SecondFactor("a-1")
    assert change.opened.assurance is Assurance.AAL1


def test_only_who_has_shown_the_factor_replaces_its_codes_or_removes_it(factor, session_of):
    given, password_only = session_of(FactorStanding.GIVEN), session_of(FactorStanding.NOT_USED)
    require_may_renew_codes(given, factor)
    require_may_remove(given, factor, demanded=False)
    for refused in (password_only, session_of(FactorStanding.DUE), session_of(FactorStanding.TO_ENROL)):
        with pytest.raises(NotPermittedError):
            require_may_renew_codes(refused, factor)
        with pytest.raises(NotPermittedError):
            require_may_remove(refused, factor, demanded=False)


def test_there_must_be_a_factor_for_either(factor, session_of):
    given = session_of(FactorStanding.GIVEN)
    with pytest.raises(NotPermittedError, match="set one up first"):
        require_may_renew_codes(given, factor.removed())
    with pytest.raises(NotPermittedError, match="no second factor to remove"):
        require_may_remove(given, factor.removed(), demanded=False)


def test_where_a_factor_is_demanded_nobody_removes_theirs(factor, session_of):
    with pytest.raises(NotPermittedError, match="demands a second factor"):
        require_may_remove(session_of(FactorStanding.GIVEN), factor, demanded=True)


# --- the record ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["in_force", "enrolled_at", "begun", "begun_at"])
def test_a_record_that_contradicts_itself_is_refused(factor, now, broken):
    whole = factor.beginning(FactorKey("counted", Secret("n")), now)
    with pytest.raises(InvariantError):
        attrs.evolve(whole, **{broken: None})


def test_saved_codes_without_a_factor_are_refused():
    with pytest.raises(InvariantError, match="there is none"):
        SecondFactor("a-1", saved_codes=SavedCodes.of(CODES))


def test_no_record_decision_or_event_shows_a_secret_or_a_code(factor, enrol, now):
    begun = factor.removed().beginning(FactorKey("counted", Secret("walrus")), now)
    change = enrol(begun, "walrus1")
    accepted = accept(change.factor, Secret("walrus2"), now)
    shown = repr((begun, change, accepted, enrol(begun, "walrus"), [e.details() for e in change.events]))
    for secret in ("walrus", *change.factor.saved_codes.hashes, *(code.reveal() for code in CODES)):
        assert secret not in shown


# --- wrong codes -----------------------------------------------------------------------------------------


def counting(factor, times):
    events = ()
    for _ in range(times):
        factor, events = factor.after_wrong_code(LIMIT)
    return factor, events


def test_the_hundredth_wrong_code_in_a_row_disables_the_factor_and_says_so_once(factor):
    """NIST SP 800-63B-4 §3.2.2: no more than 100 consecutive failures of one authenticator."""
    almost, events = counting(factor, LIMIT - 1)
    assert (almost.is_disabled(LIMIT), events) == (False, ())
    disabled, events = counting(factor, LIMIT)
    assert disabled.is_disabled(LIMIT)
    assert events == (SecondFactorDisabled("a-1", LIMIT),)
    assert disabled.after_wrong_code(LIMIT) == (disabled, ())


def test_a_right_code_sets_the_count_back_and_a_saved_one_does_not(factor, now):
    counted, _ = counting(factor, 7)
    right = accept_code(counted, Secret("s1"), method, challenge="session", limit=LIMIT, now=now)
    assert right.factor.wrong_codes == 0
    saved = accept_code(counted, CODES[0], method, challenge="session", limit=LIMIT, now=now)
    assert saved.factor.wrong_codes == 7


def test_of_a_disabled_factor_no_code_counts_but_a_saved_one_does(factor, now):
    disabled, _ = counting(factor, LIMIT)
    assert accept_code(disabled, Secret("s1"), method, challenge="session", limit=LIMIT, now=now) is None
    saved = accept_code(disabled, CODES[0], method, challenge="session", limit=LIMIT, now=now)
    assert saved.is_saved_code
    assert saved.factor.is_disabled(LIMIT)


def test_a_factor_set_up_anew_begins_to_count_anew(factor, now):
    disabled, _ = counting(factor, LIMIT)
    anew = disabled.enrolled(FactorKey("counted", Secret("t")), SavedCodes.of(OTHERS), now)
    assert anew.wrong_codes == 0


def test_a_count_that_no_factor_can_have_is_refused(now):
    with pytest.raises(InvariantError):
        SecondFactor("a-1", FactorKey("counted", Secret("s")), now, wrong_codes=-1)
    with pytest.raises(InvariantError):
        SecondFactor("a-1", wrong_codes=1)
