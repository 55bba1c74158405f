from hypothesis import given, strategies as st

from dcss_core.users.letter_groups import letter_groups, letters_typed


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
