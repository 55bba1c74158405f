"""HttpPlace: one request to a web server, and its answer, within a time and a size.

Decides how much of an answer is read; httpx decides what is sent and what an answer is (HTTP/1.1, RFC 9112).
Invariants: one connection a request, which is closed after it; no redirect is followed, no proxy taken from
the environment, nothing is logged; an answer that does not say where it ends, or ends before that, is not
whole.
"""

import ssl
from collections.abc import Mapping
from contextlib import closing
from typing import Final

import attrs
import httpcore
import httpx

from dcss_core.plugins.reaching.http_transport import OneConnection
from dcss_core.plugins.reaching.unlogged import unlogged

_MOST_BEFORE_A_BODY: Final = 65_536  # bytes of a status line and headers
_NO_ANSWER: Final = "the answer is no answer of a web server"
_NO_REQUEST: Final = "a request is lines of printable ASCII, as HTTP writes them"


@attrs.frozen
class HttpAnswer:
    """What a web server answered; `body` is None where it shows no end, is too long or wasn't asked for.

    The names of headers are in lower case; `location` and `set-cookie` are left out.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes | None = attrs.field(repr=False)


@attrs.frozen
class HttpPlace:
    """A web server; without `tls` it is spoken to in clear.

    httpx speaks to it, which dcss-core does not bring: a plugin that uses this depends on httpx and httpcore.
    """

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
        ConnectionAbortedError for an answer that is none; and ValueError for a request HTTP can't write.
        """
        request = self._request(method, target, headers, content)
        most_at_all = _MOST_BEFORE_A_BODY + most_bytes
        over = OneConnection(self.tls, seconds=seconds, most_bytes=most_at_all)
        with unlogged(), httpx.Client(transport=over, follow_redirects=False, trust_env=False) as client:
            try:
                with closing(client.send(request, stream=True)) as answer:
                    body = _body(answer, most_bytes)
            except httpcore.RemoteProtocolError:
                raise ConnectionAbortedError(_NO_ANSWER) from None
            except httpcore.LocalProtocolError:
                raise ValueError(_NO_REQUEST) from None
        if not answer.http_version.startswith("HTTP/1."):  # RFC 9110 2.5: who speaks another was not asked
            raise ConnectionAbortedError(_NO_ANSWER)
        return HttpAnswer(answer.status_code, dict(answer.headers), None if over.has_ended else body)

    def _request(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Request:
        lines = (self.host, target, *headers, *headers.values())
        if not all(line.isascii() and line.isprintable() for line in lines):
            raise ValueError(_NO_REQUEST)
        scheme = "http" if self.tls is None else "https"
        try:
            url = httpx.URL(scheme=scheme, host=self.host, port=self.port, path="/")
        except httpx.InvalidURL:
            raise ValueError(_NO_REQUEST) from None
        return httpx.Request(
            method, url, headers=headers, content=content, extensions={"target": target.encode("ascii")}
        )


def _body(answer: httpx.Response, most_bytes: int) -> bytes | None:
    """All of the body, as it was sent; None where it is more."""
    if not most_bytes:
        return None
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if len(body) > most_bytes:
            return None
    return bytes(body)
