"""The user id and the names in a password, however written; and ordinary words that hold them by chance."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from dcss_core.rules.federal import baseline
from dcss_core.users.passwords.password import Password, PasswordFault
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy

FEDERAL = PasswordPolicy.from_rules(baseline().on(date(2026, 11, 30)))


def faults(password, user_id="jroe88", *names):
    found = FEDERAL.violations(Password(password), PasswordContext(user_id, names, breach_count=0))
    return [violation.fault for violation in found]


@pytest.mark.parametrize(
    "hidden",
    [
        "J-Roe-88",
        "j.roe.88",
        "j_roe_88",
        "J Roe 88",
        "j r o e 8 8",
        "jroe-88",
        "jroe 88",
        "88-eoR-J",
        "jr0e88",
        "jr0388",
        "JR0E-88",
        "jroe8b",
        "ｊ－ｒｏｅ－８８",
        "(jroe)88",
    ],
)
def test_asvs_6_2_11_a_user_id_is_found_in_every_usual_disguise(hidden):
    for password in (
        f"{hidden} green kites over",
        f"green kites {hidden} over",
        f"green kites over {hidden}",
    ):
        assert faults(password) == [PasswordFault.CONTAINS_USER_ID]


@given(st.text(st.sampled_from("-_. /+'"), min_size=1, max_size=3), st.booleans())
def test_a_user_id_with_signs_between_all_its_characters_is_found(sign, backwards):
    spread = sign.join("okonjo51"[:: -1 if backwards else 1])
    assert PasswordFault.CONTAINS_USER_ID in faults(f"{spread} green kites over", "okonjo51")


@pytest.mark.parametrize(
    "hidden",
    ["anna", "4nna", "4nn4", "@nna", "A-n-n-a", "annA", "An-na", "anna's", "anna7", "annas", "dianna"],
)
def test_a_name_of_four_letters_is_found_where_a_word_is_it_begins_or_ends_with_it(hidden):
    assert faults(f"{hidden} green kites over", "okonjo51", "Anna Okonjo") == [PasswordFault.CONTAINS_NAME]


@pytest.mark.parametrize("hidden", ["lee", "Lee", "l-e-e", "lee7", "7lee", "eel"])
def test_a_short_name_is_found_as_a_word_by_itself(hidden):
    assert faults(f"{hidden} green kites over", "okonjo51", "Lee Okonjo") == [PasswordFault.CONTAINS_NAME]


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("savannah rain on tin roofs", "Anna Okonjo"),
        ("an enjoyable walk at noon", "Joy Okonjo"),
        ("sleeping otters dream of canoes", "Lee Okonjo"),
        ("planning eleven small boats", "Ann Okonjo"),
        ("always paint the porch blue", "Al Okonjo"),
        ("unmarked crates by the river", "Mark Okonjo"),
        ("the gardener found a fossil", "Dene Okonjo"),
        ("smart insects cross a bridge", "Martin Okonjo"),  # the name stands across two words
    ],
)
def test_a_name_by_chance_inside_a_longer_word_or_across_two_is_no_reason(password, name):
    assert faults(password, "okonjo51", name) == []


def test_a_long_name_is_found_anywhere_in_a_word():
    assert faults("mywilliamsburg green kites", "okonjo51", "William Okonjo") == [PasswordFault.CONTAINS_NAME]


def test_a_user_id_across_two_ordinary_words_is_no_reason():
    assert faults("smart insects cross a bridge", "martin") == []
    assert faults("nine brass wrenches over it", "envelope") == []


def test_letters_that_look_like_others_are_read_as_letters_only():
    assert faults("hilly canoe meadow lamps", "lily") == []
    assert faults("a little canoe 11 meadows", "iittie") == []


# --- where in a word a name stands ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("cassandrapolis grows kites", "Sandra Roe"),  # six letters count anywhere in a word
        ("anna likes savannah lots", "Anna Roe"),  # the first one counts, the last does not
        ("savannah anna savannah lots", "Anna Roe"),  # the one in the middle does
        ("annabel grows kites slowly", "Anna Roe"),  # four letters, where a word begins with them
        ("joanna grows kites slowly", "Anna Roe"),  # or ends
    ],
)
def test_a_name_that_counts_anywhere_is_found(password, name):
    assert PasswordFault.CONTAINS_NAME in faults(password, "jroe88", name)


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("xj oellex grows kites slowly", "Joelle Roe"),  # over two words, and beginning at the edge of none
        ("savannah grows kites slowly", "Anna Roe"),
        ("enjoyable kites over water", "Joy Roe"),
    ],
)
def test_a_name_that_only_chance_wrote_is_none(password, name):
    assert PasswordFault.CONTAINS_NAME not in faults(password, "jroe88", name)


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("pau1 grows kites slowly", "Paul Roe"),  # 1 as an l
        ("f1ona grows kites slowly", "Fiona Roe"),  # and as an i
        ("n4sus grows kites slowly", "Susan Roe"),  # turned round, too
        ("so oo grows kites slowly", "Oo Roe"),  # the letters before it end alike
    ],
)
def test_a_name_is_found_in_look_alikes_forwards_and_backwards(password, name):
    assert faults(password, "okonjo51", name) == [PasswordFault.CONTAINS_NAME]


@pytest.mark.parametrize("user_id", ["@jane9x", "---"])
def test_a_user_id_of_which_nothing_is_left_to_look_for_refuses_no_password(user_id):
    assert faults("seven green kites over", user_id) == []


@pytest.mark.parametrize(
    ("password", "user_id"),
    [
        ("ssuuppppoorrtt 2026", "support"),  # each letter twice
        ("portsupportsup", "support"),  # begun and ended within it
        ("kites aroe.doex over", "roe.doe@example.org"),  # what stands before the at sign, within a word
        ("kites xgro.elpmaxe@ojx", "jo@example.org"),  # turned round, within a word
    ],
)
def test_a_user_id_is_found_as_the_whole_password_and_within_a_word(password, user_id):
    assert PasswordFault.CONTAINS_USER_ID in faults(password, user_id)
