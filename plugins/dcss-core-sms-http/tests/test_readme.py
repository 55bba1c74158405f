"""What the README shows works: its two templates, its callbacks and the code around them."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from dcss_core.plugins import Delivered
from dcss_core_sms_http import SmsCallbacks, Wish, reference_of, wish_in
from dcss_core_sms_http.parts import parts_of

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
FOR_JSON, FOR_A_FORM, FOR_CALLBACKS = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
VARIABLES = ("DCSS_SMS_TOKEN", "DCSS_SMS_USER", "DCSS_SMS_PASSWORD", "DCSS_SMS_CALLBACK_KEY")


@pytest.fixture(autouse=True)
def set_variables(monkeypatch):
    for name in VARIABLES:
        monkeypatch.setenv(name, f"the value of {name}")


def test_the_template_for_json_delivers(open_channel, far_side, message):
    far_side.will_answer({"messages": [{"id": "gw-1"}]}, 202)
    assert open_channel(FOR_JSON).deliver(message("hello")) == Delivered("gw-1")
    (received,) = far_side.received
    assert received.headers["Authorization"] == "Bearer the value of DCSS_SMS_TOKEN"
    assert received.json == {
        "from": "+14045550100",
        "to": ["+14045550123"],
        "message": {"type": "text", "body": "hello"},
        "reference": reference_of(message().message_id),
    }


def test_the_template_for_a_form_delivers(open_channel, far_side, message):
    far_side.will_answer({"status": "queued", "id": "gw-1"}, 201)
    assert open_channel(FOR_A_FORM).deliver(message("hello")) == Delivered("gw-1")
    sent = parse_qs(far_side.received[0].body.decode())
    assert (sent["To"], sent["Body"]) == (["+14045550123"], ["hello"])


def test_the_code_around_callbacks_takes_each_once_and_no_others(config):
    code = {}
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(block, code)  # noqa: S102 - the page's own code is what is tried
    callbacks = SmsCallbacks.from_config(str(config(FOR_CALLBACKS)))
    now = datetime(2026, 1, 7, 15, 4, 5, tzinfo=UTC)
    sent_at = str(int(now.timestamp()))
    said = {"from": "+14045550123", "text": "STOP", "id": "7"}
    body = json.dumps({"type": "incoming", "data": said}).encode()
    key = b"the value of DCSS_SMS_CALLBACK_KEY"
    digest = hmac.new(key, f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Signature": f"sha256={digest}", "X-Timestamp": sent_at}
    taken = {}
    for _attempt in range(2):
        assert code["answer"](callbacks, headers, body, "", now, taken) == 204
    assert [each.wants for each in taken.values()] == [Wish.STOP]
    assert code["answer"](callbacks, {}, body, "", now, taken) == 400


def test_the_words_in_the_table_are_all_that_ask_for_something():
    from dcss_core_sms_http.callbacks.keywords import _WISHES

    rows = re.findall(r"^\| (STOP|START|HELP) \| ([a-z, ]+) \|", README, flags=re.MULTILINE)
    told = {word: Wish[wish] for wish, words in rows for word in words.split(", ")}
    assert {word: wish_in(word) for word in told} == told
    assert len(told) == len(_WISHES)


@pytest.mark.parametrize(("row", "places"), [(0, 1), (1, 1), (2, 2)])
def test_the_letters_in_the_table_take_the_places_it_says(row, places):
    table = README.partition("| letters | take |")[2].partition("\n\n")[0].splitlines()[2:]
    letters = set("".join(re.findall(r"`([^`]+)`", table[row]))) - {" "}
    assert len(letters) > 8
    for letter in letters:
        assert (parts_of(letter * (160 // places)), parts_of(letter * (160 // places) + "a")) == (1, 2)


def test_the_other_letters_in_the_table_need_ucs_2():
    table = README.partition("| letters | take |")[2].partition("\n\n")[0].splitlines()[2:]
    letters = set("".join(re.findall(r"`([^`]+)`", table[3]))) - {" "}
    assert len(letters) == 13
    assert all((parts_of(letter * 70), parts_of(letter * 71)) == (1, 2) for letter in letters)
