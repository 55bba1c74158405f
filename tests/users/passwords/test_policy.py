import unicodedata
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import assume, example, given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.errors import InvalidInputError, InvariantError, RulesError
from dcss_core.users.account import Account, AccountKind
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.guessable.blocklist import Blocklist
from dcss_core.users.passwords.guessable.context_words import ContextWord
from dcss_core.users.passwords.password import Password, PasswordFault, prepare_password
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{2,20}", fullmatch=True)
LENGTH = "NIST SP 800-63B-4 §3.1.1.2(1)"
LOOSEST = PasswordPolicy(min_length=8, max_length=256, history=0, departs_from=(LENGTH,))
FEDERAL = PasswordPolicy(15, 256, 24)
# IRS Pub. 1075 (Rev. 11-2021), IA-5(1) h: 14 characters, four classes, 1 to 90 days, 24 generations
IRS = PasswordPolicy(
    min_length=14,
    max_length=256,
    history=24,
    required_classes=tuple(CharacterClass),
    min_age=timedelta(days=1),
    max_age=timedelta(days=90),
    departs_from=(
        LENGTH,
        "NIST SP 800-63B-4 §3.1.1.2(5) mixture",
        "NIST SP 800-63B-4 §3.1.1.2(6) expiry",
        "OWASP ASVS 5.0.0, 6.2.5",
        "OWASP ASVS 5.0.0, 6.2.10",
    ),
)
POLICIES = pytest.mark.parametrize("policy", [LOOSEST, FEDERAL, IRS], ids=["loosest", "federal", "irs"])
JANE = PasswordContext("JDoe42", names=("Jane O'Neil",), agency_names=("Georgia", "Child Support"))
GOOD = "otter canoe marble lamp"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def faults(policy, text, context=JANE):
    return [violation.fault for violation in policy.violations(Password(text), context)]


def test_a_good_passphrase_has_no_violation(passwords):
    assert faults(passwords, GOOD) == []


# --- length and characters -------------------------------------------------------------------------------
@pytest.mark.parametrize(("length", "refused"), [(14, True), (15, False), (256, False), (257, True)])
def test_length_is_counted_at_both_edges(passwords, length, refused):
    text = ("otter canoe marble lamp " * 12)[:length]
    assert bool(faults(passwords, text)) is refused


def test_a_code_point_counts_as_one_character(passwords):
    assert faults(passwords, "🦦🛶🔮💡🦉" * 3) == []
    assert faults(passwords, ("🦦🛶🔮💡🦉" * 3)[:14]) == [PasswordFault.TOO_SHORT]
    assert faults(
        passwords, unicodedata.normalize("NFC", "e\u0301o\u0308a\u0300i\u0302u\u0301n\u0303" * 2)
    ) == [PasswordFault.TOO_SHORT]


def test_beside_a_second_factor_a_shorter_password_is_enough():
    policy = PasswordPolicy(15, 256, 0, min_length_with_mfa=8)
    beside = attrs.evolve(JANE, with_mfa=True)
    assert faults(policy, "oak lamp", beside) == []
    assert faults(policy, "oak lam", beside) == [PasswordFault.TOO_SHORT]
    assert faults(policy, "oak lamp") == [PasswordFault.TOO_SHORT]
    assert "8 to 256 characters" in policy.help_text(with_mfa=True)[0]


def test_nothing_is_one_violation_only(passwords):
    assert faults(passwords, "") == [PasswordFault.EMPTY]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Otter canoe marble 7!", []),
        ("otter canoe marble 7!", ["upper_case"]),
        ("OTTER CANOE MARBLE 7!", ["lower_case"]),
        ("Otter canoe marble !", ["digit"]),
        ("Otter canoe marble 7", ["special"]),  # a space is none
        ("otter canoe marble lamp", ["upper_case", "digit", "special"]),
        ("Éclair à la crème ٧€", []),  # letters, digits and signs of any script
    ],
)
def test_each_missing_class_is_a_reason_of_its_own(text, missing):
    found = [each for each in IRS.violations(Password(text), JANE) if each.parameters]
    assert [dict(each.parameters)["character_class"] for each in found] == missing
    assert faults(FEDERAL, text + " and more of it") == []


def test_the_federal_policy_asks_for_no_mixture():
    assert "upper" not in " ".join(FEDERAL.help_text())
    assert "an upper-case letter and a lower-case letter and a digit and a special character" in " ".join(
        IRS.help_text()
    )


# --- the user id -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "password",
    ["support", "SUPPORT", "Support1", "troppus", "supportsupport", "supportsupport2024", "11support!"],
)
@POLICIES
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


def wide(text):
    """The same characters in full width, which NFKC makes narrow again."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


SPELLINGS = [
    str,
    str.upper,
    str.lower,
    str.swapcase,
    wide,
    lambda text: text[::-1],
    lambda text: wide(text[::-1]),
]


@POLICIES
@given(
    IDS.filter(lambda user_id: len(user_id) >= 4),
    st.sampled_from(SPELLINGS),
    st.sampled_from(["", "Otter canoe 7! ", "x"]),
    st.sampled_from(["", " Marble lamp 7!", "1"]),
)
def test_no_password_that_holds_the_user_id_in_any_spelling_passes(policy, user_id, spelling, before, after):
    password = before + spelling(user_id) + after
    assert PasswordFault.CONTAINS_USER_ID in faults(policy, password, PasswordContext(user_id))


@POLICIES
@given(
    st.from_regex(r"[A-Za-z0-9]{4,24}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9._-]{0,20}", fullmatch=True),
)
def test_no_password_that_is_a_part_of_the_user_id_passes(policy, part, rest):
    found = faults(policy, part, PasswordContext(part + rest))
    assert {PasswordFault.CONTAINS_USER_ID, PasswordFault.PART_OF_USER_ID} & set(found)


@pytest.mark.parametrize(
    "password", ["jane.roe.1988.atlanta", "Jane Roe 1988 Atlanta!", "atnalta 8891 eor enaj"]
)
def test_a_part_of_a_long_user_id_is_refused_whatever_stands_between_its_letters(password):
    context = PasswordContext("jane.roe.1988.atlanta.georgia@example.com")
    assert faults(FEDERAL, password, context) == [PasswordFault.PART_OF_USER_ID]


def test_what_stands_before_the_at_sign_of_a_user_id_is_refused_like_the_whole():
    context = PasswordContext("jroe@example.com")
    assert faults(FEDERAL, "my jroe goes to the sea", context) == [PasswordFault.CONTAINS_USER_ID]
    assert faults(FEDERAL, "my example goes to the sea", context) == []


# --- names and the agency --------------------------------------------------------------------------------
def test_a_name_is_refused_inside_a_password_in_any_spelling(passwords):
    assert faults(passwords, "my cat and o’néil too") == [PasswordFault.CONTAINS_NAME]
    assert faults(passwords, "my cat and ONEIL too") == [PasswordFault.CONTAINS_NAME]
    assert faults(passwords, "my cat enaj is lovely") == [PasswordFault.CONTAINS_NAME]


def test_a_short_name_is_no_reason_against_words_that_hold_it():
    lee = PasswordContext("jdoe42", names=("Lee Q. Park",))
    assert faults(FEDERAL, "sleeping otters dream of canoes", lee) == []
    assert faults(FEDERAL, "lee-lee-lee-lee 2026!", lee) == [PasswordFault.CONTAINS_NAME]
    assert faults(FEDERAL, "q8401620944182731", lee) == []  # an initial is no name


def test_where_names_may_be_contained_a_name_alone_is_still_no_password():
    policy = PasswordPolicy(15, 256, 0, forbid_containing=(ContextWord.USER_ID,))
    assert faults(policy, "my cat and oneil too") == []
    assert faults(policy, "O'NeilO'Neil 2026") == [PasswordFault.MADE_OF_NAME]
    assert "name and" not in " ".join(policy.help_text())


def test_the_agency_may_be_mentioned_but_is_no_password_by_itself(passwords):
    assert faults(passwords, "georgia peaches on sunday") == []
    assert faults(passwords, "GeorgiaGeorgia2026!") == [PasswordFault.MADE_OF_AGENCY_NAME]
    assert faults(passwords, "aigroeg aigroeg 1") == [PasswordFault.MADE_OF_AGENCY_NAME]
    assert faults(passwords, "Child Support 2026") == [PasswordFault.MADE_OF_AGENCY_NAME]


# --- lists of passwords ----------------------------------------------------------------------------------
def test_a_listed_password_is_refused_with_its_reason():
    policy = PasswordPolicy(15, 256, 0, blocklist=Blocklist.of(["opensesame"]))
    assert faults(policy, "OpenSesame 2026") == [PasswordFault.COMMON]
    assert "Common passwords" in " ".join(policy.help_text())
    assert "Common passwords" not in " ".join(FEDERAL.help_text())


@pytest.mark.parametrize(
    ("checking", "count", "expected"),
    [
        (BreachChecking.OFF, 1000, []),
        (BreachChecking.OFF, None, []),
        (BreachChecking.FAIL_OPEN, 0, []),
        (BreachChecking.FAIL_OPEN, 1, [PasswordFault.BREACHED]),
        (BreachChecking.FAIL_OPEN, None, []),
        (BreachChecking.FAIL_CLOSED, 0, []),
        (BreachChecking.FAIL_CLOSED, 1, [PasswordFault.BREACHED]),
        (BreachChecking.FAIL_CLOSED, None, [PasswordFault.BREACH_CHECK_UNAVAILABLE]),
    ],
)
def test_what_a_list_of_breached_passwords_says_counts_as_the_policy_says(checking, count, expected):
    stated = ("OWASP ASVS 5.0.0, 6.2.12",) if checking is BreachChecking.OFF else ()
    policy = PasswordPolicy(15, 256, 0, breach_check=checking, departs_from=stated)
    assert faults(policy, GOOD, attrs.evolve(JANE, breach_count=count)) == expected
    asks = "another site was broken into" in " ".join(policy.help_text())
    assert asks is (checking is not BreachChecking.OFF)


def test_a_password_seen_as_often_as_is_still_accepted_passes_and_once_more_is_refused():
    policy = PasswordPolicy(15, 256, 0, max_breaches=2)
    assert faults(policy, GOOD, attrs.evolve(JANE, breach_count=2)) == []
    (violation,) = policy.violations(Password(GOOD), attrs.evolve(JANE, breach_count=3))
    assert violation.parameters == (("times", 3),)


# --- age and history -------------------------------------------------------------------------------------
STRONG = "Otter canoe marble 7!"


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (None, []),
        (timedelta(days=1), []),
        (timedelta(days=1) - timedelta(microseconds=1), [PasswordFault.TOO_SOON]),
        (timedelta(0), [PasswordFault.TOO_SOON]),
    ],
)
def test_a_change_before_the_least_age_is_too_soon_unless_it_is_forced(age, expected):
    context = attrs.evolve(JANE, current_age=age)
    assert faults(IRS, STRONG, context) == expected
    assert faults(IRS, STRONG, attrs.evolve(context, is_forced=True)) == []
    assert faults(FEDERAL, STRONG, context) == []


def test_the_least_age_is_told_in_hours_and_in_words():
    (violation,) = IRS.violations(Password(STRONG), attrs.evolve(JANE, current_age=timedelta(0)))
    assert violation.parameters == (("min_age_hours", 24),)
    assert "1 day ago" in violation.sentence


def test_a_password_expires_to_the_microsecond_and_under_the_federal_policy_never():
    set_at = NOW - timedelta(days=90)
    assert IRS.is_expired(set_at, NOW)
    assert not IRS.is_expired(set_at, NOW - timedelta(microseconds=1))
    assert not FEDERAL.is_expired(NOW - timedelta(days=36500), NOW)


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


@given(st.text(max_size=60), st.sampled_from([LOOSEST, FEDERAL, IRS]))
def test_any_text_gets_an_answer_and_no_reason_twice(text, policy):
    assume(text)
    found = policy.violations(Password(unicodedata.normalize("NFC", text)), JANE)
    assert len(set(found)) == len(found)


# --- what a person is told -------------------------------------------------------------------------------
def test_the_help_names_the_figures_of_the_policy(passwords):
    text = " ".join(passwords.help_text())
    assert "15 to 256 characters" in text
    assert "nor one of the 3 before it" in text
    assert "last" not in " ".join(LOOSEST.help_text())
    assert "after 1 day." in " ".join(IRS.help_text())
    assert "After 90 days" in " ".join(IRS.help_text())
    assert "day" not in " ".join(FEDERAL.help_text())


# --- the policy itself -----------------------------------------------------------------------------------
def refused(**values):
    with pytest.raises(RulesError) as caught:
        PasswordPolicy(**{"min_length": 15, "max_length": 256, "history": 24} | values)
    return [(fault.where, fault.found) for fault in caught.value.faults]


def test_a_policy_that_cannot_be_met_is_refused_with_every_fault():
    found = refused(min_length=7, max_length=63, history=-1, max_breaches=-1, departs_from=())
    assert [where for where, _ in found] == [
        "max_length",
        "history",
        "max_breaches",
        "min_length",
        "min_length",
    ]


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"min_length": 80, "max_length": 64}, "min_length"),
        ({"min_length": 0, "departs_from": (LENGTH, "OWASP ASVS 5.0.0, 6.2.1")}, "min_length"),
        ({"max_length": 257}, "max_length"),
        ({"min_length_with_mfa": 16}, "min_length_with_mfa"),
        ({"history": 101}, "history"),
        ({"min_age": timedelta(0)}, "min_age"),
        ({"min_age": timedelta(minutes=90)}, "min_age"),
        ({"forbid_containing": ()}, "forbid_containing"),
        ({"forbid_containing": (ContextWord.NAMES,)}, "forbid_containing"),
        ({"forbid_containing": (ContextWord.USER_ID, ContextWord.USER_ID)}, "forbid_containing"),
    ],
)
def test_a_figure_out_of_its_bounds_is_refused(values, where):
    assert refused(**values)[0][0] == where


def test_a_minimum_that_is_none_bounds_no_other_figure():
    stated = (LENGTH, "OWASP ASVS 5.0.0, 6.2.1")
    told = refused(min_length=0, min_length_with_mfa=8, departs_from=stated)
    assert [where for where, _ in told] == ["min_length"]


def test_a_minimum_of_one_character_bounds_the_one_beside_a_second_factor():
    stated = (LENGTH, "OWASP ASVS 5.0.0, 6.2.1")
    told = refused(min_length=1, min_length_with_mfa=2, departs_from=stated)
    assert ("min_length_with_mfa", "2") in told


EXPIRY = ("NIST SP 800-63B-4 §3.1.1.2(6)", "OWASP ASVS 5.0.0, 6.2.10")


@pytest.mark.parametrize("max_age", [timedelta(days=1), timedelta(hours=23)])
def test_a_password_must_last_longer_than_until_it_may_be_changed(max_age):
    assert refused(min_age=timedelta(days=1), max_age=max_age, departs_from=EXPIRY) == [
        ("max_age", str(max_age))
    ]


def test_values_of_the_wrong_type_are_named_and_nothing_is_made():
    with pytest.raises(InvalidInputError, match=r"PasswordPolicy\.min_length"):
        PasswordPolicy("15", 256, 24)
    with pytest.raises(InvalidInputError, match=r"PasswordContext\.names"):
        PasswordContext("jdoe", names="Jane O'Neil")


# --- what is said beforehand -------------------------------------------------------------------------------
def test_the_help_text_says_what_the_policy_asks_and_nothing_else():
    bare = PasswordPolicy(
        15, 256, 0, forbid_containing=(ContextWord.USER_ID,), breach_check=BreachChecking.FAIL_OPEN
    )
    assert bare.help_text() == (
        "Use 15 to 256 characters; several words with spaces work well.",
        "Any letters, digits, signs and spaces are welcome.",
        "Leave out your user ID.",
        "Rows of keys, repeated characters and the name of the agency are refused by themselves, even with "
        "digits added.",
        "Don't use a password that became known when another site was broken into.",
    )
    full = attrs.evolve(
        bare,
        history=1,
        forbid_containing=tuple(ContextWord),
        blocklist=Blocklist.of(["opensesame"]),
        min_age=timedelta(hours=25),
    )
    assert full.help_text()[2:] == (
        "Leave out your user ID and your name.",
        "Common passwords, rows of keys, repeated characters and the name of the agency are refused by "
        "themselves, even with digits added.",
        "Don't use a password that became known when another site was broken into.",
        "Don't use your present password again, nor the one before it.",
        "You can choose another one after 25 hours.",
    )


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(hours=1), "1 hour."),
        (timedelta(hours=23), "23 hours."),
        (timedelta(hours=24), "1 day."),
        (timedelta(hours=48), "2 days."),
    ],
)
def test_an_age_is_said_in_days_where_it_is_whole_days(age, words):
    policy = PasswordPolicy(15, 256, 0, min_age=age)
    assert policy.help_text()[-1] == f"You can choose another one after {words}"


def test_the_length_that_is_said_is_that_of_the_password_alone_unless_it_never_is():
    policy = PasswordPolicy(15, 256, 0, min_length_with_mfa=8)
    assert "15 to 256 characters" in policy.help_text()[0]


def test_a_class_that_is_missing_is_named_with_its_word():
    (violation,) = IRS.violations(Password("Otter canoe marble lamps!"), JANE)
    assert (violation.fault, violation.sentence, violation.parameters) == (
        PasswordFault.MISSING_CLASS,
        "Add a digit.",
        (("character_class", "digit"),),
    )


@pytest.mark.parametrize("user_id", ["wren@dcss", "wren@dcss@ga"])
def test_what_stands_before_the_first_at_of_a_user_id_may_not_be_contained(passwords, user_id):
    context = PasswordContext(user_id)
    assert faults(passwords, "nine brass wrenches", context) == [PasswordFault.CONTAINS_USER_ID]


def test_a_name_of_two_letters_alone_is_no_password_and_an_initial_is_no_name(passwords):
    repeated = "li" * 10
    assert PasswordFault.CONTAINS_NAME in faults(passwords, repeated, PasswordContext("JDoe", ("Bo Li",)))
    assert PasswordFault.CONTAINS_NAME not in faults(passwords, "x" * 20, PasswordContext("JDoe", ("Bo X",)))
