import hashlib
from base64 import b64decode, b64encode
from datetime import timedelta

import attrs
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError, NotFoundError, NotPermittedError
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
    MOST_FACTORS,
    AcceptedCode,
    CopiedDevice,
    HeldFactor,
    SecondFactor,
    accept_code,
    factor_standing,
    require_may_set_up,
)
from dcss_core.users.second_factor.method import FactorCopied, FactorGiven, FactorKey
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

    def confirm(self, secret, answer, *, now):
        given = self.check([FactorKey(secret)], answer, challenge="", now=now)
        return given and FactorKey(secret, given.state)

    def check(self, enrolled, answer, *, challenge, now):
        for place, key in enumerate(enrolled):
            number = str(int(key.state or 0) + 1)
            if answer.reveal() == key.secret.reveal() + number:
                return FactorGiven(place, number)
            if answer.reveal() == f"copy of {key.secret.reveal()}":
                return FactorCopied(place)
        return None


class SignedChallenge:
    """A method as a passkey is one: a public key is kept, and an answer signs the session it is given in."""

    def check(self, enrolled, answer, *, challenge, now):
        for place, key in enumerate(enrolled):
            public = Ed25519PublicKey.from_public_bytes(b64decode(key.secret.reveal()))
            try:
                public.verify(b64decode(answer.reveal()), challenge.encode())
            except (ValueError, InvalidSignature):
                continue
            return FactorGiven(place, str(int(key.state or 0) + 1))
        return None


METHODS = {"counted": CountedCodes()}


def held(secret, factor_id="f-1", method="counted"):
    return HeldFactor(method, Secret(secret), factor_id=factor_id)


@pytest.fixture
def factor(now):
    """Enrolled with the secret `s`, so that the first code is `s1`."""
    return SecondFactor("a-1", in_force=(held("s"),), enrolled_at=now, saved_codes=SavedCodes.of(CODES))


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
            methods=METHODS,
            saved_codes=SavedCodes.of(CODES),
            token=SessionToken("second"),
            within=WITHIN,
            now=at,
        )

    return confirmed


def accept(factor, code, now):
    return accept_code(factor, code, METHODS, challenge="session", limit=LIMIT, now=now)


# --- how an account stands ------------------------------------------------------------------------------


def test_a_factor_is_due_only_once_it_is_enrolled(factor, now):
    begun = SecondFactor("a-1").beginning(held("s"), now)
    assert factor_standing(factor, demanded=False) is FactorStanding.DUE
    assert factor_standing(factor, demanded=True) is FactorStanding.DUE
    for none_yet in (None, begun, factor.without(None)):
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
    begun = SecondFactor("a-1").beginning(held("s"), now)
    for none_yet in (begun, factor.without(None)):
        assert accept(none_yet, Secret("s1"), now) is None
        assert accept(none_yet, CODES[0], now) is None


def test_a_factor_of_another_method_is_never_handed_to_the_one_at_hand(factor, now):
    others = {"signed": SignedChallenge()}
    with pytest.raises(ConfigurationError, match="set up by the method 'counted'"):
        accept_code(factor, Secret("s1"), others, challenge="session", limit=LIMIT, now=now)
    saved = accept_code(factor, CODES[0], others, challenge="session", limit=LIMIT, now=now)
    assert saved.is_saved_code  # which needs no method


def test_a_method_whose_codes_answer_the_session_can_be_plugged_in(now):
    device = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = held(b64encode(device.public_key().public_bytes_raw()).decode(), method="signed")
    factor = SecondFactor("a-1", in_force=(key,), enrolled_at=now)
    code = Secret(b64encode(device.sign(b"this session")).decode())

    def accepted(challenge):
        return accept_code(
            factor, code, {"signed": SignedChallenge()}, challenge=challenge, limit=LIMIT, now=now
        )

    assert accepted("this session").factor.in_force == (attrs.evolve(key, state="1", last_used_at=now),)
    assert accepted("another session") is None


# --- set-up -------------------------------------------------------------------------------------------------


@pytest.fixture
def begun(now):
    return SecondFactor("a-1").beginning(held("n", "f-2"), now)


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
        remove_factor(factor, before, None, token=token, now=now),
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
    anew = begun.beginning(held("m", "f-3"), now)
    assert isinstance(enrol(anew, "n1"), NotEnrolled)
    assert isinstance(enrol(anew, "m1"), FactorChange)


def test_a_further_factor_counts_beside_the_others_once_it_is_confirmed(factor, enrol, session_of, now):
    adding = factor.beginning(held("n", "f-2"), now)
    assert accept(adding, Secret("s1"), now) is not None
    assert accept(adding, Secret("n1"), now) is None
    change = enrol(adding, "n1", session=session_of(FactorStanding.GIVEN))
    assert (change.events[0].factor_id, change.events[0].number) == ("f-2", 2)
    assert change.factor.enrolled_at == factor.enrolled_at
    assert change.factor.saved_codes == factor.saved_codes
    for answer in ("s1", "n2"):
        assert accept(change.factor, Secret(answer), now) is not None


def test_what_one_factor_used_up_is_used_up_for_it_alone(factor, now):
    both = factor.enrolled(held("n", "f-2"), SavedCodes(), now)
    after = accept(both, Secret("n1"), now).factor
    assert [(each.state, each.last_used_at) for each in after.factors] == [(None, None), ("1", now)]
    assert accept(after, Secret("n1"), now) is None
    assert accept(after, Secret("s1"), now) is not None


def test_each_factor_is_judged_by_its_own_method(factor, now):
    device = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = held(b64encode(device.public_key().public_bytes_raw()).decode(), "f-2", method="signed")
    both = factor.enrolled(key, SavedCodes(), now)
    methods = METHODS | {"signed": SignedChallenge()}
    signed = Secret(b64encode(device.sign(b"session")).decode())
    for answer, factor_id in ((Secret("s1"), "f-1"), (signed, "f-2")):
        accepted = accept_code(both, answer, methods, challenge="session", limit=LIMIT, now=now)
        used = [each.factor_id for each in accepted.factor.factors if each.last_used_at == now]
        assert used == [factor_id]


def test_a_method_that_is_not_at_hand_any_more_stands_in_no_other_s_way(factor, now):
    both = factor.enrolled(held("x", "f-2", method="gone"), SavedCodes(), now)
    assert accept(both, Secret("s1"), now) is not None
    assert accept(both, Secret("x1"), now) is None


def test_an_answer_of_a_copied_device_does_not_count_and_says_which(factor, now):
    assert accept(factor, Secret("copy of s"), now) == CopiedDevice("f-1")


def test_an_answer_that_no_browser_gives_is_refused_before_a_method_sees_it(factor, now):
    whole = attrs.evolve(factor, in_force=(held("x" * 65_535),))
    assert isinstance(accept(whole, Secret("x" * 65_535 + "1"), now), AcceptedCode)
    longer = attrs.evolve(factor, in_force=(held("x" * 65_536),))
    assert accept(longer, Secret("x" * 65_536 + "1"), now) is None


def test_an_eleventh_factor_is_not_set_up(factor, session_of, now):
    for number in range(2, MOST_FACTORS + 1):
        require_may_set_up(session_of(FactorStanding.GIVEN), factor)
        factor = factor.enrolled(held("n", f"f-{number}"), SavedCodes(), now)
    assert len(factor.factors) == 10
    with pytest.raises(NotPermittedError, match="remove one first"):
        require_may_set_up(session_of(FactorStanding.GIVEN), factor)


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
    stored = factor if has_factor else factor.without(None)
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
    change = remove_factor(
        factor, session_of(FactorStanding.GIVEN), None, token=SessionToken("second"), now=now
    )
    assert change.factor == SecondFactor("a-1")
    assert change.opened.assurance is Assurance.AAL1


def test_one_of_several_is_removed_and_the_rest_stays_as_it_is(factor, session_of, now):
    both = factor.enrolled(held("n", "f-2"), SavedCodes(), now)
    given = session_of(FactorStanding.GIVEN)
    require_may_remove(given, both, "f-1", demanded=True)  # another one is left
    change = remove_factor(both, given, "f-1", token=SessionToken("second"), now=now)
    assert [each.factor_id for each in change.factor.factors] == ["f-2"]
    assert change.factor.saved_codes == factor.saved_codes
    assert change.opened.assurance is Assurance.AAL2
    with pytest.raises(NotPermittedError, match="demands a second factor"):
        require_may_remove(given, change.factor, "f-2", demanded=True)
    with pytest.raises(NotPermittedError, match="demands a second factor"):
        require_may_remove(given, both, None, demanded=True)


def test_what_is_not_there_can_not_be_removed(factor, session_of):
    with pytest.raises(NotFoundError, match="no second factor of this id"):
        require_may_remove(session_of(FactorStanding.GIVEN), factor, "f-9", demanded=False)


def test_the_handle_outlives_the_factors_so_that_devices_know_the_account_again(factor, now):
    named = factor.beginning(held("n", "f-2"), now, handle="h" * 43)
    assert named.without(None) == SecondFactor("a-1", handle="h" * 43)
    assert named.beginning(held("n", "f-2"), now, handle="i" * 43).handle == "h" * 43


def test_only_who_has_shown_the_factor_replaces_its_codes_or_removes_it(factor, session_of):
    given, password_only = session_of(FactorStanding.GIVEN), session_of(FactorStanding.NOT_USED)
    require_may_renew_codes(given, factor)
    require_may_remove(given, factor, None, demanded=False)
    for refused in (password_only, session_of(FactorStanding.DUE), session_of(FactorStanding.TO_ENROL)):
        with pytest.raises(NotPermittedError):
            require_may_renew_codes(refused, factor)
        with pytest.raises(NotPermittedError):
            require_may_remove(refused, factor, None, demanded=False)


def test_there_must_be_a_factor_for_either(factor, session_of):
    given = session_of(FactorStanding.GIVEN)
    with pytest.raises(NotPermittedError, match="set one up first"):
        require_may_renew_codes(given, factor.without(None))
    with pytest.raises(NotPermittedError, match="no second factor to remove"):
        require_may_remove(given, factor.without(None), None, demanded=False)


def test_where_a_factor_is_demanded_nobody_removes_theirs(factor, session_of):
    with pytest.raises(NotPermittedError, match="demands a second factor"):
        require_may_remove(session_of(FactorStanding.GIVEN), factor, None, demanded=True)


# --- the record ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["in_force", "enrolled_at", "begun", "begun_at"])
def test_a_record_that_contradicts_itself_is_refused(factor, now, broken):
    whole = factor.beginning(held("n", "f-2"), now)
    with pytest.raises(InvariantError):
        attrs.evolve(whole, **{broken: None})


def test_two_factors_of_one_id_or_none_in_force_are_refused(factor, now):
    with pytest.raises(InvariantError, match="an id of its own"):
        attrs.evolve(factor, in_force=(held("s"), held("n")))
    with pytest.raises(InvariantError):
        SecondFactor("a-1", in_force=(), enrolled_at=now)


def test_saved_codes_without_a_factor_are_refused():
    with pytest.raises(InvariantError, match="there is none"):
        SecondFactor("a-1", saved_codes=SavedCodes.of(CODES))


def test_no_record_decision_or_event_shows_a_secret_or_a_code(factor, enrol, now):
    begun = factor.without(None).beginning(held("walrus"), now)
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
    right = accept_code(counted, Secret("s1"), METHODS, challenge="session", limit=LIMIT, now=now)
    assert right.factor.wrong_codes == 0
    saved = accept_code(counted, CODES[0], METHODS, challenge="session", limit=LIMIT, now=now)
    assert saved.factor.wrong_codes == 7


def test_of_a_disabled_factor_no_code_counts_but_a_saved_one_does(factor, now):
    disabled, _ = counting(factor, LIMIT)
    assert accept_code(disabled, Secret("s1"), METHODS, challenge="session", limit=LIMIT, now=now) is None
    saved = accept_code(disabled, CODES[0], METHODS, challenge="session", limit=LIMIT, now=now)
    assert saved.is_saved_code
    assert saved.factor.is_disabled(LIMIT)


def test_a_factor_set_up_anew_begins_to_count_anew(factor, now):
    disabled, _ = counting(factor, LIMIT)
    anew = disabled.enrolled(held("t", "f-4"), SavedCodes.of(OTHERS), now)
    assert anew.wrong_codes == 0


def test_a_count_that_no_factor_can_have_is_refused(now):
    with pytest.raises(InvariantError):
        SecondFactor("a-1", (held("s"),), now, wrong_codes=-1)
    with pytest.raises(InvariantError):
        SecondFactor("a-1", wrong_codes=1)
