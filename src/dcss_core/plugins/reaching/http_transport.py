"""OneConnection: what httpx speaks over for one request, a Connection of its own.

Decides nothing of HTTP, which httpcore speaks; it gives httpcore a network that ends in time. Invariants:
every byte goes through one Connection, with its deadline and its bytes, whatever limits httpx has; whatever
the network causes is the OSError that it caused.
"""

import ssl
from collections.abc import Iterator
from typing import Any, Final

import httpcore
import httpx

from dcss_core.plugins.reaching.connection import Connection

_ACTED_ON: Final = frozenset({b"location", b"set-cookie"})
"""Headers that httpx reads by itself, though it follows no redirect, and fails where they are odd."""


class OneConnection(httpx.BaseTransport):
    """A transport of httpx for one request; closing it closes the connection."""

    def __init__(self, tls: ssl.SSLContext | None, *, seconds: float, most_bytes: int) -> None:
        self._network = _Network(seconds, most_bytes)
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=self._network, retries=0)

    @property
    def has_ended(self) -> bool:
        """Whether the far side ended the connection before what it said was seen to be whole."""
        return self._network.has_ended

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it to the extension `target` of its host, as it is written there."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.extensions["target"],
        )
        asked = httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read())
        answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status,
            headers=[(name, value) for name, value in answer.headers if name.lower() not in _ACTED_ON],
            stream=_Said(answer),
            extensions={"http_version": answer.extensions["http_version"]},
        )

    def close(self) -> None:
        """End the connection."""
        self._pool.close()


class _Said(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Network(httpcore.NetworkBackend):
    """Connects by a Connection; the limits of httpcore hold for each step alone, so that none is used."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self.has_ended = False

    def connect_tcp(self, host: str, port: int, *_limits: Any, **_more: Any) -> httpcore.NetworkStream:
        connection = Connection.to(host, port, seconds=self._seconds, most_bytes=self._most_bytes)
        return _Stream(self, connection, host)


class _Stream(httpcore.NetworkStream):
    def __init__(self, network: _Network, connection: Connection, host: str) -> None:
        self._network = network
        self._connection = connection
        self._host = host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        said = bytearray(max_bytes)
        count = self._connection.recv_into(memoryview(said))
        self._network.has_ended = not count
        return bytes(said[:count])

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._connection.sendall(buffer)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._connection.secured(ssl_context, self._host)
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        self._connection.close()
