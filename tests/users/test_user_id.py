import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import InvalidInputError
from dcss_core.users.user_id import UserId, key_of

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{2,63}", fullmatch=True)


@given(IDS)
def test_every_id_of_the_shape_is_accepted_and_keeps_its_spelling(text):
    assert UserId(text).value == text


@given(IDS)
def test_s17_ids_that_differ_only_in_case_are_the_same(text):
    assert UserId(text.upper()) == UserId(text.lower())
    assert hash(UserId(text.upper())) == hash(UserId(text.lower()))
    assert UserId(text.upper()).key == UserId(text.lower()).key


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("\u0430dmin", "U+0430"),  # Cyrillic a
        ("ａｄｍｉｎ", "U+FF41"),  # full width
        ("admin\u200b", "U+200B"),  # zero-width space
        ("adm\u0131n", "U+0131"),  # dotless i
        ("\u212aaren", "U+212A"),  # Kelvin sign, whose lower case is k
        ("admin\n", "U+000A"),
        ("admin\x1b[2J", "U+001B"),
    ],
)
def test_look_alikes_of_an_id_are_refused_and_the_character_is_named(text, named):
    with pytest.raises(InvalidInputError) as refused:
        UserId(text)
    assert named in str(refused.value)
    assert "\n" not in refused.value.faults[0].found
    assert text not in str(refused.value)


@pytest.mark.parametrize("text", ["", "ab", "a" * 65, ".abc", "-abc", "@abc"])
def test_too_short_too_long_or_badly_begun_ids_are_refused(text):
    with pytest.raises(InvalidInputError):
        UserId(text)


def test_all_faults_of_an_id_are_told_at_once():
    with pytest.raises(InvalidInputError) as refused:
        UserId(".é")
    assert len(refused.value.faults) == 3


def test_the_shortest_and_the_longest_id_are_accepted():
    assert UserId("abc").value == "abc"
    assert UserId("a" * 64).value == "a" * 64


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ab", ["2 characters"]),
        ("a" * 65, ["65 characters"]),
        ("X" + "!" * 63, ["the characters U+0021"]),  # 64 characters, and an X may come first
        ("abc,;:!?+", ["the characters U+0021, U+002B, U+002C, U+003A, U+003B"]),  # the first five of six
        ("mary hill", ["a blank"]),
        ("mary hill!", ["a blank and the characters U+0021"]),
        (".abc", ["'.' at the start"]),
        (None, ["0 characters"]),
        (("abc",), ["0 characters"]),
    ],
)
def test_what_is_wrong_with_an_id_is_named_and_nothing_else(text, found):
    with pytest.raises(InvalidInputError) as refused:
        UserId(text)
    assert [(fault.where, fault.found) for fault in refused.value.faults] == [
        ("user_id", each) for each in found
    ]


@pytest.mark.parametrize(("typed", "key"), [("JDoe", "jdoe"), ("ab", ""), ("", ""), (".abc", "")])
def test_the_key_of_what_can_be_no_id_is_nobodys(typed, key):
    assert key_of(typed) == key
