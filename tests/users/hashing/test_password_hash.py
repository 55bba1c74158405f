"""PHC strings: the scheme they name and how they hold bytes; the rest stands in the tests of each scheme."""

import pytest

from dcss_core.users.hashing.password_hash import bytes_read, bytes_written, scheme_of


@pytest.mark.parametrize(
    ("phc", "scheme"),
    [
        ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn", "argon2id"),
        ("$argon2id", "argon2id"),
        ("pbkdf2_sha256$600000$salt$tag", ""),
        ("x$argon2id$v=19", ""),
        ("argon2id", ""),
        ("", ""),
    ],
)
def test_a_scheme_is_named_between_the_first_two_signs_and_nowhere_else(phc, scheme):
    assert scheme_of(phc) == scheme


@pytest.mark.parametrize(
    ("content", "text"), [(b"", ""), (b"\x00\x00\x17", "AAAX"), (b"\xff", "/w"), (b"\xff\xff", "//8")]
)
def test_bytes_are_written_as_base64_without_its_padding_and_read_back(content, text):
    # RFC 4648 §4: 0x17 in the last six bits is the letter X
    assert bytes_written(content) == text
    assert bytes_read(text) == content


@pytest.mark.parametrize("text", ["/x", "/w==", "/w ", "A", "AAA!", "AAA-"])
def test_another_spelling_of_bytes_is_not_read(text):
    assert bytes_read(text) is None


def test_of_what_is_stored_no_more_than_a_hundred_characters_are_searched_for_a_scheme():
    assert scheme_of("$" + "x" * 98 + "$rest") == "x" * 98
    assert scheme_of("$" + "x" * 1_000) == "x" * 99
