"""Which files say how callbacks are read, and that every fault of one is told."""

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core_sms_http import SmsCallbacks

SIGNED_WRONG = "callback.signature.signed: another text"
HALF_A_TIMESTAMP = (
    "callback.signature.timestamp_header: it without '{timestamp}' in 'signed', or that without it"
)
FILE_FAULTS = [
    ('kind = "type"', "", ["callback.kind: nothing"]),
    ('kind = "type"', "kind = 7", ["callback.kind: something else"]),
    ('kind = "type"', 'kind = "type"\nkey = "k3y"', ["callback.key: an unknown key"]),
    (
        'content_type = "application/json"',
        'content_type = "text/xml"',
        ["callback.content_type: something else"],
    ),
    (
        "[callback.signature]",
        "[callback.signed]",
        ["callback.signature: nothing", "callback.signed: an unknown key"],
    ),
    ('key = "SMS_TEST_KEY"', "", ["callback.signature.key: nothing"]),
    ('key = "SMS_TEST_KEY"', 'key = "k3y of a gateway"', ["callback.signature.key: no name of a variable"]),
    ('key = "SMS_TEST_KEY"', 'key = "SMS_TEST_SHORT"', ["callback.signature.key: a key that can be guessed"]),
    ('header = "X-Signature"', "", ["callback.signature.header: nothing"]),
    ('encoding = "hex"', 'encoding = "hexadecimal"', ["callback.signature.encoding: something else"]),
    ('signed = "{timestamp}.{body}"', "", ["callback.signature.signed: nothing"]),
    ("{timestamp}.{body}", "{timestamp}", [SIGNED_WRONG]),
    ("{timestamp}.{body}", "{body}.{timestamp}", [SIGNED_WRONG]),
    ("{timestamp}.{body}", "{timestamp}{body}{body}", [SIGNED_WRONG]),
    ("{timestamp}.{body}", "{timestamp}.{secret}.{body}", [SIGNED_WRONG]),
    ("{timestamp}.{body}", "{body}", [HALF_A_TIMESTAMP]),
    ('timestamp_header = "X-Timestamp"', "", [HALF_A_TIMESTAMP]),
    (
        'prefix = "sha256="',
        "tolerance_seconds = 86401",
        ["callback.signature.tolerance_seconds: something else"],
    ),
    ('prefix = "sha256="', 'algorithm = "md5"', ["callback.signature.algorithm: an unknown key"]),
    ('status = "data.status"', "", ["callback.report.status: nothing"]),
    ('delivered = ["delivered"]', "", ["callback.report.delivered: nothing"]),
    ('delivered = ["delivered"]', 'delivered = "yes"', ["callback.report.delivered: something else"]),
    (
        'delivered = ["delivered"]',
        'delivered = ["7"]',
        ["callback.report.failed: a word that means delivered, too"],
    ),
    ('at = "data.time"', 'when = "data.time"', ["callback.report.when: an unknown key"]),
    ('kind = ["report"]', "", ["callback.report.kind: nothing"]),
    ('kind = ["report"]', "kind = []", ["callback.report.kind: something else"]),
    ('delivered = ["delivered"]', "delivered = []", ["callback.report.delivered: something else"]),
    ('kind = ["report"]', 'kind = ["text"]', ["callback.kind: a value that is in both lists of kinds"]),
    ('sender = "data.from"', "", ["callback.text.sender: nothing"]),
    ('text = "data.text"', 'text = ""', ["callback.text.text: something else"]),
]


def faults_of(path):
    with pytest.raises(ConfigurationError, match="callbacks can't be read by this file") as caught:
        SmsCallbacks.from_config(str(path))
    assert "k3y" not in f"{caught.value} {caught.value!r} {caught.value.faults}"
    return [f"{fault.where}: {fault.found}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("part", "instead", "faults"),
    FILE_FAULTS,
    ids=[instead or f"no {part}" for part, instead, _ in FILE_FAULTS],
)
def test_a_fault_of_the_file_is_told(config, json_callbacks_text, monkeypatch, part, instead, faults):
    monkeypatch.setenv("SMS_TEST_SHORT", "k3y")
    assert part in json_callbacks_text
    assert faults_of(config(json_callbacks_text.replace(part, instead, 1))) == faults


def test_a_tolerance_without_a_timestamp_is_told(config, form_callbacks_text):
    text = form_callbacks_text.replace("[callback.text]", "tolerance_seconds = 60\n[callback.text]")
    assert faults_of(config(text)) == ["callback.signature.tolerance_seconds: no timestamp that it is about"]


def test_a_report_has_to_say_which_text_it_is_about(config, json_callbacks_text):
    text = json_callbacks_text.replace('reference = "data.reference"\ngateway_id = "data.id"\n', "")
    assert faults_of(config(text)) == ["callback.report: neither 'reference' nor 'gateway_id'"]


def test_a_file_without_reports_and_texts_is_none(config, form_callbacks_text):
    text = form_callbacks_text.partition("[callback.text]")[0]
    assert faults_of(config(text)) == ["callback: neither 'report' nor 'text'"]


def test_a_file_without_callbacks_is_none(config, json_text):
    assert faults_of(config(json_text)) == ["callback: nothing"]


def test_a_file_that_is_not_there_is_none(tmp_path):
    assert faults_of(tmp_path / "k3y.toml") == ["config: no file that can be read"]


def test_every_fault_is_told_at_once(config, json_callbacks_text):
    text = (
        json_callbacks_text.replace("data.status", "").replace("{body}", "").replace("SMS_TEST_KEY", "SMS_NO")
    )
    assert faults_of(config(text)) == [
        "callback.signature.key: the variable SMS_NO, which is not set, or empty",
        SIGNED_WRONG,
        "callback.report.status: something else",
    ]


def test_one_file_serves_sending_and_callbacks_and_neither_needs_the_others_secrets(
    open_channel, config, json_text, json_callbacks_text, monkeypatch
):
    text = json_text + json_callbacks_text
    monkeypatch.delenv("SMS_TEST_KEY")
    open_channel(text)
    monkeypatch.setenv("SMS_TEST_KEY", "k3y-of-the-callbacks")
    monkeypatch.delenv("SMS_TEST_TOKEN")
    assert SmsCallbacks.from_config(str(config(text))).kind == "type"


def test_a_file_of_one_sort_may_still_tell_its_kind(config, json_callbacks_text):
    text = json_callbacks_text.partition("[callback.report]")
    only_texts = text[0] + "[callback.text]" + json_callbacks_text.partition("[callback.text]")[2]
    callbacks = SmsCallbacks.from_config(str(config(only_texts)))
    assert callbacks.report is None
    assert callbacks.text.kinds == ("text", "mms")
