import re

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import InvariantError
from dcss_core.users.passwords.assigned import assigned_password
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy

RANDOM = st.binary(min_size=32, max_size=32)
SHORT = ("NIST SP 800-63B-4 §3.1.1.2(1)",)
MIXED = ("NIST SP 800-63B-4 §3.1.1.2(5)", "OWASP ASVS 5.0.0, 6.2.5")


@given(RANDOM, st.integers(8, 64), st.from_regex(r"[a-z][a-z0-9]{2}", fullmatch=True))
def test_s24_an_assigned_password_satisfies_the_policy_and_holds_no_ambiguous_character(
    random, least, user_id
):
    policy = PasswordPolicy(least, 64, 0, departs_from=SHORT if least < 15 else ())
    context = PasswordContext(user_id)
    password = assigned_password(random, policy, context)
    assert policy.violations(password, context) == ()
    assert re.fullmatch(r"[2-9a-km-np-z-]+", password.reveal())
    assert len(password.reveal().replace("-", "")) >= 20  # 32 characters: 5 bits each, 100 bits


@given(RANDOM, st.permutations(CharacterClass), st.integers(1, 4))
def test_an_assigned_password_holds_a_character_of_every_class_that_is_asked_for(random, classes, count):
    required = tuple(classes[:count])
    policy, context = (
        PasswordPolicy(15, 64, 0, required_classes=required, departs_from=MIXED),
        PasswordContext("jdoe"),
    )
    password = assigned_password(random, policy, context)
    assert policy.violations(password, context) == ()
    # and still none that is mistaken for another: 0 and O, 1, l and I
    assert re.fullmatch(r"[2-9a-km-np-zA-HJ-NP-Z-]+", password.reveal())
    assert len(re.findall("[A-Z]", password.reveal())) == (CharacterClass.UPPER_CASE in required)


def test_no_list_of_breached_passwords_has_to_answer_for_an_assigned_password():
    policy = PasswordPolicy(15, 64, 0, breach_check=BreachChecking.FAIL_CLOSED)
    assert assigned_password(b"x" * 32, policy, PasswordContext("jdoe"))


@given(RANDOM)
def test_an_assigned_password_is_written_in_groups_of_four(random):
    password = assigned_password(random, PasswordPolicy(15, 64, 0), PasswordContext("jdoe"))
    assert re.fullmatch(r"[^-]{4}(-[^-]{4}){4}", password.reveal())


def test_other_bytes_make_another_password():
    policy, context = PasswordPolicy(15, 64, 0), PasswordContext("jdoe")
    made = {assigned_password(bytes([seed]) * 32, policy, context).reveal() for seed in range(256)}
    assert len(made) == 256


def test_too_few_random_bytes_are_refused():
    with pytest.raises(InvariantError):
        assigned_password(b"x" * 16, PasswordPolicy(15, 64, 0), PasswordContext("jdoe"))


@given(RANDOM)
def test_an_assigned_password_that_happens_to_hold_the_user_id_is_made_anew(random):
    policy = PasswordPolicy(15, 64, 0)
    unlucky = assigned_password(random, policy, PasswordContext("jdoe")).reveal()
    context = PasswordContext(unlucky[:3])
    again = assigned_password(random, policy, context)
    assert again.reveal() != unlucky
    assert policy.violations(again, context) == ()


def test_a_policy_that_nothing_satisfies_is_an_error_and_no_endless_search():
    with pytest.raises(InvariantError):
        assigned_password(b"x" * 32, PasswordPolicy(15, 64, 0), PasswordContext("jdoe", used_before=True))


@pytest.mark.parametrize(("least", "length"), [(15, 24), (24, 24), (25, 29), (29, 29), (30, 34)])
def test_an_assigned_password_has_as_many_groups_as_the_policy_asks_for_and_no_more(least, length):
    # five groups of four with a hyphen between make 24 characters, each group more makes 5 more
    password = assigned_password(b"x" * 32, PasswordPolicy(least, 64, 0), PasswordContext("jdoe"))
    assert len(password.reveal()) == length
