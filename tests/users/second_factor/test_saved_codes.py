import hashlib

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError
from dcss_core.users.second_factor.saved_codes import COUNT, RANDOM_BYTES, SavedCodes, make_saved_codes

RANDOM = hashlib.shake_256(b"a test's randomness").digest(RANDOM_BYTES)
CODES = make_saved_codes(RANDOM)
KEPT = SavedCodes.of(CODES)
LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"  # no 0, 1, l, o


def test_there_are_ten_codes_of_six_groups_of_four():
    assert len(CODES) == COUNT == KEPT.left == 10
    for code in CODES:
        groups = code.reveal().split("-")
        assert [len(group) for group in groups] == [4] * 6
        assert set("".join(groups)) <= set(LETTERS)


@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_each_of_24_random_bytes_gives_5_bits_so_that_a_code_has_120(random):
    # NIST SP 800-63B-4 §3.1.2.2 asks for 112 where a plain hash keeps it
    written = "".join(code.reveal().replace("-", "") for code in make_saved_codes(random))
    assert [LETTERS.index(letter) for letter in written] == [byte % 32 for byte in random]
    assert len(written) == 10 * 24


def test_only_the_sha_256_of_a_code_is_kept():
    letters = CODES[0].reveal().replace("-", "")
    assert KEPT.hashes[0] == hashlib.sha256(letters.encode()).hexdigest()
    assert letters not in repr(KEPT)
    assert CODES[0].reveal() not in repr(CODES)


@pytest.mark.parametrize("place", range(COUNT))
def test_every_code_works_once_and_leaves_the_others(place):
    unused = KEPT.without(CODES[place])
    assert unused.left == 9
    assert unused.without(CODES[place]) is None
    assert all(unused.without(code) is not None for code in CODES if code != CODES[place])


@pytest.mark.parametrize(
    "typed",
    [str.upper, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "), "  {}\n".format],
    ids=["capitals", "no hyphens", "blanks", "around"],
)
def test_case_blanks_and_hyphens_do_not_count(typed):
    assert KEPT.without(Secret(typed(CODES[3].reveal()))).left == 9


@pytest.mark.parametrize(
    "typed", ["", "-", "123456", CODES[0].reveal()[:-1], CODES[0].reveal() + "2", "\ud800", "a" * 1_000_000]
)
def test_anything_else_is_none_of_them(typed):
    assert KEPT.without(Secret(typed)) is None


def test_a_code_among_a_million_blanks_is_not_read():
    assert KEPT.without(Secret(" " * 1_000_000 + CODES[0].reveal())) is None


def test_without_codes_nothing_is_one():
    assert SavedCodes().without(Secret("")) is None


def test_another_number_of_random_bytes_is_refused():
    with pytest.raises(InvariantError, match="240 bytes, not 239"):
        make_saved_codes(bytes(239))
