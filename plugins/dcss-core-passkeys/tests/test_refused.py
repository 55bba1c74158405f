"""Whatever is wrong with an answer, it does not count, and that is all."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core import Secret, errors
from dcss_core.plugins import FactorCopied, FactorGiven, FactorKey
from dcss_core.testing import SoftwareAuthenticator
from dcss_core_passkeys import open_passkeys

from .conftest import ORIGIN, OWNER

NOW = datetime(2026, 11, 2, 14, tzinfo=UTC)
CHALLENGE = "5e" * 32
EVIL = "https://portal.example.gov.evil.example.org"


def begun(passkeys, enrolled=(), seed=1):
    return passkeys.begin(bytes([seed]) * 32, owner=OWNER, enrolled=enrolled)


def confirm(passkeys, authenticator, enrolled=(), seed=1):
    new = begun(passkeys, enrolled, seed)
    return passkeys.confirm(new.secret, authenticator.create(new.shown), now=NOW)


def check(passkeys, keys, answer, challenge=CHALLENGE):
    return passkeys.check(keys, answer, challenge=challenge, now=NOW)


def answered(passkeys, key, authenticator):
    return authenticator.get(passkeys.ask([key], challenge=CHALLENGE))


def changed(answer, **values):
    """An answer with other values in its response."""
    said = json.loads(answer.reveal())
    said["response"] |= values
    return Secret(json.dumps(said))


@pytest.fixture
def key(passkeys, authenticator):
    return confirm(passkeys, authenticator)


WRONG = {
    "another origin": {"origin": EVIL},
    "a host below": {"origin": "https://evil.portal.example.gov"},
    "another port": {"origin": f"{ORIGIN}:8443"},
    "http": {"origin": "http://portal.example.gov"},
    "another RP ID": {"rp_id": "example.gov"},
    "no user presence": {"is_present": False},
    "a frame of another site": {"is_in_a_frame": True},
}
wrong = pytest.mark.parametrize("what", WRONG.values(), ids=WRONG.keys())


@wrong
def test_a_sign_in_from_elsewhere_does_not_count(passkeys, authenticator, key, what):
    for name, value in what.items():
        setattr(authenticator, name, value)
    assert check(passkeys, [key], answered(passkeys, key, authenticator)) is None


@wrong
def test_a_set_up_from_elsewhere_is_not_confirmed(passkeys, authenticator, what):
    for name, value in what.items():
        setattr(authenticator, name, value)
    assert confirm(passkeys, authenticator) is None


def test_where_it_is_required_a_device_has_to_verify_its_owner(strict, passkeys, authenticator):
    key = confirm(strict, authenticator)
    authenticator.verifies_user = False
    assert check(strict, [key], answered(strict, key, authenticator)) is None
    assert confirm(strict, SoftwareAuthenticator(ORIGIN, verifies_user=False)) is None
    assert isinstance(check(passkeys, [key], answered(passkeys, key, authenticator)), FactorGiven)


def test_a_passkey_that_stands_alone_has_to_verify_its_owner_whatever_the_url_says(
    passkeys, authenticator, key
):
    authenticator.verifies_user = False
    answer = authenticator.get(passkeys.ask_anybody(challenge=CHALLENGE))
    assert passkeys.check_alone([key], answer, challenge=CHALLENGE, now=NOW) is None


def test_an_answer_behind_a_password_is_none_without_it_and_the_other_way_round(passkeys, authenticator, key):
    behind = answered(passkeys, key, authenticator)
    alone = authenticator.get(passkeys.ask_anybody(challenge=CHALLENGE))
    assert passkeys.check_alone([key], behind, challenge=CHALLENGE, now=NOW) is None
    assert check(passkeys, [key], alone) is None


@pytest.mark.parametrize(
    ("last", "next_one", "verdict"),
    [
        ("5", 4, FactorCopied(0)),
        ("5", 5, FactorCopied(0)),
        ("5", 0, FactorCopied(0)),  # it counted before
        ("5", 6, FactorGiven(0, "6")),
        ("0", 1, FactorGiven(0, "1")),
        ("0", 0, FactorGiven(0, "0")),  # it never counts, as passkeys that are synchronised
        ("0", 2**32 - 1, FactorGiven(0, "4294967295")),
    ],
)
def test_a_counter_has_to_grow_where_the_device_counts(passkeys, authenticator, key, last, next_one, verdict):
    """W3C Web Authentication Level 3, §7.2, step 22."""
    authenticator.counter, authenticator.counts_by = next_one, 0
    counted = attrs.evolve(key, state=last)
    assert check(passkeys, [counted], answered(passkeys, key, authenticator)) == verdict


def test_a_device_that_has_a_passkey_of_the_account_makes_no_second_one(passkeys, authenticator, key):
    with pytest.raises(errors.ConflictError):
        authenticator.create(begun(passkeys, [key], 2).shown)


def test_the_browser_is_asked_for_three_algorithms_no_attestation_and_the_owner_s_handle(passkeys):
    asked = json.loads(begun(passkeys).shown.reveal())
    assert [each["alg"] for each in asked["pubKeyCredParams"]] == [-7, -8, -257]
    assert asked.get("attestation", "none") == "none"
    assert asked["rp"] == {"id": "portal.example.gov", "name": "Child Support Services"}
    assert asked["user"]["name"] == "JRoe88"
    assert urlsafe_b64decode(asked["user"]["id"] + "==").decode() == "h" * 43


def test_a_signature_over_anything_else_does_not_count(passkeys, authenticator, key):
    right = answered(passkeys, key, authenticator)
    response = json.loads(right.reveal())["response"]
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        raw = bytearray(urlsafe_b64decode(response[name] + "=="))
        raw[-2] ^= 1
        assert check(passkeys, [key], changed(right, **{name: urlsafe_b64encode(raw).decode()})) is None
    assert isinstance(check(passkeys, [key], right), FactorGiven)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
METHOD = open_passkeys(f"passkey:?rp_id=portal.example.gov&origin={ORIGIN}")
HOLDER = SoftwareAuthenticator(ORIGIN)
KEY = confirm(METHOD, HOLDER)
RIGHT, RIGHT_ALONE = answered(METHOD, KEY, HOLDER), HOLDER.get(METHOD.ask_anybody(challenge=CHALLENGE))
NEW = begun(METHOD, seed=2)
MADE = SoftwareAuthenticator(ORIGIN).create(NEW.shown)


def refused_everywhere(answer):
    METHOD.handle_in(answer)
    assert METHOD.confirm(NEW.secret, answer, now=NOW) is None
    assert check(METHOD, [KEY], answer) is None
    assert METHOD.check_alone([KEY], answer, challenge=CHALLENGE, now=NOW) is None


@given(junk)
def test_any_json_at_all_is_judged_and_never_an_error(said):
    refused_everywhere(Secret(json.dumps(said)))


@given(st.text(max_size=200))
def test_any_text_at_all_is_judged_and_never_an_error(text):
    refused_everywhere(Secret(text))


@given(
    st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "attestationObject"]),
    junk | st.binary(max_size=300).map(lambda raw: urlsafe_b64encode(raw).decode()),
)
def test_a_right_answer_with_one_part_of_anything_is_judged_and_never_an_error(part, value):
    for answer in (RIGHT, RIGHT_ALONE, MADE):
        said = json.loads(answer.reveal())
        if part in said["response"] and said["response"][part] != value:
            refused_everywhere(changed(answer, **{part: value}))


@given(st.integers(0, 400), st.integers(0, 255))
def test_whatever_byte_of_what_the_device_signed_is_changed_it_does_not_count(at, value):
    raw = bytearray(urlsafe_b64decode(json.loads(RIGHT.reveal())["response"]["authenticatorData"] + "=="))
    if at < len(raw) and raw[at] != value:
        raw[at] = value
        changed_data = urlsafe_b64encode(raw).decode()
        assert check(METHOD, [KEY], changed(RIGHT, authenticatorData=changed_data)) is None


def test_a_key_of_an_algorithm_that_was_not_asked_for_is_not_kept(passkeys):
    new = begun(passkeys)
    said = json.loads(SoftwareAuthenticator(ORIGIN).create(new.shown).reveal())
    raw = urlsafe_b64decode(said["response"]["attestationObject"] + "==")
    # in the key, 3 (the algorithm) is -7 (0x26)
    assert raw.count(b"\x03\x26") == 1
    other = raw.replace(b"\x03\x26", b"\x03\x25")  # -6: no algorithm of a passkey
    answer = changed(Secret(json.dumps(said)), attestationObject=urlsafe_b64encode(other).decode())
    assert passkeys.confirm(new.secret, answer, now=NOW) is None


def test_nothing_of_the_key_shows(key):
    assert isinstance(key, FactorKey)
    assert key.secret.reveal() not in repr(key)
