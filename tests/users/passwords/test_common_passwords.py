"""The passwords that most people choose are refused without any breach check (OWASP ASVS 5.0.0, 6.2.4)."""

import gzip
from datetime import date
from hashlib import sha256
from importlib.resources import files
from random import Random

import attrs
import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.rules.irs_1075 import irs_1075_profile
from dcss_core.users.passwords.guessable.blocklist import Blocklist
from dcss_core.users.passwords.guessable.common_passwords import CommonPasswords, digest_of, listed_forms
from dcss_core.users.passwords.guessable.derived_words import Undisguised
from dcss_core.users.passwords.password import Password, PasswordFault
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy

DAY = date(2026, 11, 30)
FEDERAL = PasswordPolicy.from_rules(baseline().on(DAY))
IRS = PasswordPolicy.from_rules(irs_1075_profile().on(DAY))
NOT_LISTED = {PasswordFault.TOO_SHORT, PasswordFault.MISSING_CLASS}


def djangos() -> list[str]:
    """The list of Django 5.2, most common first: published by somebody else."""
    packed = files("django.contrib.auth").joinpath("common-passwords.txt.gz").read_bytes()
    return gzip.decompress(packed).decode().split("\n")


def is_refused(password, policy=FEDERAL, *, with_mfa=False):
    """Whether something else than the length or the mixture speaks against it."""
    context = PasswordContext("jdoe42", with_mfa=with_mfa, breach_count=0)
    found = {each.fault for each in policy.violations(Password(password), context)}
    return bool(found - NOT_LISTED)


@pytest.mark.parametrize("least", range(8, 17))
def test_asvs_6_2_4_of_every_length_that_a_policy_may_ask_for_the_3000_most_common_are_refused(least):
    fitting = [each for each in djangos() if len(each) >= least][:3_000]
    assert len(fitting) == (3_000 if least == 8 else len(fitting)) > 20
    assert [each for each in fitting if not is_refused(each, with_mfa=True)] == []


@pytest.mark.parametrize(
    "password",
    [
        # of Mark Burnett's million most common, those of 15 characters and more that come early and are words
        "manchesterunited",
        "stairwaytoheaven",
        "worldofwarcraft",
        "cristianoronaldo",
        "30secondstomars",
        "youngandrestless",
        "perasperaadastra",
        "neversaymypassword",
        "parliament12345",
        "923650asdfghjkl",
    ],
)
def test_a_common_password_of_fifteen_characters_is_refused_as_it_is_and_in_the_usual_disguises(password):
    disguised = (
        password,
        password.upper(),
        password.title() + "!",
        f"{password}2026",
        f"2026 {password} !!",
        "-".join(password),
        password[::-1],
        password * 2,
        password + " " + password,
    )
    assert [each for each in disguised if not is_refused(each)] == []


@pytest.mark.parametrize("policy", [FEDERAL, IRS], ids=["US", "US-IRS-1075"])
def test_nist_n10_no_passphrase_of_four_common_words_is_refused_for_the_words_in_it(policy):
    words = [str(word) for word in baseline().on(DAY).table("accounts.password_blocklist").column("word")]
    letters = [word for word in words if word.isalpha() and len(word) >= 4]
    random = Random(48)
    phrases = [" ".join(random.sample(letters, 4)) for _ in range(2_000)]
    assert [each for each in phrases if is_refused(each, policy)] == []


@pytest.mark.parametrize(
    "password",
    [
        "seven green kites over",
        "otter Canoe marble 7",
        "my sister paints old boats",
        "Rain on a tin roof at 4",
        "tres gatos miran la luna",
        "nine-lives-of-the-library-cat",
        "correct mule battery paper",
        "Tulsa lanterns 1987 drift",
        "we left the porch light on",
        "kilo yonder basil trumpet",
    ],
)
def test_a_good_passphrase_passes(password):
    assert not is_refused(password)


def test_a_digest_is_compared_as_a_whole():
    # printf abcdefgh | sha256sum begins with 9c56cc51b3
    digest = CommonPasswords({"9c": "56cc51b3"})
    assert digest.hold_any(["otter", "abcdefgh"])
    assert not digest.hold_any(["abcdefghi", "bcdefgh"])
    assert not CommonPasswords({"9c": "56cc51b4"}).hold_any(["abcdefgh"])
    assert not CommonPasswords().hold_any(["abcdefgh"])


@pytest.mark.parametrize(
    "buckets",
    [
        {"9": "56cc51b3"},
        {"9cc": "56cc51b3"},
        {"zz": "56cc51b3"},
        {"9c": ""},
        {"9c": "56cc51b"},
        {"9c": "56cc51b3ff"},
        {"9c": "56cc51bx"},
        {"9c": "56cc51b3 56cc51b3"},
        {"9c": "66cc51b3 56cc51b3"},
        {"9c": "56cc51b3  66cc51b3"},
        {"9c": "56cc51 b366cc51b3"},
        {"9c": "56cc51b366cc51b3"},
    ],
)
def test_what_is_no_bucket_of_digests_is_refused_by_its_name(buckets):
    with pytest.raises(RulesError, match=f"bucket '{next(iter(buckets))}'"):
        CommonPasswords(buckets)


def test_another_list_is_another_policy_so_that_passwords_are_judged_anew_at_the_next_sign_in():
    without = attrs.evolve(FEDERAL.blocklist, common=CommonPasswords())
    assert attrs.evolve(FEDERAL, blocklist=without).fingerprint != FEDERAL.fingerprint


def test_a_password_without_letters_or_digits_is_compared_as_it_is():
    digits = sha256(b"?!.?!.,;").hexdigest()
    blocklist = attrs.evolve(FEDERAL.blocklist, common=CommonPasswords({digits[:2]: digits[2:10]}))
    policy = attrs.evolve(FEDERAL, blocklist=blocklist)
    assert is_refused("?!.?!.,;", policy, with_mfa=True)
    assert not is_refused("?!.?!.,:", policy, with_mfa=True)


def test_a_form_stands_in_the_list_by_the_first_ten_digits_of_its_sha_256():
    hashed = sha256(b"sunshine").hexdigest()
    assert digest_of("sunshine") == (hashed[:2], hashed[2:10])
    bucket, digest = digest_of("sunshine")
    digests = dict(baseline().on(DAY).table("accounts.password_common").rows)
    assert digest in digests[bucket].split()


@pytest.mark.parametrize(
    ("password", "forms"),
    [
        ("Sunshine", {"sunshine"}),
        ("Sun-shine!", {"sunshine"}),
        ("Sunshine99", {"sunshine99", "sunshine"}),
        ("abc99", {"abc99"}),  # three letters are in too many words
        ("abcd", {"abcd"}),
        ("ab--cd!!", {"abcd"}),
        ("!!!!", {"!!!!"}),
        ("a!", {"a!"}),
    ],
)
def test_a_common_password_is_listed_by_what_tells_it(password, forms):
    assert listed_forms(password) == forms


@pytest.mark.parametrize(
    ("bucket", "digests"),
    [("0a1b", "01234567"), ("0a", "01234567 "), ("0a", "0123456"), ("0a", "01234567 0123456")],
)
def test_a_row_of_another_shape_is_no_row_of_digests(bucket, digests):
    with pytest.raises(RulesError, match="no digests") as caught:
        CommonPasswords({bucket: digests})
    assert [fault.where for fault in caught.value.faults] == ["accounts.password_common"]


@pytest.mark.parametrize("listed", ["k9!!x--q", "k9!!x--", "?!.?!.,;"])
def test_a_password_is_met_by_the_form_under_which_it_was_listed(listed):
    ((bucket, digest),) = map(digest_of, listed_forms(listed))
    blocklist = Blocklist(common=CommonPasswords({bucket: digest}))
    assert blocklist.violation(Undisguised.of(listed)).fault is PasswordFault.COMMON
