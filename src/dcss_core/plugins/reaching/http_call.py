"""HttpPlace: one request to a web server, and its answer, within a time and a size.

Decides what is sent (HTTP/1.1, RFC 9112) and how much of an answer is read. Invariants: one connection a
request, which is closed after it; no redirect is followed, no proxy taken from the environment, nothing is
logged; an answer that does not say where it ends, or ends before that, is not whole.
"""

import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import Final

import attrs

from dcss_core.plugins.reaching.connection import Connection

_PORTS: Final = {"http": 80, "https": 443}
_MOST_BEFORE_A_BODY: Final = 65_536  # bytes of a status line and headers


@attrs.frozen
class HttpAnswer:
    """What a web server answered; `body` is None where it shows no end, is too long or wasn't asked for.

    The names of headers are in lower case.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes | None = attrs.field(repr=False)


@attrs.frozen
class HttpPlace:
    """A web server; without `tls` it is spoken to in clear."""

    host: str
    port: int | None
    tls: ssl.SSLContext | None

    def call(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        content: bytes | None = None,
        *,
        seconds: float,
        most_bytes: int = 0,
    ) -> HttpAnswer:
        """Send one request; `most_bytes` of its body are read, none where that is 0.

        Raises OSError for whatever a network or a far side can cause: TimeoutError when the time is over,
        ConnectionAbortedError for an answer that is none.
        """
        request = self._request(method, target, headers, content)
        most_at_all = _MOST_BEFORE_A_BODY + most_bytes
        with Connection.to(
            self.host, self.port or _PORTS[self._scheme], seconds=seconds, most_bytes=most_at_all
        ) as connection:
            if self.tls is not None:
                connection.secured(self.tls, self.host)
            connection.sendall(request)
            response = HTTPResponse(connection, method=method)  # type: ignore[arg-type]  # what it needs of a socket
            try:
                response.begin()
                body = _body(response, most_bytes)
            except (HTTPException, ValueError):
                raise ConnectionAbortedError("the answer is no answer of a web server") from None
            finally:
                response.close()
        return HttpAnswer(
            response.status, {name.lower(): value for name, value in response.getheaders()}, body
        )

    @property
    def _scheme(self) -> str:
        return "http" if self.tls is None else "https"

    def _request(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port not in (None, _PORTS[self._scheme]):
            host += f":{self.port}"
        length = {} if content is None else {"Content-Length": str(len(content))}
        whole = {"Host": host, **headers, **length}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in whole.items())]
        if not all(line.isascii() and line.isprintable() for line in lines):
            raise ValueError("a request is lines of printable ASCII")
        return "\r\n".join([*lines, "", ""]).encode("ascii") + (content or b"")


def _body(response: HTTPResponse, most_bytes: int) -> bytes | None:
    if not most_bytes:
        return None
    if response.length is not None:
        return response.read() if response.length <= most_bytes else None
    if not response.chunked:  # it ends where the connection does, so that half of it would look whole
        if not response.read(1):
            raise ConnectionAbortedError("the answer ends before its body")
        return None
    body = response.read(most_bytes + 1)
    return body if len(body) <= most_bytes else None
