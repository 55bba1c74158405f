"""The blocklist: the whole password is compared, in the usual disguises, and a part of it never."""

from datetime import date
from random import Random
from string import ascii_letters, ascii_lowercase, digits

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.users.passwords.guessable.blocklist import Blocklist
from dcss_core.users.passwords.guessable.derived_words import Undisguised
from dcss_core.users.passwords.password import PasswordFault

TABLE = baseline().on(date(2026, 11, 22)).table("accounts.password_blocklist")
LISTED = [str(word) for word in TABLE.column("word")]
FEDERAL = Blocklist.of(LISTED)


def fault(text, blocklist=FEDERAL):
    violation = blocklist.violation(Undisguised.of(text))
    return violation.fault if violation else None


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PassWord",
        "Ｐａｓｓｗｏｒｄ",  # full width
        "drowssap",
        "passwordpassword",
        "password password password",
        "passwordpasswordpass",  # cut off
        "drowssapdrowssap",
        "Password2026!!!!",
        "2026PASSWORD2026",
        "password1password2",
        "p-a-s-s-w-o-r-d 2026",
        "monkey1234567890",
        "I love you forever",
        "supercalifragilisticexpialidocious!",
        "The quick brown fox jumps over the lazy dog",
        "trustno1 trustno1",
        "Trustno 2026 !!!!",
        "2026 p4ssw0rd 2026",
        "abc123abc123abc123",
        "P@ssw0rd P@ssw0rd",
        "Child Support 2026",
    ],
)
def test_a_listed_word_in_disguise_is_refused(password):
    assert fault(password) is PasswordFault.COMMON


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiopasdfgh",
        "poiuytrewqlkjhgf",
        "qwertyuiop123456",
        "1234567890123456",
        "0987654321098765",
        "abcdefghijklmnop",
        "zyxwvutsrqponmlk",
        "xyzabcdefghijklm",
        "1qaz2wsx3edc4rfv",
        "!QAZ@WSX#EDC$RFV",
        "1q2w3e4r5t6y7u8i",
        "a b c d e f g h i",
        "!@#$%^&*()_+!@#$",
        "aaaabbbbccccdddd",
        "qwertyuiop!!2026",
        "789456123789456123",
        "azertyuiopqsdfgh",
    ],
)
def test_a_walk_is_refused_also_without_a_list(password):
    assert fault(password, Blocklist()) is PasswordFault.SEQUENCE


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaaaaa", "ABABABABABABABAB", "xk7xk7xk7xk7xk7", "🦦" * 15, "!" * 20]
)
def test_a_few_characters_over_and_over_are_refused_also_without_a_list(password):
    assert fault(password, Blocklist()) is PasswordFault.REPETITION


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "otter canoe marble lamp",
        "my password is a marble",
        "password otter",
        "dragon monkey football shadow",
        "iloveyou like marble otters",
        "a9184a7750a2231",
        "8401ghij62094418273",
        "84016209441827306",
        "kq7#vT2!mZ9$wL4&xB",
        "we were there where they were",
        "strengths of property owners",
        "été après été sous la pluie",
        "три медведя и одна лодка",
        "🦦🛶🔮💡🦉🦦🛶🔮💡🦉",
        "the default settings of spring",
        "sunflower sun 2026",  # one and a half times is no repetition
    ],
)
def test_a_passphrase_that_merely_holds_listed_words_passes(password):
    assert fault(password) is None


@given(
    st.sampled_from(LISTED), st.integers(1, 3), st.from_regex(r"[0-9 !.]{0,8}", fullmatch=True), st.booleans()
)
def test_every_listed_word_is_refused_repeated_reversed_or_with_digits_and_signs(
    word, times, added, is_reversed
):
    text = (word[::-1] if is_reversed else word) * times
    if not any(character.isdigit() for character in word):
        assert fault(added + text + added) is not None
    assert fault(text.upper()) is not None


COMMON = ["dragon", "monkey", "sunshine", "football", "princess", "shadow", "welcome", "chocolate"]


@given(st.lists(st.sampled_from(COMMON), min_size=3, max_size=5, unique=True))
def test_three_and_more_different_listed_words_are_a_passphrase(words):
    assert set(words) <= set(LISTED)
    assert fault(" ".join(words)) is None


@pytest.mark.parametrize(
    "characters", [ascii_lowercase + digits, ascii_letters + digits + "!#$%&*-_", digits]
)
def test_what_a_password_manager_makes_passes(characters):
    random = Random(1)
    made = ["".join(random.choices(characters, k=20)) for _ in range(3000)]
    assert [text for text in made if fault(text)] == []


def test_entries_too_short_to_be_compared_are_refused_all_at_once():
    with pytest.raises(RulesError) as caught:
        Blocklist.of(["cat", "!!!!!", "dragon", "a-b"])
    assert [each.found for each in caught.value.faults] == ["'cat'", "'!!!!!'", "'a-b'"]


def test_what_a_short_listed_word_repeats_is_no_listed_word():
    mama = Blocklist.of(["mama"])
    assert fault("mama 84016209441827306", mama) is PasswordFault.COMMON
    assert fault("ma 84016209441827306", mama) is None


def test_the_federal_list_is_read_once():
    common = baseline().on(date(2026, 11, 22)).table("accounts.password_common")
    first, again = Blocklist.from_tables(TABLE, common), Blocklist.from_tables(TABLE, common)
    assert first.forms is again.forms
    assert first.common is again.common


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("4q9w2e7r1t5y8u3i", None),  # the letters walk, and they are 8 of the 16 characters
        ("4q9w2e7r1t5y8u3io", PasswordFault.SEQUENCE),  # 9 of 17
        ("abcd", PasswordFault.SEQUENCE),
        ("abc", None),  # too short to tell; that it is too short is said by the policy
        ("aa", PasswordFault.REPETITION),
        ("a", None),
    ],
)
def test_a_walk_is_one_where_it_makes_up_more_than_half_and_has_four_characters(password, found):
    assert fault(password, Blocklist()) is found


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("x      q      k", PasswordFault.REPETITION),  # three characters are left without the blanks
        ("x    q    k    w", None),
        ("xqk", None),  # nothing is added; that it is too short is said by the policy
        ("900014321 900014321", PasswordFault.REPETITION),
        ("900014321 90001", None),  # 14 digits, which are not twice 9
        ("dddrooowwwssaapp", PasswordFault.COMMON),  # turned round: 7 of 16 are the letter before
    ],
)
def test_what_is_left_without_blanks_and_repetition_is_judged(password, found):
    assert fault(password) is found
