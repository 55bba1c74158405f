"""Loopback: a web server on this machine, a certificate for it, and a port where nobody listens.

For tests of a plugin that speaks with a far side. Nothing leaves the machine, and a server ends with its
`with` block.
"""

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_HERE: Final = "127.0.0.1"
_A_DAY: Final = datetime.timedelta(days=1)
_LOOK_SECONDS: Final = 0.02  # how soon a server sees that it ends


class _Server(ThreadingHTTPServer):
    """A server that says nothing of clients which hung up: some tests are about those."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


@contextmanager
def loopback_server(
    handler: type[BaseHTTPRequestHandler], *, tls: ssl.SSLContext | None = None
) -> Iterator[ThreadingHTTPServer]:
    """Serve on a port of its own, `server_port`, each request in a thread, until the block is left."""
    with _Server((_HERE, 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": _LOOK_SECONDS})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def loopback_certificate(path: Path, *, address: str = _HERE) -> Path:
    """Write a self-signed certificate for an address, and its key, into one PEM file; good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    host = x509.IPAddress(ipaddress.ip_address(address))
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _A_DAY)
        .not_valid_after(now + _A_DAY)
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(key_pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def loopback_tls(certificate: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with a certificate of `loopback_certificate`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.create_server((_HERE, 0)) as listener:
        return int(listener.getsockname()[1])
