"""Which texts are a keyword, and what each asks for."""

import pytest
from hypothesis import given, strategies as st

from dcss_core_sms_http import Wish, wish_in

STOP = [
    *("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"),  # 47 CFR 64.1200(a)(10)
    *("stopall", "parar", "alto"),
]
KEYWORDS = {
    **dict.fromkeys(STOP, Wish.STOP),
    **dict.fromkeys(["start", "unstop", "yes"], Wish.START),
    **dict.fromkeys(["help", "info"], Wish.HELP),
}
SIGNS = st.text(alphabet=" \t\r\n.,;:!?¡¿'\"“”-–_*()…👍\u200b\ufe0f", max_size=5)


@pytest.mark.parametrize(("keyword", "wish"), KEYWORDS.items())
def test_a_keyword_asks_for_something(keyword, wish):
    assert wish_in(keyword) is wish


@given(keyword=st.sampled_from(sorted(KEYWORDS)), before=SIGNS, behind=SIGNS, data=st.data())
def test_case_blanks_and_signs_do_not_count(keyword, before, behind, data):
    in_any_case = "".join(data.draw(st.sampled_from([each, each.upper()])) for each in keyword)
    assert wish_in(before + in_any_case + behind) is KEYWORDS[keyword]


@pytest.mark.parametrize(
    "text", ["OPT-OUT", "optout", "Stop all", "S T O P", "¡ALTO!", "ｓｔｏｐ", "Stop.\n\n"]
)
def test_blanks_and_signs_within_do_not_count_either(text):
    assert wish_in(text) is Wish.STOP


@pytest.mark.parametrize(
    "text",
    [
        *("please stop", "stop it", "don't stop", "STOP sending me texts", "stop stop", "stop 1", "1stop"),
        *("no", "sí", "baja", "", " ", "👍", "endless", "yes please", "help me", "информация", "st\u00f6p"),
    ],
)
def test_a_sentence_or_another_word_is_no_keyword(text):
    assert wish_in(text) is None
