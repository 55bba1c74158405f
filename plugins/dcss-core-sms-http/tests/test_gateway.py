"""Which URLs and files a channel takes, and that no error shows a path or a secret."""

from importlib.metadata import entry_points

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core.plugins import NotificationChannel
from dcss_core_sms_http import dcss_notification_channels, open_sms_channel
from dcss_core_sms_http.sending.gateway import Gateway


# --- the URL --------------------------------------------------------------------------------------------
def test_every_part_of_a_url_is_read(config):
    gateway = Gateway.from_url(
        f"sms+https://Gateway.example.gov:8443/a%20b/c?config={config()}&timeout_seconds=30&ca_file=/etc/ca"
    )
    assert (gateway.host, gateway.port, gateway.path) == ("gateway.example.gov", 8443, "/a%20b/c")
    assert (gateway.is_encrypted, gateway.timeout_seconds, gateway.ca_file) == (True, 30, "/etc/ca")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_without_tls_this_machine_may_be_reached(host, config):
    gateway = Gateway.from_url(f"sms+http://{host}:8080?config={config()}")
    assert (gateway.host, gateway.port, gateway.path) == (host.strip("[]"), 8080, "/")
    assert (gateway.is_encrypted, gateway.timeout_seconds, gateway.ca_file) == (False, 10, None)


@pytest.mark.parametrize(
    "host", ["gateway.example.gov", "10.0.0.1", "[::2]", "127.0.0.1.example.gov", "0.0.0.0"]
)
def test_without_tls_no_other_machine_may_be_reached(host, config):
    with pytest.raises(ConfigurationError, match=r"another machine without TLS, expected sms\+https://"):
        open_sms_channel(f"sms+http://{host}/?config={config()}")


@pytest.mark.parametrize(
    ("url", "faults"),
    [
        ("https://h/t0ken?config={file}", ["the URL"]),
        ("sms:h/t0ken?config={file}", ["the URL"]),
        ("sms+https://h:t0ken/?config={file}", ["the URL"]),
        ("sms+https://u:t0ken@h/?config={file}", ["the URL"]),
        ("sms+https://h/t0ken?config={file}#t0ken", ["the URL"]),
        ("sms+https:///t0ken?config={file}", ["host"]),
        ("sms+https://0177.0.0.1/t0ken?config={file}", ["host"]),
        ("sms+https://h:0/t0ken?config={file}", ["port"]),
        ("sms+https://h/t0ken and more?config={file}", ["path"]),
        ("sms+https://h/t0ken?config={file}&key=t0ken", ["options"]),
        ("sms+https://h/t0ken?config={file}&config={file}", ["options"]),
        ("sms+https://h/t0ken?config={file}&timeout_seconds=301", ["timeout_seconds"]),
        ("sms+http://localhost/t0ken?config={file}&ca_file=/etc/ca", ["ca_file"]),
        ("sms+https://h/t0ken", ["config"]),
        ("sms+https://h/t0ken?config=/nowhere/t0ken", ["config"]),
        ("sms+https://h/t0ken?config=a%00t0ken", ["config"]),
        (
            "sms+http://u:t0ken@h:0/t0ken ?t0ken=1&timeout_seconds=0#t0ken",
            ["host", "port", "the URL", "path", "the URL", "options", "timeout_seconds", "config"],
        ),
    ],
)
def test_a_url_that_can_not_work_is_refused_with_every_fault_and_not_repeated(url, faults, config):
    with pytest.raises(ConfigurationError) as caught:
        open_sms_channel(url.replace("{file}", str(config())))
    assert [fault.where for fault in caught.value.faults] == faults
    assert "t0ken" not in f"{caught.value} {caught.value!r} {caught.value.faults}"


# --- the file -------------------------------------------------------------------------------------------
def faults_of(path):
    with pytest.raises(ConfigurationError) as caught:
        open_sms_channel(f"sms+https://h/?config={path}")
    assert "t0ken" not in f"{caught.value} {caught.value!r} {caught.value.faults}"
    return [f"{fault.where}: {fault.found}" for fault in caught.value.faults]


NO_FILE = "config: no file that can be read"
NO_TOML = "config: no TOML that can be read"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"t0ken", "config: broken TOML at end of document"),
        (b"a = 1\nb = t0ken", "config: broken TOML at line 2, column 5"),
        (b"t0ken = 1\nt0ken = 2\n", "config: broken TOML at line 2, column 10"),
        (b"a = '\xff'", NO_TOML),
        (b"a = " + b"9" * 5_000, NO_TOML),
        (b"a = " + b"[" * 20_000, NO_TOML),
        (b"a" + b".a" * 30 + b" = 1", "config: tables within tables"),
        (b"a = " + b"[" * 21 + b"]" * 21, "config: tables within tables"),
        (b"#" * 65_537, NO_FILE),
    ],
    ids=[
        *("no TOML", "no value", "a key twice", "no UTF-8", "a long number", "nested lists", "nested tables"),
        *("lists", "too large"),
    ],
)
def test_what_is_no_toml_is_refused_without_a_word_of_it(tmp_path, content, fault):
    path = tmp_path / "sms.toml"
    path.write_bytes(content)
    assert faults_of(path) == [fault]


def test_a_folder_is_no_file(tmp_path):
    assert faults_of(tmp_path) == [NO_FILE]


def test_an_empty_file_lacks_the_request(config):
    assert faults_of(config("")) == ["request: nothing"]


CHANGES: list[tuple[str, str, list[str]]] = [
    ("[text]", "[txt]", ["txt: an unknown key", "request.body.from: a place that is unknown here"]),
    ('from = "+14045550100"', 'from = "+14045550100"\nmost_part = 4', ["text.most_part: an unknown key"]),
    (
        'from = "+14045550100"',
        "from = 14045550100",
        ["text.from: something else", "request.body.from: a place that is unknown here"],
    ),
    ('from = "+14045550100"', 'from = "Agéncy"', ["text.from: a sign that is not printable ASCII"]),
    ("[text]", "[text]\nmost_parts = 0", ["text.most_parts: something else"]),
    ("[text]", "[text]\nmost_parts = 256", ["text.most_parts: something else"]),
    ("[text]", "[text]\nmost_parts = true", ["text.most_parts: something else"]),
    ("[text]", '[text]\nmost_parts = "4"', ["text.most_parts: something else"]),
    ('content_type = "application/json"', "", ["request.content_type: nothing"]),
    (
        'content_type = "application/json"',
        'content_type = "text/t0ken"',
        ["request.content_type: something else"],
    ),
    ("[request]", '[request]\nmethod = "GET"', ["request.method: something else"]),
    ("[request]", '[request]\nurl = "t0ken"', ["request.url: an unknown key"]),
    ('"Bearer {token}"', '"Bearer {tokn}"', ["request.headers.Authorization: a place that is unknown here"]),
    ('"Bearer {token}"', '"Bearer {token"', ["request.headers.Authorization: a brace without its fellow"]),
    ('"Bearer {token}"', '"Bearer {text}"', ["request.headers.Authorization: a place that is unknown here"]),
    ('"Bearer {token}"', '"Bearer\\n{token}"', ["request.headers.Authorization: what no header can hold"]),
    ('"Bearer {token}"', '"Beärer {token}"', ["request.headers.Authorization: what no header can hold"]),
    ('"Bearer {token}"', "7", ["request.headers.Authorization: something else"]),
    ('"Bearer {token}"', '""', ["request.headers.Authorization: something else"]),
    ("Idempotency-Key =", '"Idempotency Key" =', ["request.headers.Idempotency Key: no name of a header"]),
    (
        "Idempotency-Key =",
        "content-Length =",
        ["request.headers.content-Length: a header that is sent anyway"],
    ),
    ("Idempotency-Key =", "authorization =", ["request.headers: a header twice"]),
    (
        'token = "SMS_TEST_TOKEN"',
        'token = "SMS_TEST_UNSET"',
        ["secrets.token: the variable SMS_TEST_UNSET, which is not set, or empty"],
    ),
    (
        'token = "SMS_TEST_TOKEN"',
        'token = "SMS_TEST_BROKEN"',
        ["secrets.token: a line break or another sign than ASCII in the variable SMS_TEST_BROKEN"],
    ),
    ('token = "SMS_TEST_TOKEN"', 'token = "t0ken of a gateway"', ["secrets.token: no name of a variable"]),
    ('token = "SMS_TEST_TOKEN"', "token = 7", ["secrets.token: something else"]),
    (
        'token = "SMS_TEST_TOKEN"',
        'token = "SMS_TEST_TOKEN"\ntext = "SMS_TEST_TOKEN"',
        ["secrets.text: a name no place of a secret can have"],
    ),
    (
        'token = "SMS_TEST_TOKEN"',
        'token = "SMS_TEST_TOKEN"\n"A b" = "SMS_TEST_TOKEN"',
        ["secrets.A b: a name no place of a secret can have"],
    ),
    (
        'text = "{text}"',
        'text = "{body}"',
        ["request.body.content.text: a place that is unknown here", "request.body: no place {text}"],
    ),
    (
        'number = "{to}"',
        'number = "}"',
        ["request.body.recipients.0.number: a brace without its fellow", "request.body: no place {to}"],
    ),
    ("validity = 3600", "validity = 2026-01-31", ["request.body.validity: a value JSON does not have"]),
    ("validity = 3600", "validity = nan", ["request.body.validity: a value JSON does not have"]),
    ("validity = 3600", "validity = [1.5, inf]", ["request.body.validity.1: a value JSON does not have"]),
    ('present = ["id"]', 'present = "id"', ["answer.present: something else"]),
    ('present = ["id"]', "present = [1]", ["answer.present: something else"]),
    ('present = ["id"]', "accepted = [true]", ["answer.accepted: something else"]),
    ('present = ["id"]', "accepted = [199]", ["answer.accepted: a number that is no status of an answer"]),
    ('present = ["id"]', "final = [600]", ["answer.final: a number that is no status of an answer"]),
    ('present = ["id"]', "accepted = [200, 400]", ["answer.final: a status that is accepted too"]),
    ('present = ["id"]', "final = [202]", ["answer.final: a status that is accepted too"]),
    ('present = ["id"]', 'values = {id = "queued"}', ["answer.values.id: something else"]),
    ('present = ["id"]', "succeeded = true", ["answer.succeeded: an unknown key"]),
    ('code = "error.code"\n', "", ["answer.code: 'code' without 'final_codes', or these without it"]),
    ('present = ["id"]', "accepted = []", ["answer.accepted: something else"]),
    ('present = ["id"]', "values = {id = []}", ["answer.values.id: something else"]),
    ('present = ["id"]', "values.message.id = [1]", ["answer.values.message: something else"]),
]


@pytest.mark.parametrize(
    ("part", "instead", "faults"), CHANGES, ids=[instead or "nothing" for _, instead, _ in CHANGES]
)
def test_a_fault_of_the_file_is_told(config, json_text, monkeypatch, part, instead, faults):
    monkeypatch.setenv("SMS_TEST_BROKEN", "t0ken\n")
    monkeypatch.delenv("SMS_TEST_UNSET", raising=False)
    assert part in json_text
    assert faults_of(config(json_text.replace(part, instead, 1))) == faults


@pytest.mark.parametrize("value", ["7", "true", '["{text}"]', '{text = "{text}"}', "2026-01-31"])
def test_a_form_has_texts_alone(config, form_text, value):
    assert faults_of(config(form_text.replace("[request.body]", f"[request.body]\nMore = {value}"))) == [
        "request.body.More: something else"
    ]


@pytest.mark.parametrize(
    ("basic", "faults"),
    [
        ('"t0ken"', ["basic: no table", "basic.user: nothing", "basic.password: nothing"]),
        ('{user = "{text}", password = "{password}"}', ["basic.user: a place that is unknown here"]),
        (
            '{user = "a:b", password = "ä", realm = "t0ken"}',
            [
                "basic.realm: an unknown key",
                "basic.password: a sign that is not printable ASCII",
                "basic.user: a colon",
            ],
        ),
    ],
)
def test_a_fault_of_user_and_password_is_told(config, form_text, basic, faults):
    text = form_text.replace('{user = "{user}", password = "{password}"}', basic)
    assert text != form_text
    assert faults_of(config(text)) == [f"request.{fault}" for fault in faults]


def test_a_gateway_is_signed_in_to_in_one_way(config, json_text):
    text = json_text.replace("[request]", '[request]\nbasic = {user = "agency", password = "{token}"}')
    assert faults_of(config(text)) == ["request.basic: another header Authorization"]


def test_what_ought_to_be_a_table_is_told(config, json_text):
    text = "text = 1\n" + json_text.replace("[text]", "[txt]")
    assert faults_of(config(text)) == [
        "txt: an unknown key",
        "text: no table",
        "request.body.from: a place that is unknown here",
    ]


def test_every_fault_of_url_and_file_is_told_at_once(config, json_text, monkeypatch):
    monkeypatch.delenv("SMS_TEST_TOKEN")
    text = (
        json_text.replace("{text}", "{txt}")
        .replace("[text]", "[text]\nmost_parts = 0")
        .replace("absent", "abset")
    )
    with pytest.raises(ConfigurationError) as caught:
        open_sms_channel(f"sms+https://h:0/?config={config(text)}&timeout=3")
    assert [fault.where for fault in caught.value.faults] == [
        *("port", "options", "text.most_parts", "secrets.token"),
        *("request.body.content.text", "request.body", "answer.abset"),
    ]


def test_the_refusal_names_the_key_that_was_meant(config, json_text):
    path = config(json_text.replace("absent =", "abset ="))
    with pytest.raises(ConfigurationError, match="perhaps 'absent'"):
        open_sms_channel(f"sms+https://h/?config={path}")


def test_json_may_hold_any_value_of_json(open_channel, json_text, far_side, message):
    text = json_text.replace("validity = 3600", 'validity = [1.5, -2, true, {"a.b" = "{text}"}, []]')
    open_channel(text).deliver(message("hello"))
    assert far_side.received[0].json["validity"] == [1.5, -2, True, {"a.b": "hello"}, []]


def test_the_plugin_declares_its_channels_under_its_entry_points(config):
    declared = dcss_notification_channels()
    assert {each.key for each in declared} == {"sms+https", "sms+http"}
    for each in declared:
        (entry_point,) = entry_points(group="dcss_core.v1", name=each.key)
        assert entry_point.load().dcss_notification_channels() == declared
        assert isinstance(each, NotificationChannel)
        assert each.summary
        each.factory(f"{each.key}://localhost/?config={config()}").close()
