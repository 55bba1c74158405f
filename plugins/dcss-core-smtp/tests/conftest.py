"""Mail servers on loopback: a real aiosmtpd, with and without TLS and sign-in, and one that says nothing."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

from dcss_core.testing import closed_port, loopback_certificate, loopback_tls

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope, Session

USER, PASSWORD = "notices", "s3cret/p@ss?word#1"


@attrs.define
class MailRoom:
    """What the server answers to each command, and what it took in."""

    answers: dict[str, str] = attrs.field(factory=dict)
    taken: "list[Envelope]" = attrs.field(factory=list)
    signed_in: list[bool] = attrs.field(factory=list)
    encrypted: list[bool] = attrs.field(factory=list)

    async def handle_MAIL(self, _server, _session, envelope, address, options):  # noqa: N802
        if "MAIL" not in self.answers:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        answer = self.answers.get("RCPT", "250 OK").replace("{address}", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server, session: "Session", envelope: "Envelope"):  # noqa: N802
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            self.taken.append(envelope)
            self.signed_in.append(session.authenticated)
            self.encrypted.append(session.ssl is not None)
        return answer

    async def handle_QUIT(self, _server, _session, _envelope):  # noqa: N802
        return self.answers.get("QUIT", "221 Bye")

    def check(self, _server, _session, _envelope, _mechanism, credentials):
        known = (credentials.login, credentials.password) == (USER.encode(), PASSWORD.encode())
        from aiosmtpd.smtp import AuthResult

        return AuthResult(success=known, handled=False)


@pytest.fixture
def mail_room() -> MailRoom:
    return MailRoom()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """A self-signed certificate and its key for 127.0.0.1, in one PEM file."""
    return loopback_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture(scope="session")
def certificate_of_another_host(tmp_path_factory) -> Path:
    return loopback_certificate(tmp_path_factory.mktemp("tls") / "other.pem", address="127.0.0.2")


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    return loopback_tls(certificate)


@pytest.fixture
def other_tls(certificate_of_another_host: Path) -> ssl.SSLContext:
    return loopback_tls(certificate_of_another_host)


@pytest.fixture
def start(mail_room: MailRoom) -> Iterator[Callable[..., str]]:
    """Start aiosmtpd on a free port, which its own controller can't, and give its `host:port`."""
    smtp = pytest.importorskip("aiosmtpd.smtp", reason="mail goes to a real server: pip install aiosmtpd")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = []

    async def serve(ssl_context: ssl.SSLContext | None, settings: dict) -> str:
        server = await loop.create_server(
            lambda: smtp.SMTP(mail_room, hostname="loopback", loop=loop, **settings),
            "127.0.0.1",
            0,
            ssl=ssl_context,
        )
        running.append(server)
        return f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def start(*, ssl_context: ssl.SSLContext | None = None, **settings) -> str:
        return asyncio.run_coroutine_threadsafe(serve(ssl_context, settings), loop).result()

    async def stop() -> None:
        for server in running:
            server.close()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    yield start
    asyncio.run_coroutine_threadsafe(stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(name="closed_port")
def port_where_nobody_listens() -> int:
    return closed_port()
