import unicodedata

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError, RulesError
from dcss_core.users.account import Account, AccountKind
from dcss_core.users.password import Password, PasswordFault, prepare_password
from dcss_core.users.password_policy import PasswordContext, PasswordPolicy

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{2,20}", fullmatch=True)
LOOSEST = PasswordPolicy(min_length=8, max_length=256, history=0)
JANE = PasswordContext("JDoe42", names=("Jane O'Neil",), agency_names=("Georgia", "Child Support"))


def faults(policy, text, context=JANE):
    return [violation.fault for violation in policy.violations(Password(text), context)]


def test_a_good_passphrase_has_no_violation(passwords):
    assert faults(passwords, "otter canoe marble lamp") == []


@pytest.mark.parametrize(
    "password",
    ["support", "SUPPORT", "Support1", "troppus", "supportsupport", "supportsupport2024", "11support!"],
)
@pytest.mark.parametrize("policy", [LOOSEST, PasswordPolicy(15, 256, 24)], ids=["loosest", "federal"])
def test_s28_a_password_made_of_the_user_id_is_refused_under_any_policy(policy, password):
    context = PasswordContext("support")
    assert PasswordFault.CONTAINS_USER_ID in faults(policy, password, context)


def test_s28_a_shared_account_is_a_kind_of_its_own_and_belongs_to_no_person(account: Account):
    shared = attrs.evolve(account, kind=AccountKind.SHARED, person_id=None)
    assert shared.kind is AccountKind.SHARED
    with pytest.raises(InvariantError):
        attrs.evolve(account, kind=AccountKind.SHARED)


@given(IDS, st.text(max_size=60), st.text(max_size=60))
@example("abe", "", "\u0301 and then some more words")  # composes with the last letter of the id
@example("SUP", "\u017f", "")
def test_no_password_that_contains_the_user_id_passes(user_id, before, after):
    password = prepare_password(Secret(before + user_id + after))
    assert isinstance(password, Password)
    assert PasswordFault.CONTAINS_USER_ID in faults(LOOSEST, password.reveal(), PasswordContext(user_id))


@given(IDS)
def test_a_password_that_is_part_of_a_longer_user_id_is_not_refused_for_that(user_id):
    # the other direction: only a password that holds the id is refused, not an id that holds the password
    password = "otter canoe marble lamp"
    context = PasswordContext((user_id + password).replace(" ", "."))
    assert PasswordFault.CONTAINS_USER_ID not in faults(LOOSEST, password, context)


def test_a_name_is_refused_inside_a_password_in_any_spelling(passwords):
    assert faults(passwords, "my cat and o’néil too") == [PasswordFault.CONTAINS_NAME]
    assert faults(passwords, "my cat and ONEIL too") == [PasswordFault.CONTAINS_NAME]
    assert faults(passwords, "my cat enaj is lovely") == [PasswordFault.CONTAINS_NAME]


def test_the_agency_may_be_mentioned_but_is_no_password_by_itself(passwords):
    assert faults(passwords, "georgia peaches on sunday") == []
    assert faults(passwords, "GeorgiaGeorgia2026!") == [PasswordFault.MADE_OF_AGENCY_NAME]
    assert faults(passwords, "aigroeg aigroeg 1") == [PasswordFault.MADE_OF_AGENCY_NAME]
    assert faults(passwords, "Child Support 2026") == [PasswordFault.MADE_OF_AGENCY_NAME]


@pytest.mark.parametrize(("length", "refused"), [(14, True), (15, False), (256, False), (257, True)])
def test_length_is_counted_at_both_edges(passwords, length, refused):
    text = ("otter canoe marble lamp " * 12)[:length]
    assert bool(faults(passwords, text)) is refused


def test_a_code_point_counts_as_one_character(passwords):
    assert faults(passwords, "🦦" * 15) == []
    assert faults(passwords, "🦦" * 14) == [PasswordFault.TOO_SHORT]
    assert faults(passwords, unicodedata.normalize("NFC", "e\u0301" * 14)) == [PasswordFault.TOO_SHORT]


def test_nothing_is_one_violation_only(passwords):
    assert faults(passwords, "") == [PasswordFault.EMPTY]


def test_all_violations_come_at_once_with_figures_and_without_the_password(passwords):
    context = PasswordContext(
        "JDoe42",
        names=("Jane O'Neil",),
        same_as_current=True,
        same_as_assigned=True,
        used_before=True,
    )
    violations = passwords.violations(Password("jdoe42 oneil"), context)
    assert [violation.fault for violation in violations] == [
        PasswordFault.TOO_SHORT,
        PasswordFault.CONTAINS_USER_ID,
        PasswordFault.CONTAINS_NAME,
        PasswordFault.SAME_AS_CURRENT,
        PasswordFault.SAME_AS_ASSIGNED,
        PasswordFault.USED_BEFORE,
    ]
    assert dict(violations[0].parameters) == {"min_length": 15, "length": 12}
    assert "oneil" not in repr(violations)


def test_the_help_names_the_figures_of_the_policy(passwords):
    text = " ".join(passwords.help_text())
    assert "15 to 256 characters" in text
    assert "last 3 passwords" in text
    assert "last" not in " ".join(LOOSEST.help_text())


def test_a_policy_that_breaks_the_standard_is_refused_with_every_fault():
    with pytest.raises(RulesError) as refused:
        PasswordPolicy(min_length=7, max_length=63, history=-1)
    assert len(refused.value.faults) == 3
    with pytest.raises(RulesError):
        PasswordPolicy(min_length=80, max_length=64, history=0)
    with pytest.raises(RulesError):
        PasswordPolicy(min_length=15, max_length=257, history=0)
