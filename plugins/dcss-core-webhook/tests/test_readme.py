"""What the README shows is what a receiver gets, and its receiver withstands what strangers send."""

import base64
import http.client
import http.server
import re
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from dcss_core import CaseNumber, Money
from dcss_core.payments.collection.receipt import ReceiptPosted
from dcss_core.plugins import RecordedEvent
from dcss_core_webhook import open_webhook
from dcss_core_webhook.subscriber import canonical_json

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
HAPPENED = ReceiptPosted(
    receipt_id="RKV5HXTDS46J2DP2YZZJB",
    case_number=CaseNumber("0012345678"),
    amount=Money("243.69"),
    recorded="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
)
EVENT = RecordedEvent(
    sequence=4711,
    at=datetime(2026, 1, 7, 15, 4, 5, tzinfo=UTC),
    kind=HAPPENED.kind,
    subject=HAPPENED.subject,
    details=HAPPENED.details(),
    entry_id="019b98f0c9880000a3c1f20b7d5e4986b0c2d4e6f8091a2b-1",
)
BODY = canonical_json(EVENT)


def test_the_event_in_the_readme_is_one_the_library_records():
    assert f"\n\n{BODY.decode()}\n```\n" in README


def test_the_headers_in_the_readme_are_those_that_are_posted(receiver, key_file):
    (shown,) = re.findall(r"^POST /dcss\n(.*?)\n\n", README, flags=re.DOTALL | re.MULTILINE)
    webhook = open_webhook(f"webhook+http://127.0.0.1:{receiver.port}/dcss?key_file={key_file}")
    webhook.receive(EVENT)
    webhook.close()
    headers = receiver.received[0].headers
    for line in shown.splitlines():
        name, _, value = line.partition(": ")
        assert name in headers
        if name in ("Content-Type", "webhook-id"):
            assert headers[name] == value
    (length,) = re.findall(r"v1,<(\d+) letters", shown)
    assert len(headers["webhook-signature"]) == len("v1,") + int(length)


# --- the receiver ---------------------------------------------------------------------------------------


class Taken(dict[str, Any]):
    """The events a receiver took, and where it listens."""

    port = 0


@pytest.fixture
def taken(secret):
    """The README's receiver, behind the HTTP server of the standard library."""
    code: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL):
        exec(block, code)  # noqa: S102 - the page's own code is what is tried
    events = Taken()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            self.send_response(code["answer"](length, self.headers, self.rfile.read, secret, events))
            self.end_headers()

        def log_message(self, *_given):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        events.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield events
        server.shutdown()
        thread.join()


def signed(secret, body=BODY, *, at=None, entry_id=EVENT.entry_id):
    """The headers of an event, by the library of Standard Webhooks."""
    at = at or datetime.now(UTC)
    return {
        "webhook-id": entry_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(entry_id, at, body.decode()),
    }


def code_for(taken, headers, body=BODY):
    connection = http.client.HTTPConnection("127.0.0.1", taken.port, timeout=10)
    connection.request("POST", "/dcss", body=body, headers=headers)
    with connection.getresponse() as response:
        status = response.status
    connection.close()
    return status


def test_the_receiver_takes_what_the_webhook_posts_and_a_repeated_one_once(taken, key_file):
    webhook = open_webhook(f"webhook+http://127.0.0.1:{taken.port}/dcss?key_file={key_file}")
    webhook.receive(EVENT)
    webhook.receive(EVENT)
    webhook.close()
    assert {entry_id: event["details"] for entry_id, event in taken.items()} == {
        EVENT.entry_id: dict(EVENT.details)
    }


BASE64 = base64.b64encode(b"\0" * 32).decode()
STRANGE = {
    "no header": {"webhook-id": None, "webhook-timestamp": None, "webhook-signature": None},
    "no id": {"webhook-id": None},
    "no timestamp": {"webhook-timestamp": None},
    "no signature": {"webhook-signature": None},
    "a timestamp that is none": {"webhook-timestamp": "soon"},
    "a timestamp that is no number": {"webhook-timestamp": "nan"},
    "a timestamp without an end": {"webhook-timestamp": "inf"},
    "a timestamp of many digits": {"webhook-timestamp": "9" * 400},
    "another id": {"webhook-id": "another"},
    "the id of nobody": {"webhook-id": ""},
    "a signature of letters beyond ASCII": {"webhook-signature": "é" * 64},
    "a signature of such letters in its place": {"webhook-signature": "v1," + "é" * 44},
    "a signature without a version": {"webhook-signature": BASE64},
    "a signature of many commas": {"webhook-signature": f"v1,{BASE64},,,"},
    "a signature of zeros": {"webhook-signature": f"v1,{BASE64}"},
    "an empty signature": {"webhook-signature": "v1,"},
    "no base64": {"webhook-signature": "v1,!!!"},
    "another version": {"webhook-signature": f"v1a,{BASE64}"},
    "blanks": {"webhook-signature": "v1,  v1,"},
    "a thousand signatures": {"webhook-signature": " ".join([f"v1,{BASE64}"] * 1_000)},
}


@pytest.mark.parametrize("changes", STRANGE.values(), ids=STRANGE)
def test_a_strange_header_is_not_taken_and_not_an_error(changes, taken, secret):
    given = {
        name: value.encode("latin-1")
        for name, value in (signed(secret) | changes).items()
        if value is not None
    }
    assert code_for(taken, given) == 401
    assert taken == {}


def test_what_another_secret_signed_is_not_taken(taken):
    assert code_for(taken, signed("whsec_" + BASE64)) == 401
    assert taken == {}


@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_was_signed_long_ago_or_is_to_come_is_not_taken(minutes, taken, secret):
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert code_for(taken, signed(secret, at=at)) == 401
    assert taken == {}


@pytest.mark.parametrize(
    "body",
    [
        BODY + b" ",
        BODY.replace(b"243.69", b"943.69"),
        b"{}",
        bytes(range(256)) * 10,
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=["a blank more", "another amount", "another event", "binary", "no UTF-8", "nested"],
)
def test_another_body_is_not_taken(body, taken, secret):
    assert code_for(taken, signed(secret), body) == 401
    assert taken == {}


def test_a_body_that_is_too_long_is_not_even_read(taken, secret):
    with socket.create_connection(("127.0.0.1", taken.port), timeout=10) as connection:
        lines = [f"{name}: {value}" for name, value in signed(secret).items()]
        head = ["POST /dcss HTTP/1.1", "Content-Length: 100000000000", *lines, "", ""]
        connection.sendall("\r\n".join(head).encode())
        assert connection.recv(100).startswith(b"HTTP/1.0 413 ")  # and nothing of the body was sent
    assert taken == {}


def test_no_body_is_not_taken(taken, secret):
    assert code_for(taken, signed(secret), b"") == 413
    assert taken == {}
