"""A real HTTP receiver on loopback that takes down what it gets and answers as it is told."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from dcss_core.testing import closed_port, loopback_certificate, loopback_server, loopback_tls

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
"""The Base64 of the bytes from 0 to 31."""


@attrs.define
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@attrs.define
class Receiver:
    """What the server answers, and what it got."""

    port: int = 0
    code: int = 204
    headers: dict[str, str] = attrs.field(factory=dict)
    words: bytes = b""
    received: list[Received] = attrs.field(factory=list)
    may_answer: threading.Event = attrs.field(factory=threading.Event)


def handler_of(receiver: Receiver) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(Received(self.path, dict(self.headers), body))
            receiver.may_answer.wait(timeout=30)
            self.send_response(receiver.code)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.words)))
            self.end_headers()
            self.wfile.write(receiver.words)

        def log_message(self, *_given):
            pass

    return Handler


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from serve()


@pytest.fixture
def tls_receiver(certificate: Path) -> Iterator[Receiver]:
    yield from serve(loopback_tls(certificate))


def serve(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.may_answer.set()
    with loopback_server(handler_of(receiver), tls=tls) as server:
        receiver.port = server.server_port
        yield receiver
        receiver.may_answer.set()


@pytest.fixture
def key_file(tmp_path) -> Path:
    path = tmp_path / "webhook.key"
    path.write_text(f"{SECRET}\n")
    return path


@pytest.fixture
def secret() -> str:
    """What stands in the key file."""
    return SECRET


@pytest.fixture(name="closed_port")
def port_where_nobody_listens() -> int:
    return closed_port()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """A self-signed certificate and its key for 127.0.0.1, in one PEM file."""
    return loopback_certificate(tmp_path_factory.mktemp("tls") / "server.pem")
