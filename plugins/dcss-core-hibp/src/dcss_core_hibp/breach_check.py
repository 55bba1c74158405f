"""HibpBreachCheck: asks the range API for the hashes that begin like the password's.

Decides what is sent, when it is sent again and what each outcome means. Invariants: of a password only
the first five hexadecimal digits of its SHA-1 hash leave this process (k-anonymity), and nothing of it is
logged or raised; no redirect is followed and no proxy taken from the environment; an answer is read up
to a size and a time; what is not an answer in full is no answer, never "not seen", unless it names the hash.
"""

import hashlib
import ssl
import time
from typing import Final

import httpx

from dcss_core import Secret
from dcss_core.plugins import BreachAnswer, BreachCheckUnavailable, SeenInBreaches
from dcss_core_hibp.range_answer import times_seen
from dcss_core_hibp.range_api import RangeApi

_BUDGET_SECONDS: Final = 2.0  # after which nothing more is sent and no more of an answer read
_STEP_SECONDS: Final = 1.0
_LARGEST_ANSWER: Final = 1_048_576  # bytes; the 1,000 rows of a padded answer are about 40,000
_PREFIX_DIGITS: Final = 5
_AT_ONCE: Final = 0.0

_UNREACHABLE: Final = BreachCheckUnavailable("unreachable")
_TIMED_OUT: Final = BreachCheckUnavailable("timed_out")
_ERROR_ANSWER: Final = BreachCheckUnavailable("error_answer")
_UNREADABLE: Final = BreachCheckUnavailable("unreadable_answer")


class HibpBreachCheck:
    """One range API. Safe to use from several threads."""

    def __init__(self, api: RangeApi) -> None:
        self._api = api
        # The transport and not a Client, which logs every URL and asks the environment for proxies.
        self._transport = httpx.HTTPTransport(verify=ssl.create_default_context())

    def __repr__(self) -> str:
        return f"HibpBreachCheck({self._api.host})"

    def look_up(self, password: Secret) -> BreachAnswer:
        """Ask how often the password was seen; whatever a network can cause is a BreachCheckUnavailable."""
        text = password.reveal().encode("utf-8", "surrogatepass")
        digest = hashlib.sha1(text, usedforsecurity=False).hexdigest().upper()
        prefix, suffix = digest[:_PREFIX_DIGITS], digest[_PREFIX_DIGITS:]
        deadline = time.monotonic() + _BUDGET_SECONDS
        answer, wait_seconds = self._ask(prefix, suffix, deadline)
        if wait_seconds is not None and time.monotonic() + wait_seconds < deadline:
            time.sleep(wait_seconds)
            answer, _ = self._ask(prefix, suffix, deadline)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _ask(self, prefix: str, suffix: str, deadline: float) -> tuple[BreachAnswer, float | None]:
        """One attempt, and after how many seconds another may help; None when it can't."""
        try:
            response = self._transport.handle_request(self._request(prefix, deadline))
            try:
                if response.status_code != 200:
                    return _ERROR_ANSWER, _wait_seconds(response)
                body = _body(response, deadline)
            finally:
                response.close()
        except httpx.TimeoutException:
            return _TIMED_OUT, None
        except httpx.NetworkError:
            return _UNREACHABLE, _AT_ONCE
        except httpx.TransportError:  # cut short, or on a connection that the far side had given up
            return _UNREADABLE, _AT_ONCE
        times = None if body is None else times_seen(suffix, body)
        return (_UNREADABLE if times is None else SeenInBreaches(times)), None

    def _request(self, prefix: str, deadline: float) -> httpx.Request:
        headers = {
            "User-Agent": "dcss-core-hibp",
            "Add-Padding": "true",
            "Accept": "text/plain",
            "Accept-Encoding": "identity",
        }
        seconds = max(0.0, min(_STEP_SECONDS, deadline - time.monotonic()))
        timeout = httpx.Timeout(seconds).as_dict()
        return httpx.Request("GET", self._api.url + prefix, headers=headers, extensions={"timeout": timeout})


def _wait_seconds(response: httpx.Response) -> float | None:
    if response.status_code >= 500:
        return _AT_ONCE
    after = response.headers.get("Retry-After", "")
    if response.status_code == 429 and after.isascii() and after.isdigit():  # RFC 6585 4, RFC 9110 10.2.3
        return float(after)
    return None


def _body(response: httpx.Response, deadline: float) -> bytes | None:
    """The body, or None for one that can't be an answer; raises ReadTimeout past the deadline."""
    if "Content-Length" not in response.headers and "Transfer-Encoding" not in response.headers:
        return None  # it ends where the connection does, so that half of it would look whole
    body = bytearray()
    for part in response.iter_raw():  # as it came: small on the wire must not be large in memory
        body += part
        if len(body) > _LARGEST_ANSWER:
            return None
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
    return bytes(body)
