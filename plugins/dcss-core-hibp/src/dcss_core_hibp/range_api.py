"""RangeApi: where ranges of breached passwords are asked for, read from a URL.

Decides which URLs can work. Invariants: without TLS nothing leaves this machine; every fault of a URL
is reported at once; the path, which may be a mirror's secret, is never shown.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from dcss_core import errors

_PUBLIC: Final = "hibp:"
_PUBLIC_API: Final = "hibp+https://api.pwnedpasswords.com"
_SCHEMES: Final = {"hibp+https": "https", "hibp+http": "http"}
_EXAMPLE: Final = "hibp: or hibp+https://passwords.example.gov"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"  # RFC 1123 section 2.1
_HOST: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_PATH: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")  # RFC 3986 section 3.3


@dataclass(frozen=True, slots=True)
class RangeApi:
    """The host that answers, and the URL to which the beginning of a hash is appended."""

    host: str
    url: str = field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `hibp:` or the URL of a mirror; raises ConfigurationError with every fault."""
        try:
            parts = urlsplit(_PUBLIC_API if url.lower() == _PUBLIC else url)
            scheme = _SCHEMES[parts.scheme]
            host, port = parts.hostname or "", parts.port
        except (ValueError, KeyError):  # their text repeats what stands where the port should
            raise _refused([errors.Fault("the URL", "text that can't be read", _EXAMPLE)]) from None
        faults = list(_faults(parts, host, port))
        if faults:
            raise _refused(faults)
        path = f"{parts.path.rstrip('/')}/range/"
        return cls(host=host, url=urlunsplit((scheme, parts.netloc, path, "", "")))


def _faults(parts: SplitResult, host: str, port: int | None) -> Iterator[errors.Fault]:
    address = _ip_address(host)
    if address is None and not _HOST.fullmatch(host):
        yield errors.Fault("host", "no host name", "the mirror's, as passwords.example.gov")
    elif parts.scheme == "hibp+http" and not (address.is_loopback if address else host == "localhost"):
        yield errors.Fault("host", "another machine without TLS", "hibp+https://")
    if port == 0:
        yield errors.Fault("port", "0", "1 to 65535")
    if parts.username is not None or parts.password is not None:
        yield errors.Fault("the URL", "a user or password", "none: a range is asked for without")
    if not _PATH.fullmatch(parts.path):
        yield errors.Fault("path", "a character no URL may hold", "letters, digits and %-encoded others")
    if parts.query or parts.fragment:
        yield errors.Fault("the URL", "text after '?' or '#'", "none: there are no options")


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refused(faults: list[errors.Fault]) -> errors.ConfigurationError:
    return errors.ConfigurationError("breached passwords can't be looked up at this URL", faults=faults)
