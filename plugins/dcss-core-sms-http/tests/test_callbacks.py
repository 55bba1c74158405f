"""What a portal reads of a signed callback, and that it reads nothing of any other."""

import base64
import hashlib
import hmac
import json
import pickle
import traceback
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core.errors import Fault, InvalidInputError, http_status
from dcss_core_sms_http import (
    CallbackRefusedError,
    DeliveryReport,
    DeliveryStatus,
    IncomingText,
    SmsCallbacks,
    Wish,
    reference_of,
)

KEY = "k3y-of-the-callbacks"
NOW = datetime(2026, 1, 7, 15, 4, 5, tzinfo=UTC)
SECONDS = 1_767_798_245  # date -u -d 2026-01-07T15:04:05 +%s
URL = "https://portal.example.gov/texts"
REPORT = {
    "type": "report",
    "data": {
        "id": "gw-7",
        "reference": reference_of("account/7/code"),
        "status": "delivered",
        "time": "2026-01-07T10:04:00-05:00",
    },
}
TEXT = {"type": "text", "data": {"id": 4711, "from": "14045550123", "text": " Stop! "}}
REFUSED = "this callback is not taken"


@pytest.fixture
def callbacks(config, json_callbacks_text):
    return SmsCallbacks.from_config(str(config(json_callbacks_text)))


@pytest.fixture
def form_callbacks(config, form_callbacks_text):
    return SmsCallbacks.from_config(str(config(form_callbacks_text)))


def written(value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def signed(value, *, at=SECONDS, key=KEY):
    """Headers and body of a callback, by the JSON file."""
    body = written(value)
    digest = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Signature": f"sha256={digest}", "X-Timestamp": str(at)}, body


def signed_form(fields, *, url=URL):
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    digest = hmac.new(KEY.encode(), url.encode() + body, hashlib.sha256).digest()
    return {"Signature": base64.b64encode(digest).decode()}, body


# --- what is read ---------------------------------------------------------------------------------------
def test_a_report_says_which_text_it_is_about_and_what_became_of_it(callbacks):
    report = callbacks.read(*signed(REPORT), URL, NOW)
    assert report == DeliveryReport(
        reference=reference_of("account/7/code"),
        gateway_id="gw-7",
        status=DeliveryStatus.DELIVERED,
        said="delivered",
        at=datetime(2026, 1, 7, 15, 4, tzinfo=UTC),
    )


def changed(callback, **data):
    return {**callback, "data": {**callback["data"], **data}}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("delivered", DeliveryStatus.DELIVERED),
        ("undelivered", DeliveryStatus.FAILED),
        (7, DeliveryStatus.FAILED),
        ("queued", DeliveryStatus.ON_THE_WAY),
        ("Delivered", DeliveryStatus.ON_THE_WAY),
    ],
)
def test_what_a_status_means_is_the_files(callbacks, said, status):
    report = callbacks.read(*signed(changed(REPORT, status=said)), URL, NOW)
    assert (report.status, report.said) == (status, str(said))


@pytest.mark.parametrize("time", [SECONDS, str(SECONDS), "2026-01-07T15:04:05Z", "2026-01-07T16:04:05+01:00"])
def test_an_instant_is_iso_8601_or_seconds_since_1970(callbacks, time):
    assert callbacks.read(*signed(changed(REPORT, time=time)), URL, NOW).at == NOW


def test_without_an_instant_in_the_file_it_is_when_it_was_read(config, json_callbacks_text):
    text = json_callbacks_text.replace('at = "data.time"', "").replace('reference = "data.reference"', "")
    report = SmsCallbacks.from_config(str(config(text))).read(*signed(REPORT), URL, NOW)
    assert (report.at, report.reference, report.gateway_id) == (NOW, None, "gw-7")


def test_a_file_may_know_a_text_by_its_reference_alone(config, json_callbacks_text):
    text = json_callbacks_text.replace('gateway_id = "data.id"', "", 1)
    report = SmsCallbacks.from_config(str(config(text))).read(*signed(REPORT), URL, NOW)
    assert (report.reference, report.gateway_id) == (reference_of("account/7/code"), None)


def test_an_incoming_text_says_whose_it_is_and_what_it_wants(callbacks):
    text = callbacks.read(*signed(TEXT), URL, NOW)
    assert isinstance(text, IncomingText)
    assert (text.sender.reveal(), text.text.reveal()) == ("+14045550123", " Stop! ")
    assert (text.wants, text.gateway_id) == (Wish.STOP, "4711")


@pytest.mark.parametrize(
    ("sender", "known_as"),
    [
        ("+14045550123", "+14045550123"),
        ("4045550123", "+14045550123"),
        (14045550123, "+14045550123"),
        ("+4045550123", "+4045550123"),  # of another country
        ("24680", "24680"),
        ("+442079460000", "+442079460000"),
        ("AGENCY", "AGENCY"),
    ],
)
def test_a_number_of_ten_digits_is_known_as_the_agency_writes_it(callbacks, sender, known_as):
    callback = changed(TEXT, **{"from": sender})
    assert callbacks.read(*signed(callback), URL, NOW).sender.reveal() == known_as


@pytest.mark.parametrize("text", ["please stop", "", "Where is my payment?"])
def test_a_text_that_is_no_keyword_wants_nothing_known(callbacks, text):
    read = callbacks.read(*signed(changed(TEXT, text=text)), URL, NOW)
    assert (read.wants, read.text.reveal()) == (None, text)


def test_half_a_character_is_marked_and_the_rest_of_the_text_is_read(callbacks):
    text = callbacks.read(*signed(changed(TEXT, text="\ud83d stop \U0001f600")), URL, NOW)
    assert (text.text.reveal(), text.wants) == ("\ufffd stop \U0001f600", Wish.STOP)


def test_another_kind_of_the_same_list_is_read_too(callbacks):
    assert isinstance(callbacks.read(*signed({**TEXT, "type": "mms"}), URL, NOW), IncomingText)


def test_a_form_is_read_by_the_names_of_its_fields(form_callbacks):
    fields = {"From": "+14045550123", "Body": "¿Ayuda? a&b=c+d", "Sms.Id": "7", "Other": ""}
    text = form_callbacks.read(*signed_form(fields), URL, NOW)
    assert (text.sender.reveal(), text.text.reveal()) == ("+14045550123", "¿Ayuda? a&b=c+d")
    assert text.gateway_id == "7"


def test_headers_may_be_pairs_and_their_names_of_any_case(callbacks):
    headers, body = signed(TEXT)
    pairs = [(name.upper(), value) for name, value in headers.items()]
    assert callbacks.read(iter(pairs), body, URL, NOW).wants is Wish.STOP


# --- whose it is ----------------------------------------------------------------------------------------
def refusal_of(callbacks, headers, body, url=URL, now=NOW):
    with pytest.raises(CallbackRefusedError) as caught:
        callbacks.read(headers, body, url, now)
    return caught.value


HEADERS, BODY = signed(REPORT)
GENUINE = HEADERS["X-Signature"]
UNSIGNED = {
    "no header": {},
    "no signature": {"X-Timestamp": HEADERS["X-Timestamp"]},
    "no timestamp": {"X-Signature": GENUINE},
    "an empty signature": {**HEADERS, "X-Signature": ""},
    "no digits": {**HEADERS, "X-Signature": "sha256="},
    "another prefix": {**HEADERS, "X-Signature": GENUINE.removeprefix("sha256=")},
    "another digit": {**HEADERS, "X-Signature": GENUINE[:-1] + ("0" if GENUINE[-1] != "0" else "1")},
    "a digit less": {**HEADERS, "X-Signature": GENUINE[:-1]},
    "no hexadecimal": {**HEADERS, "X-Signature": "sha256=" + "z" * 64},
    "letters beyond ASCII": {**HEADERS, "X-Signature": "sha256=" + "é" * 64},
    "another key": signed(REPORT, key="an0ther-key-of-someone")[0],
    "two in one": {**HEADERS, "X-Signature": f"{GENUINE}, {GENUINE}"},
    "two headers": [*HEADERS.items(), ("x-signature", GENUINE)],
    "two timestamps": [*HEADERS.items(), ("x-timestamp", HEADERS["X-Timestamp"])],
    "another timestamp": {**HEADERS, "X-Timestamp": str(SECONDS - 1)},
    "no number": {**HEADERS, "X-Timestamp": "soon"},
    "digits of another script": {**HEADERS, "X-Timestamp": "١٧٦٧٧٩٨٢٤٥"},
    "a number without end": {**HEADERS, "X-Timestamp": "9" * 400},
    "a sign before it": {**HEADERS, "X-Timestamp": f"+{SECONDS}"},
    "late": signed(REPORT, at=SECONDS - 301)[0],
    "early": signed(REPORT, at=SECONDS + 301)[0],
    "a value that is none": {**HEADERS, "X-Signature": None},
    "bytes": {b"X-Signature": GENUINE.encode()},
    "no pairs": ["X-Signature"],
    "triples": [("X-Signature", GENUINE, "")],
    "a number": 7,
    "too many": [*HEADERS.items(), *[("X-More", "")] * 200],
}


@pytest.mark.parametrize("headers", UNSIGNED.values(), ids=UNSIGNED)
def test_what_the_gateway_did_not_sign_lately_is_refused_without_a_word(callbacks, headers):
    refused = refusal_of(callbacks, headers, BODY)
    assert (str(refused), refused.faults) == (REFUSED, ())


@pytest.mark.parametrize(
    "body", [BODY + b" ", BODY.replace(b"delivered", b"undelivered"), b"", b"\xff", b"x" * 65_537]
)
def test_another_body_than_the_signed_one_is_refused(callbacks, body):
    assert refusal_of(callbacks, HEADERS, body).faults == ()


def test_a_body_that_is_too_large_is_refused_though_it_is_signed(callbacks):
    largest = b" " * (callbacks.largest_bytes - len(BODY)) + BODY
    assert callbacks.read(*signed(largest), URL, NOW) == callbacks.read(HEADERS, BODY, URL, NOW)
    refused = refusal_of(callbacks, *signed(b" " + largest))
    assert (str(refused), refused.faults) == (REFUSED, ())


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_within_the_tolerance_it_is_taken(callbacks, seconds):
    assert callbacks.read(*signed(REPORT, at=SECONDS + seconds), URL, NOW).said == "delivered"


def test_the_tolerance_is_the_files(config, json_callbacks_text):
    text = json_callbacks_text.replace("prefix =", "tolerance_seconds = 10\nprefix =")
    callbacks = SmsCallbacks.from_config(str(config(text)))
    assert callbacks.read(*signed(REPORT, at=SECONDS - 10), URL, NOW).said == "delivered"
    refusal_of(callbacks, *signed(REPORT, at=SECONDS - 11))


def test_where_the_url_is_signed_another_url_is_refused(form_callbacks):
    headers, body = signed_form({"From": "24680", "Body": "yes", "Sms.Id": "7"})
    assert form_callbacks.read(headers, body, URL, NOW).wants is Wish.START
    assert refusal_of(form_callbacks, headers, body, URL + "/").faults == ()
    assert refusal_of(form_callbacks, headers, body, "\ud800").faults == ()


@pytest.mark.parametrize("signature", ["AAAA", "no base64!", "é"])
def test_a_signature_in_base64_has_to_be_one(form_callbacks, signature):
    _, body = signed_form({"From": "24680", "Body": "yes", "Sms.Id": "7"})
    assert refusal_of(form_callbacks, {"Signature": signature}, body).faults == ()


def test_a_signature_over_the_body_alone_holds_at_any_time(config, form_callbacks_text):
    text = form_callbacks_text.replace("{url}{body}", "{body}")
    callbacks = SmsCallbacks.from_config(str(config(text)))
    headers, body = signed_form({"From": "24680", "Body": "yes", "Sms.Id": "7"}, url="")
    assert callbacks.read(headers, body, URL, NOW) == callbacks.read(
        headers, body, "", NOW + timedelta(days=9)
    )


def test_a_time_without_a_zone_is_the_callers_mistake(callbacks):
    with pytest.raises(InvalidInputError, match="a time without a zone") as caught:
        callbacks.read(HEADERS, BODY, URL, NOW.replace(tzinfo=None))
    assert not isinstance(caught.value, CallbackRefusedError)


def test_a_time_of_another_zone_is_the_same_instant(callbacks):
    there = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert callbacks.read(HEADERS, BODY, URL, there) == callbacks.read(HEADERS, BODY, URL, NOW)


# --- what can't be read ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("callback", "places"),
    [
        (changed(REPORT, status=None), ["data.status"]),
        (changed(REPORT, status=""), ["data.status"]),
        (changed(REPORT, status=["delivered"]), ["data.status"]),
        (changed(REPORT, status=True), ["data.status"]),
        (changed(REPORT, reference="x" * 201), ["data.reference"]),
        (changed(REPORT, id={}), ["data.id"]),
        (changed(REPORT, time="yesterday"), ["data.time"]),
        (changed(REPORT, time="2026-01-07T15:04:05"), ["data.time"]),
        (changed(REPORT, time="9" * 12), ["data.time"]),
        (changed(REPORT, time="0001-01-01T00:00:00+23:00"), ["data.time"]),
        (changed(REPORT, time=1.5), ["data.time"]),
        ({"type": "report"}, ["data.reference", "data.id", "data.status", "data.time"]),
        ({"type": "text", "data": {}}, ["data.from", "data.id", "data.text"]),
        (changed(TEXT, text=None), ["data.text"]),
        (changed(TEXT, text=["stop"]), ["data.text"]),
        ({"type": "billing"}, ["type"]),
        ({}, ["type"]),
        ([], ["type"]),
        ("report", ["the body"]),
        (7, ["the body"]),
        (b"", ["the body"]),
        (b"type=report", ["the body"]),
        (b'{"type": "report", "type": "text"}', ["the body"]),
        (b"\xff\xfe", ["the body"]),
        (b"[" * 60_000, ["the body"]),
    ],
)
def test_what_is_signed_and_can_not_be_read_is_refused_with_the_places(callbacks, callback, places):
    refused = refusal_of(callbacks, *signed(callback))
    assert [fault.where for fault in refused.faults] == places
    assert "yesterday" not in str(refused)


@pytest.mark.parametrize(
    "body",
    [
        *(b"From", b"From=1&From=2&Body=a&Sms.Id=7", b"From=%FF&Body=a&Sms.Id=7", b"\xff=1", b"&"),
        "&".join(f"f{number}=1" for number in range(201)).encode(),
    ],
    ids=["no value", "a field twice", "no UTF-8", "no ASCII", "nothing", "too many"],
)
def test_a_form_that_can_not_be_read_is_refused(form_callbacks, body):
    refused = refusal_of(form_callbacks, *signed_form(body))
    assert [fault.where for fault in refused.faults] == ["the body"]


def test_a_form_without_a_field_lacks_them_all(form_callbacks):
    refused = refusal_of(form_callbacks, *signed_form(b""))
    assert [fault.where for fault in refused.faults] == ["From", "Sms.Id", "Body"]


def test_the_error_is_one_of_the_caller_and_crosses_processes(callbacks):
    refused = pickle.loads(pickle.dumps(refusal_of(callbacks, *signed({}))))
    assert refused.faults == (Fault("type", "another kind", "one that the file lists"),)
    assert (refused.code, http_status(refused)) == (
        "sms.callback_refused",
        http_status(InvalidInputError("")),
    )


# --- secrets and repeats --------------------------------------------------------------------------------
def test_neither_key_nor_number_nor_text_shows_in_a_repr_or_a_traceback(callbacks):
    text = callbacks.read(*signed(TEXT), URL, NOW)
    refused = refusal_of(callbacks, signed(TEXT, key="an0ther-key-of-someone")[0], written(TEXT))
    frames = traceback.TracebackException.from_exception(refused, capture_locals=True)
    ours = [str(each.locals) for each in frames.stack if "dcss_core_sms_http" in each.filename]
    assert ours
    shown = f"{text!r} {callbacks!r} {callbacks.signature!r} {refused!r}"
    for private in ("4045550123", "Stop", KEY):
        assert private not in shown
    assert KEY not in "".join(ours)


def test_a_callback_that_comes_again_has_the_same_key(callbacks):
    for callback in (REPORT, TEXT):
        first = callbacks.read(*signed(callback), URL, NOW)
        again = callbacks.read(*signed(callback, at=SECONDS + 60), URL, NOW + timedelta(seconds=60))
        assert first.idempotency_key == again.idempotency_key


def test_callbacks_about_anything_else_have_other_keys(callbacks):
    others = [
        REPORT,
        TEXT,
        changed(REPORT, status="queued"),
        changed(REPORT, id="gw-8"),
        changed(REPORT, reference="gw-7", id=REPORT["data"]["reference"]),
        changed(REPORT, id="gw-7d", status="elivered"),
        changed(TEXT, id=4712),
    ]
    keys = {callbacks.read(*signed(each), URL, NOW).idempotency_key for each in others}
    assert len(keys) == len(others)


# --- whatever comes -------------------------------------------------------------------------------------
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "data", "id", "status", "time", "from", "text", "reference"]), inside
        )
    ),
    max_leaves=12,
)
BODIES = st.binary() | JSON_VALUES.map(written)
at_one_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@at_one_file
@given(
    headers=st.dictionaries(st.sampled_from(["X-Signature", "X-Timestamp"]), st.text()),
    body=BODIES,
    url=st.text(),
)
def test_whatever_nobody_signed_is_refused_with_the_one_error(callbacks, headers, body, url):
    refused = refusal_of(callbacks, headers, body, url)
    assert (str(refused), refused.faults) == (REFUSED, ())


def outcome_of(callbacks, headers, body):
    """What was read, or the one error; whatever else is raised goes on."""
    try:
        return callbacks.read(headers, body, URL, NOW)
    except CallbackRefusedError as refused:
        return refused


@at_one_file
@given(body=BODIES)
def test_whatever_was_signed_is_a_value_or_the_one_error(callbacks, body):
    outcome = outcome_of(callbacks, *signed(body))
    assert isinstance(outcome, DeliveryReport | IncomingText) or outcome.faults


FORMS = st.dictionaries(st.sampled_from(["From", "Body", "Sms.Id"]), st.text()).map(urlencode).map(str.encode)


@at_one_file
@given(body=st.binary() | FORMS)
def test_whatever_form_was_signed_is_a_value_or_the_one_error(form_callbacks, body):
    outcome = outcome_of(form_callbacks, *signed_form(body))
    assert isinstance(outcome, IncomingText) or outcome.faults
