"""HibpBreachCheck: asks the range API for the hashes that begin like the password's.

Decides what is sent, when it is sent again and what each outcome means. Invariants: of a password only
the first five hexadecimal digits of its SHA-1 hash leave this process (k-anonymity), and nothing of it is
logged or raised; a look-up takes no longer than its budget, whatever the far side does; an answer is read up
to a size; what is not an answer in full is no answer, never "not seen", unless it names the hash.
"""

import hashlib
import ssl
import time
from typing import Final

from dcss_core import Secret
from dcss_core.plugins import (
    BreachAnswer,
    BreachCheckUnavailable,
    HttpAnswer,
    HttpPlace,
    SeenInBreaches,
)
from dcss_core_hibp.range_answer import times_seen
from dcss_core_hibp.range_api import RangeApi

_BUDGET_SECONDS: Final = 2.0
_LARGEST_ANSWER: Final = 1_048_576  # bytes; the 1,000 rows of a padded answer are about 40,000
_PREFIX_DIGITS: Final = 5
_AT_ONCE: Final = 0.0
_HEADERS: Final = {
    "User-Agent": "dcss-core-hibp",
    "Add-Padding": "true",
    "Accept": "text/plain",
    "Accept-Encoding": "identity",
}

_UNREACHABLE: Final = BreachCheckUnavailable("unreachable")
_TIMED_OUT: Final = BreachCheckUnavailable("timed_out")
_ERROR_ANSWER: Final = BreachCheckUnavailable("error_answer")
_UNREADABLE: Final = BreachCheckUnavailable("unreadable_answer")


class HibpBreachCheck:
    """One range API. Safe to use from several threads; nothing is kept open between look-ups."""

    def __init__(self, api: RangeApi) -> None:
        self._api = api
        tls = ssl.create_default_context() if api.is_encrypted else None
        self._place = HttpPlace(api.host, api.port, tls)

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
        """Do nothing: no connection outlives the look-up it was opened for."""

    def _ask(self, prefix: str, suffix: str, deadline: float) -> tuple[BreachAnswer, float | None]:
        """One attempt, and after how many seconds another may help; None when it can't."""
        try:
            answer = self._place.call(
                "GET",
                self._api.path + prefix,
                _HEADERS,
                seconds=deadline - time.monotonic(),
                most_bytes=_LARGEST_ANSWER,
            )
        except TimeoutError:
            return _TIMED_OUT, None
        except ConnectionAbortedError:  # cut short, or no answer of a web server
            return _UNREADABLE, _AT_ONCE
        except OSError:
            return _UNREACHABLE, _AT_ONCE
        if answer.status != 200:
            return _ERROR_ANSWER, _wait_seconds(answer)
        times = None if answer.body is None else times_seen(suffix, answer.body)
        return (_UNREADABLE if times is None else SeenInBreaches(times)), None


def _wait_seconds(answer: HttpAnswer) -> float | None:
    if answer.status >= 500:
        return _AT_ONCE
    after = answer.headers.get("retry-after", "")
    if answer.status == 429 and after.isascii() and after.isdigit():  # RFC 6585 4, RFC 9110 10.2.3
        return float(after)
    return None
