"""How many parts a text takes, by the alphabets of the network."""

import pytest
from hypothesis import given, strategies as st

from dcss_core_sms_http.parts import parts_of

# 3GPP TS 23.038, section 6.2.1: the rows of the table, by code, without the escape at 0x1B; and 6.2.1.1
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå" "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ" " !\"#¤%&'()*+,-./" "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO" "PQRSTUVWXYZÄÖÑÜ§" "¿abcdefghijklmno" "pqrstuvwxyzäöñüà"
)  # fmt: skip
EXTENSION = "\f^{}\\[~]|€"


def test_the_alphabet_has_127_letters_and_ten_more():
    assert (len(set(TABLE)), len(TABLE), len(EXTENSION)) == (127, 127, 10)


@pytest.mark.parametrize("letter", TABLE)
def test_a_letter_of_the_alphabet_takes_one_place_of_160(letter):
    assert (parts_of(letter * 160), parts_of(letter * 161)) == (1, 2)


@pytest.mark.parametrize("letter", EXTENSION)
def test_a_letter_of_the_extension_takes_two_places(letter):
    assert (parts_of(letter * 80), parts_of(letter * 81)) == (1, 2)
    assert (parts_of(letter * 152), parts_of(letter * 153)) == (2, 3)  # 76 whole ones in each 153


@pytest.mark.parametrize("letter", ["通", "á", "ó", "Í", "“", "–", "\t", "\x1b", "`", "\uffff"])
def test_one_other_letter_makes_all_of_the_text_ucs_2(letter):
    assert (parts_of(letter + "a" * 69), parts_of(letter + "a" * 70)) == (1, 2)


def test_a_letter_beyond_65535_takes_two_places_and_is_not_torn():
    assert (parts_of("😀" * 35), parts_of("😀" * 36)) == (1, 2)
    assert (parts_of("😀" * 66), parts_of("😀" * 67)) == (2, 3)  # 33 whole ones in each 67


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 612, 4),
        ("a" * 613, 5),
        ("通" * 134, 2),
        ("通" * 135, 3),
        ("a" * 152 + "€" + "a" * 152, 3),  # 152, then 2 + 151, then 1: the sign of the euro is not torn
        ("Señora Peña, ¿cómo está?", 1),
    ],
)
def test_a_longer_text_goes_in_parts_of_153_or_67(text, parts):
    assert parts_of(text) == parts


@given(st.text(alphabet=TABLE, min_size=161, max_size=2_000))
def test_a_long_text_of_the_alphabet_takes_a_part_for_every_153(text):
    assert parts_of(text) == -(-len(text) // 153)
