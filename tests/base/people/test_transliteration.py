import sys
import unicodedata

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.people.transliteration import in_plain_letters, spellings_of

# Unicode CLDR, common/transforms/Latin-ASCII.xml: letters that a name may have, one of each sort
CLDR = {
    "Æ": "AE", "Ð": "D", "Ø": "O", "Þ": "TH", "ß": "ss", "æ": "ae", "ð": "d", "ø": "o", "þ": "th", "Đ": "D",
    "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "Ĳ": "IJ", "ĳ": "ij", "ĸ": "q", "Ł": "L", "ł": "l", "Ŋ": "N",
    "ŋ": "n", "Œ": "OE", "œ": "oe", "Ŧ": "T", "ŧ": "t", "ſ": "s", "ƀ": "b", "Ɓ": "B", "Ɖ": "D", "Ɗ": "D",
    "Ɛ": "E", "ƒ": "f", "Ɠ": "G", "ƕ": "hv", "Ɩ": "I", "Ɨ": "I", "Ƙ": "K", "ƚ": "l", "Ɲ": "N", "ƣ": "oi",
    "Ƥ": "P", "Ƭ": "T", "Ʋ": "V", "Ƴ": "Y", "Ƶ": "Z", "Ǆ": "DZ", "ǈ": "Lj", "ǌ": "nj", "Ǥ": "G", "ȷ": "j",
    "Ⱥ": "A", "Ȼ": "C", "Ƚ": "L", "Ʉ": "U", "Ɇ": "E", "Ɉ": "J", "Ɍ": "R", "Ɏ": "Y", "ɓ": "b", "ɖ": "d",
    "ɗ": "d", "ɛ": "e", "ɟ": "j", "ɡ": "g", "ɨ": "i", "ʉ": "u", "ẞ": "SS", "Ỻ": "LL", "Ỽ": "V", "Ɽ": "R",
    "Ꜳ": "AA", "Ꝏ": "OO", "Ɦ": "H", "ﬀ": "ff", "ﬆ": "st", "Ａ": "A", "Ⅷ": "VIII",
}  # fmt: skip


@pytest.mark.parametrize(("letter", "plain"), CLDR.items())
def test_a_latin_letter_is_written_plain_as_the_common_locale_data_has_it(letter, plain):
    assert in_plain_letters(letter) == plain.lower()


@pytest.mark.parametrize(
    ("letter", "spellings"),
    [
        ("Ä", ("a", "ae")),
        ("Å", ("a", "aa")),
        ("Ö", ("o", "oe")),
        ("Ø", ("o", "oe")),
        ("Ǿ", ("o", "oe")),
        ("Ü", ("u", "ue")),
        ("u\u0308", ("u", "ue")),
        ("ǚ", ("u", "ue")),
        ("Þ", ("th",)),
        ("Ð", ("d",)),
        ("Ñ", ("n",)),
        ("Ə", ("e",)),
        ("ë", ("e",)),
        ("ẘ", ("w",)),
    ],
)
def test_a_letter_has_the_two_letters_of_a_passport_besides(letter, spellings):
    # ICAO Doc 9303-3, section 6, table A
    assert spellings_of(letter) == (spellings,)


def test_turkish_capitals_are_the_letter_i():
    assert in_plain_letters("İI ıi") == "iiii"


@pytest.mark.parametrize("text", ["Ng’ang’a", "Kaʻanāʻana", "ǃNaruseb", "Kwiʔ", "ꞌAna", "O'Neil-Park Jr."])
def test_signs_are_dropped_as_an_apostrophe_is(text):
    letters = [each for each in unicodedata.normalize("NFD", text) if each.isascii() and each.isalpha()]
    assert in_plain_letters(text) == "".join(letters).lower()


@pytest.mark.parametrize("text", ["иван", "李", "محمد", "μ", "ƿ"])
def test_a_letter_of_no_plain_form_stays_as_it_is(text):
    assert in_plain_letters(text.upper()) == text


SIGNS = "ɁɂʘꞋꞌ"  # glottal stop, a click, saltillo: of the names in the Unicode Character Database


def test_no_letter_vanishes_but_the_signs_that_are_written_like_an_apostrophe():
    letters = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Lu", "Ll", "Nd")
    ]
    assert [each for each in letters if not spellings_of(each)] == sorted(SIGNS)


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd"])))
def test_as_many_letters_are_read_as_are_there_and_plain_text_is_plain(text):
    assert len(spellings_of(text)) >= sum(each not in SIGNS for each in text)
    assert in_plain_letters(in_plain_letters(text)) == in_plain_letters(text)


def test_every_letter_of_the_latin_blocks_for_languages_of_today_is_written_with_a_to_z():
    """Latin-1, Extended-A and Extended Additional: Europe, Turkey, Vietnam."""
    blocks = (*range(0xC0, 0x180), *range(0x1E00, 0x1F00))
    letters = [chr(code) for code in blocks if chr(code).isalpha()]
    # the medieval ẟ is in no name of today
    assert [each for each in letters if not in_plain_letters(each).isascii()] == ["ẟ"]
