from hypothesis import given, strategies as st

from dcss_core import Secret
from dcss_core.users.letter_groups import hash_of_letters, letter_groups, letters_typed


def test_every_byte_is_one_of_32_characters_that_are_not_mistaken_for_one_another():
    letters = letters_typed(letter_groups(bytes(range(256))))
    # 26 letters and 10 digits without 0, 1, l, o: 32, each for 8 of the 256 values of a byte
    assert {letters.count(each) for each in letters} == {8}
    assert set(letters) == set("abcdefghijklmnopqrstuvwxyz0123456789") - set("01lo")


def test_groups_have_four_characters():
    assert [len(group) for group in letter_groups(bytes(10)).split("-")] == [4, 4, 2]


@given(st.binary(min_size=1, max_size=40), st.sampled_from([" ", "  ", "", "-", "\n", " - "]), st.booleans())
def test_how_they_are_typed_makes_no_difference(random, between, capitals):
    written = letter_groups(random)
    typed = written.replace("-", between)
    assert letters_typed(typed.upper() if capitals else typed) == letters_typed(written)


def test_what_is_far_too_long_is_not_read():
    assert letters_typed("a" * 401) == ""


def test_what_is_not_too_long_is_read_to_its_last_letter():
    assert letters_typed("-" * 399 + "A") == "a"


def test_what_is_kept_of_a_code_is_the_same_however_it_is_typed_and_stays_so_for_what_is_stored():
    # printf 'a purpose 1:2:id:wxyz2345' | sha256sum
    kept = "d54f4354d9815148ae2edab5d10aa2046c8342442a551fd38058682b39509f48"
    for typed in ("wxyz-2345", " WXYZ 2345 "):
        assert hash_of_letters(Secret(typed), purpose="a purpose 1", owner_id="id") == kept


def test_what_is_kept_of_a_code_is_another_for_another_purpose_and_another_owner():
    code = Secret("wxyz-2345")
    kept = {
        hash_of_letters(code, purpose=purpose, owner_id=owner_id)
        for purpose in ("a purpose 1", "another 1")
        for owner_id in ("1", "1:1", "11")
    }
    assert len(kept) == 6
