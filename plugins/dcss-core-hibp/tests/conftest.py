"""A real HTTP server on loopback that answers as the range API does, or as it is told."""

import http.server
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from dcss_core.testing import closed_port, loopback_certificate, loopback_server, loopback_tls

_SOME_OTHER_HASH = b"0018A45C4D1DEF81644B54AB7F969B88D65:1"


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes down every byte it gets and lets a reply write what it likes."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self):
        api = self.server.api
        api.asked.append((self.path, dict(self.headers)))
        api.sent += f"{self.requestline}\r\n{self.headers}".encode()
        reply = (
            api.script.popleft()
            if api.script
            else _answer(api.ranges.get(self.path[-5:], _SOME_OTHER_HASH), 200, {})
        )
        reply(self)

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


def _bytes(raw: bytes) -> Reply:
    def reply(handler: Handler) -> None:
        handler.wfile.write(raw)
        handler.close_connection = True

    return reply


@attrs.define
class FarSide:
    """What the server answers, and what it was asked."""

    port: int = 0
    ranges: dict[str, bytes] = attrs.field(factory=dict)
    script: deque[Reply] = attrs.field(factory=deque)
    asked: list[tuple[str, dict[str, str]]] = attrs.field(factory=list)
    sent: bytearray = attrs.field(factory=bytearray)
    end: threading.Event = attrs.field(factory=threading.Event)

    def will_answer(self, body: bytes, status: int = 200, *, times: int = 1, **headers: str) -> None:
        """An answer in full, so many times."""
        self.script += [_answer(body, status, headers)] * times

    def will_write(self, raw: bytes, *, times: int = 1) -> None:
        """These bytes and the end of the connection, so many times."""
        self.script += [_bytes(raw)] * times

    @property
    def paths(self) -> list[str]:
        return [path for path, _headers in self.asked]


class Server(http.server.ThreadingHTTPServer):
    api: FarSide


def serve(tls: ssl.SSLContext | None = None) -> Iterator[FarSide]:
    with loopback_server(Handler, tls=tls) as server:
        server.api = FarSide(port=server.server_port)
        yield server.api
        server.api.end.set()


@pytest.fixture
def far_side() -> Iterator[FarSide]:
    yield from serve()


@pytest.fixture
def tls_far_side(certificate: Path) -> Iterator[FarSide]:
    yield from serve(loopback_tls(certificate))


@pytest.fixture(name="closed_port")
def port_where_nobody_listens() -> int:
    return closed_port()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """A self-signed certificate and its key for 127.0.0.1, in one PEM file."""
    return loopback_certificate(tmp_path_factory.mktemp("tls") / "server.pem")
