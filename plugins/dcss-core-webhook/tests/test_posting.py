"""What a receiver gets, and what each of its answers means."""

import logging
import traceback
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.plugins import RecordedEvent
from dcss_core.testing import DrippingServer
from dcss_core_webhook import open_webhook
from dcss_core_webhook.subscriber import signature

ENTRY_ID = "019b4a3f5c8800000123456789abcdef0123456789abcdef-2"
EVENT = RecordedEvent(
    sequence=4711,
    at=datetime(2026, 1, 31, 12, 30, tzinfo=UTC),
    kind="receipt.posted",
    subject="case:0012",
    details={"amount": "243.69", "month": "2026-01", "reversed": False, "payees": ["Ω", None, 2]},
    entry_id=ENTRY_ID,
)


@pytest.fixture
def webhook(receiver, key_file):
    subscriber = open_webhook(f"webhook+http://127.0.0.1:{receiver.port}/t0ken-in-path?key_file={key_file}")
    yield subscriber
    subscriber.close()


def test_an_event_is_posted_as_canonical_json(webhook, receiver):
    webhook.receive(EVENT)
    (received,) = receiver.received
    assert received.path == "/t0ken-in-path"
    assert received.headers["Content-Type"] == "application/json"
    assert received.body.decode() == (
        '{"at":"2026-01-31T12:30:00+00:00",'
        '"details":{"amount":"243.69","month":"2026-01","payees":["Ω",null,2],"reversed":false},'
        '"id":"019b4a3f5c8800000123456789abcdef0123456789abcdef-2","kind":"receipt.posted",'
        '"sequence":4711,"subject":"case:0012"}'
    )


def test_what_is_posted_is_verified_by_the_library_of_standard_webhooks(webhook, receiver, secret):
    webhook.receive(EVENT)
    (received,) = receiver.received
    verified = Webhook(secret).verify(received.body, received.headers)
    assert (verified["id"], verified["sequence"], verified["details"]) == (ENTRY_ID, 4711, EVENT.details)
    assert received.headers["webhook-id"] == ENTRY_ID


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp"])
def test_the_signature_covers_id_timestamp_and_body(webhook, receiver, secret, changed):
    webhook.receive(EVENT)
    (received,) = receiver.received
    sent = {**received.headers, "body": received.body.decode()}
    sent[changed] = sent[changed].replace("1", "2")
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(sent.pop("body"), sent)


def test_the_timestamp_is_that_of_the_attempt(webhook, receiver):
    before = int(datetime.now(UTC).timestamp())
    webhook.receive(EVENT)
    (received,) = receiver.received
    assert before <= int(received.headers["webhook-timestamp"]) <= before + 60


def test_while_a_secret_is_replaced_receivers_with_either_one_verify_and_the_newer_signs_first(
    receiver, key_file, secret
):
    newer = "whsec_" + "bmV3" * 8
    key_file.write_text(f"{newer}\n{secret}\n")
    webhook = open_webhook(f"webhook+http://127.0.0.1:{receiver.port}/?key_file={key_file}")
    webhook.receive(EVENT)
    webhook.close()
    (received,) = receiver.received
    for each in (newer, secret):
        assert Webhook(each).verify(received.body, received.headers)["id"] == ENTRY_ID
    first, second = received.headers["webhook-signature"].split(" ")
    at = datetime.fromtimestamp(int(received.headers["webhook-timestamp"]), UTC)
    assert [first, second] == [
        Webhook(each).sign(ENTRY_ID, at, received.body.decode()) for each in (newer, secret)
    ]


def test_the_signature_of_a_known_text_is_known():
    # printf 'm1.1767225600.{}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f -binary | base64
    known = "v1,Kjni03l/c7tBpJdDsoIAUqzGW0QPUmimZaiTDRfQmm8="
    assert signature(bytes(range(32)), "m1", "1767225600", b"{}") == known


def test_every_attempt_bears_the_same_id_and_body(webhook, receiver):
    receiver.code = 503
    for _attempt in range(2):
        with pytest.raises(BackendError):
            webhook.receive(EVENT)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == ENTRY_ID
    assert first.body == second.body


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_2xx_means_taken(webhook, receiver, code):
    receiver.code = code
    webhook.receive(EVENT)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        *((code, True) for code in (408, 425, 429, 500, 502, 503)),
        *((code, False) for code in (304, 400, 401, 404, 410)),
    ],
)
def test_any_other_answer_is_a_failure_that_says_whether_to_try_again(webhook, receiver, code, retryable):
    receiver.code = code
    with pytest.raises(BackendError, match=f"^the webhook at 127.0.0.1 answered {code}$") as caught:
        webhook.receive(EVENT)
    assert caught.value.retryable is retryable


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(webhook, receiver, code):
    receiver.code, receiver.headers = code, {"Location": f"http://127.0.0.1:{receiver.port}/elsewhere"}
    with pytest.raises(BackendError, match=f"answered {code}") as caught:
        webhook.receive(EVENT)
    assert not caught.value.retryable
    assert len(receiver.received) == 1


def test_a_slow_receiver_is_given_up_after_the_timeout(receiver, key_file):
    receiver.may_answer.clear()
    webhook = open_webhook(f"webhook+http://127.0.0.1:{receiver.port}/?key_file={key_file}&timeout_seconds=1")
    with pytest.raises(BackendError, match="did not answer in time") as caught:
        webhook.receive(EVENT)
    assert caught.value.retryable
    webhook.close()


DRIPS = {
    "its status": b"",
    "a header": b"HTTP/1.1 200 OK\r\nX-Drip: ",
    "another answer, before the one": b"HTTP/1.1 100 Continue\r\n\r\n",
}


@pytest.mark.parametrize("said", DRIPS.values(), ids=DRIPS)
def test_a_receiver_that_drips_is_given_up_after_the_timeout(said, key_file):
    with DrippingServer(lambda connection: connection.sendall(said)) as far_side:
        webhook = open_webhook(
            f"webhook+http://127.0.0.1:{far_side.port}/?key_file={key_file}&timeout_seconds=1"
        )
        with pytest.raises(BackendError, match="did not answer in time") as caught:
            far_side.answered(lambda: webhook.receive(EVENT))
        assert caught.value.retryable
        assert far_side.dripped < 500  # 50 in a second


def test_headers_without_an_end_are_not_read_to_it(key_file):
    another = b"X-Another: " + b"x" * 5_000 + b"\r\n"
    with DrippingServer(
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n"), drip=another, every_seconds=0
    ) as far_side:
        webhook = open_webhook(f"webhook+http://127.0.0.1:{far_side.port}/?key_file={key_file}")
        with pytest.raises(BackendError, match="could not be reached"):
            far_side.answered(lambda: webhook.receive(EVENT))
        assert far_side.dripped < 4_000  # 65,536 bytes are 14 of them; the rest is what two sockets hold


def test_a_closed_port_may_be_tried_again(closed_port, key_file):
    webhook = open_webhook(f"webhook+http://127.0.0.1:{closed_port}/?key_file={key_file}")
    with pytest.raises(BackendError, match="could not be reached") as caught:
        webhook.receive(EVENT)
    assert caught.value.retryable
    webhook.close()


def test_a_failure_does_not_stop_the_next_event(webhook, receiver):
    receiver.code, receiver.words = 500, b"x" * 100_000
    with pytest.raises(BackendError):
        webhook.receive(EVENT)
    receiver.code, receiver.words = 200, b""
    webhook.receive(EVENT)
    assert len(receiver.received) == 2


# --- TLS ------------------------------------------------------------------------------------------------
def test_https_reaches_a_receiver_whose_certificate_is_vouched_for(tls_receiver, key_file, certificate):
    url = f"webhook+https://127.0.0.1:{tls_receiver.port}/?key_file={key_file}"
    trusting = open_webhook(f"{url}&ca_file={certificate}")
    trusting.receive(EVENT)
    trusting.close()
    assert len(tls_receiver.received) == 1

    doubting = open_webhook(url)
    with pytest.raises(BackendError, match="could not be reached"):
        doubting.receive(EVENT)
    doubting.close()
    assert len(tls_receiver.received) == 1


def test_a_ca_file_without_a_certificate_is_refused_at_once(key_file):
    with pytest.raises(ConfigurationError, match="ca_file"):
        open_webhook(f"webhook+https://127.0.0.1/?key_file={key_file}&ca_file={key_file}")


# --- secrets --------------------------------------------------------------------------------------------
def test_path_secret_and_the_receivers_words_stand_in_no_error_repr_or_log(webhook, receiver, caplog, secret):
    receiver.code, receiver.words = 500, b"w0rds of the receiver about t0ken-in-path"
    with caplog.at_level(logging.DEBUG), pytest.raises(BackendError) as caught:
        webhook.receive(EVENT)
    shown = f"{caught.value!r} {''.join(traceback.format_exception(caught.value))} {webhook!r} {caplog.text}"
    shown += repr(webhook._endpoint)
    sent, key = receiver.received[0].headers["webhook-signature"], bytes(range(32))
    for private in ("t0ken-in-path", "w0rds", secret[6:], key.hex(), repr(key), sent, "243.69"):
        assert private not in shown


def test_no_proxy_is_taken_from_the_environment(webhook, receiver, monkeypatch, key_file):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    again = open_webhook(f"webhook+http://127.0.0.1:{receiver.port}/?key_file={key_file}")
    again.receive(EVENT)
    again.close()
    assert len(receiver.received) == 1


def test_closing_twice_does_nothing(webhook, receiver):
    webhook.receive(EVENT)
    webhook.close()
    webhook.close()
    assert len(receiver.received) == 1
