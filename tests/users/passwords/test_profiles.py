"""The two profiles that ship: layers of rules, each with the figures of its publication."""

from datetime import date, timedelta

import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.book import Confidence
from dcss_core.rules.federal import baseline
from dcss_core.rules.irs_1075 import IRS_1075_KEY, irs_1075_profile
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.guessable.context_words import ContextWord
from dcss_core.users.passwords.password import Normalization, Password, PasswordFault
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy
from dcss_core.users.policies import AccountPolicies

DAY = date(2026, 11, 22)
AGENCY = {"agency.name": "Division of Child Support"}


def state(base, **changes):
    """A state over a profile, with what only a state can say."""
    rules = AGENCY | {f"accounts.{name}": value for name, value in changes.items()}
    return base.amended(rules, effective=DAY, citation="a test", key="US-XX").on(DAY)


@pytest.fixture
def nist():
    return PasswordPolicy.from_rules(baseline().on(DAY))


@pytest.fixture
def irs():
    return PasswordPolicy.from_rules(irs_1075_profile().on(DAY))


def test_the_federal_baseline_is_nist_sp_800_63b_4(nist):
    # SP 800-63B-4 §3.1.1.2: (1) 15, or 8 beside another factor; (5) no mixture; (6) no expiry; NFC
    assert (nist.min_length, nist.min_length_with_mfa, nist.max_length) == (15, 8, 256)
    assert (nist.required_classes, nist.max_age, nist.min_age) == ((), None, None)
    assert (nist.normalize, nist.history) == (Normalization.NFC, 24)
    assert nist.forbid_containing == (ContextWord.USER_ID, ContextWord.NAMES)
    assert (nist.breach_check, nist.max_breaches) == (BreachChecking.FAIL_OPEN, 0)


def test_the_other_profile_is_irs_publication_1075(irs):
    # Rev. 11-2021, IA-5(1) h: h1 14 characters; h2 numbers, upper, lower, special; h5 1 to 90 days; h6 24
    assert (irs.min_length, irs.min_length_with_mfa, irs.history) == (14, 14, 24)
    assert irs.required_classes == tuple(CharacterClass)
    assert (irs.min_age, irs.max_age) == (timedelta(days=1), timedelta(days=90))


def test_under_publication_1075_accounts_lock_rest_and_ask_for_a_second_factor_as_it_says():
    # AC-7: 3 in 120 minutes lock for 15; AC-12: 30 minutes; 3.3.8(c): AAL2 at each sign-in
    policies = AccountPolicies.from_rules(state(irs_1075_profile()))
    assert policies.lockout.failure_limit == 3
    assert policies.lockout.window == timedelta(minutes=120)
    assert policies.lockout.lock_for == timedelta(minutes=15)
    assert policies.sessions.idle == timedelta(minutes=30)
    assert policies.second_factor_demanded


def test_publication_1075_takes_an_approved_key_derivation_and_says_that_this_is_a_reading():
    rule = irs_1075_profile().on(DAY).cited("accounts.password_hash")
    assert (rule.value, rule.confidence) == ("pbkdf2-sha256", Confidence.UNCERTAIN)
    assert baseline().on(DAY).choice("accounts.password_hash") == "argon2id"


@pytest.mark.parametrize(
    ("base", "profile", "departs"),
    [
        (baseline(), "NIST_800_63B_4", ["IRS Pub. 1075 (Rev. 11-2021), IA-5(1) h2", "… h5"]),
        (
            irs_1075_profile(),
            "IRS_1075_2021",
            ["NIST …(1)", "NIST …(5)", "NIST …(6)", "OWASP … 6.2.5", "OWASP … 6.2.10"],
        ),
    ],
)
def test_a_report_names_the_profile_and_every_provision_it_departs_from(base, profile, departs):
    policies = AccountPolicies.from_rules(state(base))
    assert policies.profile == profile
    assert len(policies.departs_from) == len(departs)
    for text, expected in zip(policies.departs_from, departs, strict=True):
        begins, _, holds = expected.partition("…")
        assert text.startswith(begins)
        assert holds.strip() in text


@pytest.mark.parametrize("base", [baseline(), irs_1075_profile()], ids=["nist", "irs"])
@pytest.mark.parametrize("password", ["support", "Support-Support-1!", "troppus troppus 7S!"])
def test_support_support_is_refused_under_both(base, password):
    policy = PasswordPolicy.from_rules(base.on(DAY))
    found = policy.violations(Password(password), PasswordContext("support"))
    assert PasswordFault.CONTAINS_USER_ID in [each.fault for each in found]


def test_one_password_can_satisfy_both(nist, irs):
    for policy in (nist, irs):
        assert policy.violations(Password("Otter canoe marble 7!"), PasswordContext("jdoe42")) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"password_min_length": 12},
        {"password_required_classes": ["digit"]},
        {"password_max_age_days": 60},
        {"password_breach_check": "off"},
        {"password_normalize": "none"},
    ],
)
def test_a_state_that_departs_without_saying_so_is_refused(changes):
    with pytest.raises(RulesError, match="departs_from"):
        PasswordPolicy.from_rules(state(baseline(), **changes))


def test_a_state_that_says_so_is_listed():
    stated = ["OWASP ASVS 5.0.0, 6.2.12 (no list can be reached from our network)"]
    rules = state(baseline(), password_breach_check="off", password_departs_from=stated)
    assert AccountPolicies.from_rules(rules).departs_from == tuple(stated)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"password_required_classes": ["digits"]}, "'digits', expected one of upper_case"),
        (
            {"password_forbid_containing": ["user_id", "birthday"]},
            "'birthday', expected one of user_id, names",
        ),
        ({"password_max_age_days": -1}, "-1"),
        ({"password_max_age_days": 10**15}, "a huge number"),
        ({"password_blocklist": [{"word": "abc"}]}, "'abc'"),
        ({"password_common": [{"bucket": "0g", "digests": "01234567"}]}, "'0g'"),
    ],
)
def test_a_rule_that_names_what_there_is_not_is_refused_with_what_there_is(changes, found):
    with pytest.raises(RulesError, match=found):
        PasswordPolicy.from_rules(state(baseline(), **changes))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        # none of them can be read, and that there is no user_id then is nobody's mistake
        ({"password_forbid_containing": ["birthday"]}, "accounts.password_forbid_containing"),
        # nor that no mixture is left from which to depart
        (
            {"password_required_classes": ["digits"], "password_departs_from": ["OWASP ASVS 5.0.0, 6.2.5"]},
            "accounts.password_required_classes",
        ),
    ],
)
def test_a_value_that_can_not_be_read_is_the_only_one_refused(changes, where):
    with pytest.raises(RulesError) as caught:
        PasswordPolicy.from_rules(state(baseline(), **changes))
    assert [fault.where for fault in caught.value.faults] == [where]


def test_a_jurisdiction_may_replace_the_blocklist():
    rules = state(
        baseline(),
        password_blocklist=[{"word": "peachtree street"}],
        password_common=[{"bucket": "00", "digests": "00000000"}],
    )
    policy = PasswordPolicy.from_rules(rules)
    found = policy.violations(Password("PeachtreeStreet2026"), PasswordContext("jdoe42"))
    assert [each.fault for each in found] == [PasswordFault.COMMON]
    assert policy.violations(Password("Password Password"), PasswordContext("jdoe42")) == ()


def test_the_layer_is_keyed_and_based_as_a_state_names_it():
    layer = irs_1075_profile()
    assert (layer.key, layer.base.key) == (IRS_1075_KEY, "US") == ("US-IRS-1075", "US")


def test_every_uncertain_value_says_in_a_note_what_is_uncertain():
    assert [line.key for line in irs_1075_profile().coverage().uncertain if not line.note] == []
