"""Whatever the text is and whosever the number, the gateway reads just what was given."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from dcss_core.plugins import Delivered

UNICODE = st.characters(exclude_categories=["Cs"])
LIKE_MARKUP = st.sampled_from(
    ["{to}", "{token}", '"', "\\", "&", "=", "+", "%", "\r\n", "\0", "'", "}", "{", "a"]
)
TEXTS = st.text(UNICODE, min_size=1) | st.lists(LIKE_MARKUP, min_size=1).map("".join)
NUMBERS = st.builds("+1{}5550{}".format, st.integers(200, 999), st.integers(100, 199))
HOSTILE = '", "recipients": [{"number": "+14045550199"}], "x": "\u2028&To=+14045550199\0'
at_one_gateway = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def by_json(open_channel, json_text):
    return open_channel(json_text.replace("from =", "most_parts = 255\nfrom =", 1))


@pytest.fixture
def by_form(open_channel, form_text):
    without_rules = form_text.partition("[answer]")[0]
    return open_channel(without_rules.replace("from =", "most_parts = 255\nfrom =", 1))


@at_one_gateway
@given(text=TEXTS, number=NUMBERS, message_id=st.text())
@example(text=HOSTILE, number="+14045550123", message_id='"\r\nX: \ud800')
def test_json_arrives_as_it_was_given(by_json, far_side, message, text, number, message_id):
    delivery = by_json.deliver(message(text, address=number, message_id=message_id))
    assert isinstance(delivery, Delivered)
    received = far_side.received.pop()
    sent = received.json
    assert sent.pop("reference") == received.headers["Idempotency-Key"]
    assert sent == {
        "from": "+14045550100",
        "content": {"text": text, "kind": "text"},
        "recipients": [{"number": number}],
        "validity": 3600,
        "flash": False,
    }


@at_one_gateway
@given(text=TEXTS, number=NUMBERS, message_id=st.text())
@example(text=HOSTILE, number="+14045550123", message_id='"\r\nX: \ud800')
def test_a_form_arrives_as_it_was_given(by_form, far_side, message, text, number, message_id):
    delivery = by_form.deliver(message(text, address=number, message_id=message_id))
    assert isinstance(delivery, Delivered)
    sent = parse_qsl(far_side.received.pop().body.decode(), keep_blank_values=True, strict_parsing=True)
    assert sent[:3] == [("From", "AGENCY"), ("To", number), ("Body", text)]
    assert [name for name, _ in sent[3:]] == ["Ref"]
