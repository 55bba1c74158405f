"""A real HTTP gateway on loopback that answers as it is told, and files that say how it is spoken with."""

import http.server
import json
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from dcss_core import Secret
from dcss_core.plugins import Message
from dcss_core.testing import closed_port, loopback_certificate, loopback_server, loopback_tls
from dcss_core_sms_http import open_sms_channel

JSON_FILE = """
[secrets]
token = "SMS_TEST_TOKEN"

[text]
from = "+14045550100"

[request]
content_type = "application/json"

[request.headers]
Authorization = "Bearer {token}"
Idempotency-Key = "{message_id}"

[request.body]
from = "{from}"
content = {text = "{text}", kind = "text"}
recipients = [{number = "{to}"}]
reference = "{message_id}"
validity = 3600
flash = false

[answer]
present = ["id"]
absent = ["error"]
receipt = "id"
code = "error.code"
final_codes = ["no_such_number", 21211]
"""
FORM_FILE = """
[secrets]
user = "SMS_TEST_USER"
password = "SMS_TEST_TOKEN"

[text]
from = "AGENCY"

[request]
method = "PUT"
content_type = "application/x-www-form-urlencoded"
basic = {user = "{user}", password = "{password}"}

[request.body]
From = "{from}"
To = "{to}"
Body = "{text}"
"Ref" = "dcss-{message_id}"

[answer]
accepted = [200]
final = [404]

[answer.values]
"messages.0.status" = ["0", 0]
"""
JSON_CALLBACKS_FILE = """
[callback]
content_type = "application/json"
kind = "type"

[callback.signature]
key = "SMS_TEST_KEY"
header = "X-Signature"
encoding = "hex"
prefix = "sha256="
signed = "{timestamp}.{body}"
timestamp_header = "X-Timestamp"

[callback.report]
kind = ["report"]
reference = "data.reference"
gateway_id = "data.id"
status = "data.status"
delivered = ["delivered"]
failed = ["undelivered", "7"]
at = "data.time"

[callback.text]
kind = ["text", "mms"]
sender = "data.from"
text = "data.text"
gateway_id = "data.id"
"""
FORM_CALLBACKS_FILE = """
[callback]
content_type = "application/x-www-form-urlencoded"

[callback.signature]
key = "SMS_TEST_KEY"
header = "Signature"
encoding = "base64"
signed = "{url}{body}"

[callback.text]
sender = "From"
text = "Body"
gateway_id = "Sms.Id"
"""
TOKEN = "t0ken-of-the-gateway"
NUMBER = "+14045550123"


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes down what it gets and lets a reply write what it likes."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self):
        api = self.server.api
        body = self.rfile.read(int(self.headers["Content-Length"]))
        api.received.append(Received(self.command, self.path, dict(self.headers), body))
        reply = api.script.popleft() if api.script else _answer(b'{"id": "gw-1"}', 200, {})
        reply(self)

    do_PUT = do_POST  # noqa: N815 - the name is http.server's

    def log_message(self, *_given):
        pass


Reply = Callable[[Handler], None]


def _answer(body: bytes, status: int, headers: dict[str, str]) -> Reply:
    def reply(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


@attrs.define
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@attrs.define
class FarSide:
    """What the gateway answers, and what it got."""

    port: int = 0
    script: deque[Reply] = attrs.field(factory=deque)
    received: list[Received] = attrs.field(factory=list)
    may_answer: threading.Event = attrs.field(factory=threading.Event)

    def will_answer(self, body: object, status: int = 200, **headers: str) -> None:
        """An answer in full; what is no bytes goes as JSON."""
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.script.append(_answer(written, status, headers))

    def will_write(self, raw: bytes) -> None:
        """These bytes and the end of the connection."""

        def reply(handler: Handler) -> None:
            handler.wfile.write(raw)
            handler.close_connection = True

        self.script.append(reply)

    def will_wait(self) -> None:
        """Nothing until the test is over, and then that it took the text."""

        def reply(handler: Handler) -> None:
            self.may_answer.wait(timeout=30)
            _answer(b'{"id": "late"}', 200, {})(handler)

        self.script.append(reply)


class Server(http.server.ThreadingHTTPServer):
    api: FarSide


def serve(tls: ssl.SSLContext | None = None) -> Iterator[FarSide]:
    with loopback_server(Handler, tls=tls) as server:
        server.api = FarSide(port=server.server_port)
        yield server.api
        server.api.may_answer.set()


@pytest.fixture
def far_side() -> Iterator[FarSide]:
    yield from serve()


@pytest.fixture
def tls_far_side(certificate: Path) -> Iterator[FarSide]:
    yield from serve(loopback_tls(certificate))


@pytest.fixture(name="closed_port")
def port_where_nobody_listens() -> int:
    return closed_port()


@pytest.fixture(autouse=True)
def variables(monkeypatch) -> None:
    """The environment that the files name."""
    monkeypatch.setenv("SMS_TEST_TOKEN", TOKEN)
    monkeypatch.setenv("SMS_TEST_USER", "agency")
    monkeypatch.setenv("SMS_TEST_KEY", "k3y-of-the-callbacks")


@pytest.fixture
def json_text() -> str:
    """A file for a gateway that takes JSON."""
    return JSON_FILE


@pytest.fixture
def form_text() -> str:
    """A file for a gateway that takes a form."""
    return FORM_FILE


@pytest.fixture
def json_callbacks_text() -> str:
    """A file for a gateway that posts JSON."""
    return JSON_CALLBACKS_FILE


@pytest.fixture
def form_callbacks_text() -> str:
    """A file for a gateway that posts forms."""
    return FORM_CALLBACKS_FILE


@pytest.fixture
def config(tmp_path) -> Callable[[str], Path]:
    """A function that keeps a text as the file, and gives its path."""

    def write(text: str = JSON_FILE) -> Path:
        path = tmp_path / "sms.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def open_channel(far_side, config):
    """A function that opens a channel to the gateway by a file's text, with further options of the URL."""
    opened = []

    def opener(text: str = JSON_FILE, options: str = ""):
        url = f"sms+http://127.0.0.1:{far_side.port}/p4th/send?config={config(text)}{options}"
        opened.append(open_sms_channel(url))
        return opened[-1]

    yield opener
    for channel in opened:
        channel.close()


@pytest.fixture
def message():
    """A function that makes a message to the good number."""

    def make(
        body: str = "A notice is waiting.", *, message_id: str = "account/7/code", address: str = NUMBER
    ):
        return Message(message_id, Secret(address), "A subject", Secret(body))

    return make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """A self-signed certificate and its key for 127.0.0.1, in one PEM file."""
    return loopback_certificate(tmp_path_factory.mktemp("tls") / "server.pem")
