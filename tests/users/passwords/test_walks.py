"""Walks at their bounds; which passwords are walks stands in test_blocklist.py."""

import pytest

from dcss_core.users.passwords.guessable.walks import is_walk


@pytest.mark.parametrize(
    ("text", "stretches", "walks"),
    [
        ("abcd", 1, True),  # 4 characters: one stretch
        ("abcx", 2, False),
        ("m1111111", 2, True),  # 8 characters: two stretches
        ("ac1111122222", 4, False),  # 12 characters: three at most, and these are a, c, 11111, 22222
        ("abc1111122222", 3, True),
        ("1111m" * 4, 8, False),  # 20 characters: five at most
    ],
)
def test_a_text_is_a_walk_with_a_stretch_for_every_four_characters_and_no_more(text, stretches, walks):
    assert (stretches <= max(1, len(text) // 4)) is walks  # the definition
    assert is_walk(text) is walks
