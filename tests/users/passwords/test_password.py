import unicodedata

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.users.passwords.password import (
    LONGEST_PASSWORD,
    Normalization,
    Password,
    PasswordFault,
    PasswordViolation,
    prepare_password,
)


def test_a_violation_reads_as_one_line():
    violation = PasswordViolation(PasswordFault.TOO_SHORT, "Use more.", (("min_length", 15),))
    assert str(violation) == "too_short: Use more."


def prepared(text: str, normalize: Normalization = Normalization.NFC) -> str:
    password = prepare_password(Secret(text), normalize)
    assert isinstance(password, Password)
    return password.reveal()


def test_decomposed_and_composed_spellings_become_one_password():
    assert prepared("cafe\u0301 au lait, please") == prepared("caf\u00e9 au lait, please")


def test_compatibility_forms_stay_different():
    assert prepared("ﬁne afternoon tea") != prepared("fine afternoon tea")


def test_nul_and_blanks_are_kept():
    assert prepared(" pw\0x ") == " pw\0x "
    assert prepared("pw\0x") != prepared("pw\0y")


def test_half_a_character_is_a_reason_and_no_exception():
    refused = prepare_password(Secret("otter \ud800 canoe"))
    assert refused.fault is PasswordFault.NOT_TEXT


def test_a_password_of_the_greatest_length_is_whole_and_one_more_is_refused():
    assert prepared("é" * LONGEST_PASSWORD) == "é" * LONGEST_PASSWORD
    assert prepare_password(Secret("x" * (LONGEST_PASSWORD + 1))).fault is PasswordFault.TOO_LONG


def test_length_counts_after_normalising():
    # U+1F82 decomposes into four code points, the most there are (UAX #15)
    decomposed = unicodedata.normalize("NFD", "\u1f82") * LONGEST_PASSWORD
    assert len(decomposed) == 4 * LONGEST_PASSWORD
    assert prepared(decomposed) == "\u1f82" * LONGEST_PASSWORD


def test_a_megabyte_is_refused_before_it_is_normalised(monkeypatch):
    read = []
    real = unicodedata.normalize

    def recording(form, text):
        read.append(len(text))
        return real(form, text)

    monkeypatch.setattr(unicodedata, "normalize", recording)
    assert prepare_password(Secret("\u1f82" * 2**20)).fault is PasswordFault.TOO_LONG
    assert read == []
    prepare_password(Secret("\u1f82"))
    assert read == [1]


def test_where_nothing_is_normalised_two_spellings_stay_two_passwords():
    composed, decomposed = "caf\u00e9 au lait, please", "cafe\u0301 au lait, please"
    assert prepared(composed, Normalization.NONE) == composed
    assert prepared(decomposed, Normalization.NONE) == decomposed
    too_long = prepare_password(Secret("e\u0301" * LONGEST_PASSWORD), Normalization.NONE)
    assert too_long.fault is PasswordFault.TOO_LONG


def test_two_passwords_that_differ_after_72_bytes_stay_two():
    assert prepared("x" * 72 + "a") != prepared("x" * 72 + "b")


@given(st.text(max_size=LONGEST_PASSWORD // 3))
def test_preparing_is_nfc_and_nothing_else(text):
    assert prepared(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("half", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_each_half_of_a_character_is_refused_and_its_neighbours_are_not(half):
    # Unicode Standard, D73: the surrogates are U+D800 to U+DFFF
    violation = prepare_password(Secret(f"otter canoe {chr(half)} lamp"))
    assert (violation.fault, violation.parameters) == (PasswordFault.NOT_TEXT, ())
    assert prepared("otter canoe \ud7ff\ue000 lamp")


@pytest.mark.parametrize("length", [LONGEST_PASSWORD + 1, 4 * LONGEST_PASSWORD + 1])
def test_a_refusal_for_length_says_how_long_a_password_may_be(length):
    violation = prepare_password(Secret("x" * length))
    assert violation.fault is PasswordFault.TOO_LONG
    assert (violation.sentence, violation.parameters) == (
        "Use at most 256 characters.",
        (("max_length", 256),),
    )
