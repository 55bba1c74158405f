"""What a gateway gets, and what each of its answers means."""

import base64
import logging
import traceback
from urllib.parse import parse_qsl

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core.plugins import Delivered, DeliveryFailed
from dcss_core.testing import DrippingServer
from dcss_core_sms_http import open_sms_channel, reference_of

# printf account/7/code | sha256sum | cut -c 1-32
REFERENCE = "7547b4a3e9cbd5db4a0a4fb8ccf54598"
UNREADABLE = "the answer (200) can't be read as the gateway's"
CUT = "the gateway's answer was cut short or is no answer of a web server"


# --- what is sent ---------------------------------------------------------------------------------------
def test_a_text_is_sent_as_the_json_of_the_file(open_channel, far_side, message):
    assert open_channel().deliver(message()) == Delivered("gw-1")
    (received,) = far_side.received
    assert (received.method, received.path) == ("POST", "/p4th/send")
    assert received.json == {
        "from": "+14045550100",
        "content": {"text": "A notice is waiting.", "kind": "text"},
        "recipients": [{"number": "+14045550123"}],
        "reference": REFERENCE,
        "validity": 3600,
        "flash": False,
    }
    headers = received.headers
    assert headers["Content-Type"] == "application/json"
    assert headers["Authorization"] == "Bearer t0ken-of-the-gateway"
    assert headers["Idempotency-Key"] == REFERENCE


def test_a_text_is_sent_as_the_form_of_the_file(open_channel, form_text, far_side, message):
    far_side.will_answer({"messages": [{"status": "0"}]})
    assert open_channel(form_text).deliver(message("a&Body=b+c=d")) == Delivered(REFERENCE)
    (received,) = far_side.received
    assert received.method == "PUT"
    assert received.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(received.body.decode(), strict_parsing=True) == [
        ("From", "AGENCY"),
        ("To", "+14045550123"),
        ("Body", "a&Body=b+c=d"),
        ("Ref", f"dcss-{REFERENCE}"),
    ]
    scheme, _, login = received.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(login)) == ("Basic", b"agency:t0ken-of-the-gateway")


def test_the_subject_is_not_sent(open_channel, far_side, message):
    open_channel().deliver(message())
    assert b"A subject" not in far_side.received[0].body


def test_a_text_that_looks_like_a_place_stays_a_text(open_channel, far_side, message):
    text = "{token} {to} {message_id} {unknown} {{}}"
    open_channel().deliver(message(text))
    assert far_side.received[0].json["content"]["text"] == text


def test_the_reference_shows_nothing_of_the_messages_id(open_channel, far_side, message):
    open_channel().deliver(message(message_id="account/7/code"))
    assert reference_of("account/7/code") == REFERENCE
    assert b"account" not in far_side.received[0].body


# --- what can't be a text -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address",
    [
        *("4045550123", "14045550123", "+1404555012", "+140455501234", "+44 20 7946 0000", "+442079460000"),
        *("+1 404 555 0123", "+1-404-555-0123", "(404) 555-0123", "tel:+14045550123", "+14045550123;ext=1"),
        *("+14045550123\n", " +14045550123", "+1٤٠٤٥٥٥٠١٢٣", "+1404555012O", "", "parent@example.org"),
    ],
)
def test_what_is_no_number_in_e164_is_final_and_reaches_nobody(open_channel, far_side, message, address):
    assert open_channel().deliver(message(address=address)) == DeliveryFailed(
        "the address is no telephone number as +1 and ten digits", retryable=False
    )
    assert far_side.received == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the text is empty"),
        ("half of a letter \ud83d", "the text is not valid Unicode"),
        ("a" * 613, "the text takes 5 parts, and 4 are the most"),  # 4 × 153 = 612
        ("通" * 269, "the text takes 5 parts, and 4 are the most"),  # 4 × 67 = 268
    ],
)
def test_a_text_that_can_not_be_sent_whole_is_final_and_not_cut(
    open_channel, far_side, message, text, reason
):
    assert open_channel().deliver(message(text)) == DeliveryFailed(reason, retryable=False)
    assert far_side.received == []


@pytest.mark.parametrize("text", ["a" * 612, "通" * 268])
def test_four_parts_are_sent_unless_the_file_says_otherwise(open_channel, far_side, message, text):
    assert open_channel().deliver(message(text)) == Delivered("gw-1")
    assert far_side.received[0].json["content"]["text"] == text


def test_the_file_says_how_many_parts_are_the_most(open_channel, json_text, far_side, message):
    channel = open_channel(json_text.replace("from =", "most_parts = 1\nfrom =", 1))
    assert channel.deliver(message("a" * 160)) == Delivered("gw-1")
    assert channel.deliver(message("a" * 161)) == DeliveryFailed(
        "the text takes 2 parts, and 1 are the most", retryable=False
    )


# --- what an answer means -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answer", "receipt"),
    [
        ({"id": "gw-7"}, "gw-7"),
        ({"id": 7}, "7"),
        ({"id": "gw-7", "error": None}, "gw-7"),
        ({"id": True}, REFERENCE),
        ({"id": ["gw-7"]}, REFERENCE),
        ({"id": ""}, REFERENCE),
        ({"id": 10**30}, REFERENCE),
        ({"id": "x" * 201}, REFERENCE),
        ({"id": "gw-\r\n7"}, REFERENCE),
        ({"id": "gw-ä"}, REFERENCE),
        ({"id": "sms-4045550123-7"}, REFERENCE),  # it names the person
    ],
)
def test_the_receipt_is_the_gateways_id_where_it_can_be_shown(
    open_channel, far_side, message, answer, receipt
):
    far_side.will_answer(answer)
    assert open_channel().deliver(message()) == Delivered(receipt)


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_every_2xx_is_accepted_unless_the_file_says_otherwise(open_channel, far_side, message, status):
    far_side.will_answer({"id": "gw-7"}, status)
    assert open_channel().deliver(message()) == Delivered("gw-7")


def test_without_rules_for_the_body_the_status_is_all_that_counts(open_channel, json_text, far_side, message):
    channel = open_channel(json_text.partition("[answer]")[0])
    far_side.will_answer(b"OK 4711", 202, Content_Type="text/plain")
    assert channel.deliver(message()) == Delivered(REFERENCE)


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        ({"error": {"code": "no_such_number"}}, ("refused the message (200, code no_such_number)", False)),
        ({"id": 1, "error": {"code": 21211}}, ("refused the message (200, code 21211)", False)),
        ({"error": {"code": "busy"}}, ("answered 200 and that it did not take it", True)),
        ({"error": {"code": "21211"}}, ("answered 200 and that it did not take it", True)),
        ({"id": "gw-7", "error": "no such number"}, ("answered 200 and that it did not take it", True)),
        ({"id": "gw-7", "error": False}, ("answered 200 and that it did not take it", True)),
        ({}, ("answered 200 and that it did not take it", True)),
        ([], ("answered 200 and that it did not take it", True)),
        ("id", ("answered 200 and that it did not take it", True)),
        (None, ("answered 200 and that it did not take it", True)),
    ],
)
def test_an_error_inside_a_200_is_no_success(open_channel, far_side, message, answer, failed):
    far_side.will_answer(answer)
    reason, retryable = failed
    assert open_channel().deliver(message()) == DeliveryFailed(f"the gateway {reason}", retryable)
    assert len(far_side.received) == 1


@pytest.mark.parametrize(
    ("answer", "is_taken"),
    [
        ({"messages": [{"status": "0"}]}, True),
        ({"messages": [{"status": 0}, {"status": 9}]}, True),
        ({"messages": [{"status": False}]}, False),
        ({"messages": [{"status": 0.0}]}, False),
        ({"messages": [{"status": "4"}]}, False),
        ({"messages": []}, False),
        ({"messages": {"0": {"status": "0"}}}, True),
        ({"messages": "00"}, False),
    ],
)
def test_a_value_that_the_file_names_has_to_stand_in_its_place(
    open_channel, form_text, far_side, message, answer, is_taken
):
    far_side.will_answer(answer)
    assert isinstance(open_channel(form_text).deliver(message()), Delivered) is is_taken


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        *((status, True) for status in (401, 402, 403, 404, 407, 408, 409, 425, 429, 500, 502, 503, 504)),
        *((status, True) for status in (301, 302, 303, 304, 307, 308)),
        *((status, False) for status in (400, 422)),
    ],
)
def test_only_a_status_about_the_message_is_final(open_channel, far_side, message, status, retryable):
    far_side.will_answer({"id": "gw-7"}, status, Location=f"http://127.0.0.1:{far_side.port}/elsewhere")
    assert open_channel().deliver(message()) == DeliveryFailed(f"the gateway answered {status}", retryable)
    assert len(far_side.received) == 1  # no redirect is followed, and none is tried again here


def test_the_file_says_which_statuses_are_accepted_and_which_are_final(
    open_channel, form_text, far_side, message
):
    channel = open_channel(form_text)
    for status, retryable in [(201, True), (400, True), (404, False)]:
        far_side.will_answer({"messages": [{"status": "0"}]}, status)
        assert channel.deliver(message()) == DeliveryFailed(f"the gateway answered {status}", retryable)


def test_a_final_code_is_final_whatever_the_status(open_channel, far_side, message):
    far_side.will_answer({"error": {"code": "no_such_number"}}, 500)
    assert open_channel().deliver(message()) == DeliveryFailed(
        "the gateway refused the message (500, code no_such_number)", retryable=False
    )


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>Sign in to the guest network</html>", "text/html"),
        (b"<html>Sign in to the guest network</html>", "application/json"),
        (b'{"id": "gw-7"}', "Text/HTML; charset=utf-8"),
        (b"", "application/json"),
        (b'{"id": "gw-7"', "application/json"),
        (b'{"id": "gw-7", "id": "gw-8"}', "application/json"),
        (b'{"id": NaN}', "application/json"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "application/json"),
        (b'\xef\xbb\xbf{"id": "gw-7"}', "application/json"),
        (b'{"id": "\xff"}', "application/json"),
        (b"[" * 60_000, "application/json"),
        (b'{"id": "' + b"x" * 70_000 + b'"}', "application/json"),
    ],
    ids=[
        *("page", "page that says it is JSON", "JSON that says it is a page", "empty", "cut", "key twice"),
        *("no number", "a long number", "byte order mark", "no UTF-8", "nested", "too large"),
    ],
)
def test_a_200_that_can_not_be_read_is_no_success(open_channel, far_side, message, body, content_type):
    far_side.will_answer(body, Content_Type=content_type)
    assert open_channel().deliver(message()) == DeliveryFailed(UNREADABLE, retryable=True)
    assert len(far_side.received) == 1


def test_the_page_of_a_proxy_is_no_success_where_the_status_is_all_that_counts(
    open_channel, json_text, far_side, message
):
    channel = open_channel(json_text.partition("[answer]")[0])
    far_side.will_answer(b"<html>Sign in to the guest network</html>", Content_Type="text/html")
    assert channel.deliver(message()) == DeliveryFailed(UNREADABLE, retryable=True)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (HEAD + b'Content-Length: 100\r\n\r\n{"id": "gw-7"}', CUT),
        (HEAD + b'\r\n{"id": "gw-7"}', UNREADABLE),
        (HEAD + b'Transfer-Encoding: chunked\r\n\r\ne\r\n{"id": "gw-7"}\r\n', CUT),
        (b"HTTP/1.1 200", CUT),
        (b"SMS/2.0 taken\r\n\r\n", CUT),
        (b"", CUT),
    ],
    ids=["cut body", "no end", "cut chunks", "cut status", "no HTTP", "nothing"],
)
def test_an_answer_that_is_not_whole_is_no_success(open_channel, far_side, message, raw, reason):
    far_side.will_write(raw)
    assert open_channel().deliver(message()) == DeliveryFailed(reason, retryable=True)
    assert len(far_side.received) == 1


def test_of_two_answers_the_first_counts_and_nothing_is_sent_twice(open_channel, far_side, message):
    first, second = (HEAD + b'Content-Length: 14\r\n\r\n{"id": "gw-%d"}' % number for number in (1, 2))
    far_side.will_write(first + second)
    channel = open_channel()
    assert channel.deliver(message()) == Delivered("gw-1")
    far_side.will_answer({"id": "gw-3"})
    assert channel.deliver(message()) == Delivered("gw-3")
    assert len(far_side.received) == 2


def test_a_late_answer_is_none_and_nothing_is_sent_twice(open_channel, far_side, message):
    far_side.will_wait()
    channel = open_channel(options="&timeout_seconds=1")
    assert channel.deliver(message()) == DeliveryFailed("the gateway did not answer in time", retryable=True)
    assert len(far_side.received) == 1


DRIPS = {
    "its status": b"",
    "a header": b"HTTP/1.1 200 OK\r\nX-Drip: ",
    "its body": HEAD + b"Content-Length: 60000\r\n\r\n",
}


@pytest.mark.parametrize("said", DRIPS.values(), ids=DRIPS)
def test_a_gateway_that_drips_is_given_up_after_the_timeout(said, config, message):
    with DrippingServer(lambda connection: connection.sendall(said)) as far_side:
        channel = open_sms_channel(
            f"sms+http://127.0.0.1:{far_side.port}/?config={config()}&timeout_seconds=1"
        )
        delivery = far_side.answered(lambda: channel.deliver(message()))
        assert delivery == DeliveryFailed("the gateway did not answer in time", retryable=True)
        assert far_side.dripped < 500  # 50 in a second
        channel.close()


def test_a_closed_port_may_be_tried_again(closed_port, config, message):
    channel = open_sms_channel(f"sms+http://127.0.0.1:{closed_port}/?config={config()}")
    assert channel.deliver(message()) == DeliveryFailed("the gateway could not be reached", retryable=True)
    channel.close()


def test_no_proxy_is_taken_from_the_environment(open_channel, far_side, closed_port, message, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    assert open_channel().deliver(message()) == Delivered("gw-1")
    assert len(far_side.received) == 1


# --- TLS ------------------------------------------------------------------------------------------------
def test_https_reaches_a_gateway_whose_certificate_is_vouched_for(tls_far_side, config, certificate, message):
    url = f"sms+https://127.0.0.1:{tls_far_side.port}/send?config={config()}"
    trusting = open_sms_channel(f"{url}&ca_file={certificate}")
    assert trusting.deliver(message()) == Delivered("gw-1")
    trusting.close()
    doubting = open_sms_channel(url)
    assert doubting.deliver(message()) == DeliveryFailed(
        "the certificate of the gateway could not be verified", retryable=True
    )
    doubting.close()
    assert len(tls_far_side.received) == 1


def test_nothing_is_sent_to_a_host_with_the_certificate_of_another(
    tls_far_side, config, certificate, message
):
    channel = open_sms_channel(
        f"sms+https://localhost:{tls_far_side.port}/send?config={config()}&ca_file={certificate}"
    )
    delivery = channel.deliver(message())
    assert isinstance(delivery, DeliveryFailed)
    assert delivery.retryable
    assert tls_far_side.received == []
    channel.close()


def test_a_ca_file_without_a_certificate_is_refused_at_once(config):
    path = config()
    with pytest.raises(ConfigurationError, match="ca_file"):
        open_sms_channel(f"sms+https://127.0.0.1/?config={path}&ca_file={path}")


# --- secrets --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [200, 302, 400, 500])
def test_secret_path_number_and_text_stand_in_no_reason_repr_or_log(
    open_channel, far_side, message, status, caplog
):
    far_side.will_answer({"error": {"code": "w0rds about +14045550123: A notice is waiting."}}, status)
    channel = open_channel()
    with caplog.at_level(logging.DEBUG):
        delivery = channel.deliver(message())
    gateway = channel._gateway
    shown = f"{delivery!r} {channel!r} {gateway!r} {gateway.request!r} {caplog.text}"
    for private in ("t0ken", "p4th", "4045550123", "notice", "w0rds", "Bearer"):
        assert private not in shown


def test_a_traceback_with_variables_shows_no_secret(config, json_text, monkeypatch):
    monkeypatch.setenv("SMS_TEST_TOKEN", "t0ken\n")
    with pytest.raises(ConfigurationError) as caught:
        open_sms_channel(f"sms+https://h/t0ken-path?config={config(json_text)}")
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [each for each in frames.stack if "dcss_core_sms_http" in each.filename]
    assert ours
    assert "t0ken\\n" not in "".join(str(each.locals) for each in ours)
