"""RangeApi: where ranges of breached passwords are asked for, read from a URL.

Decides which URLs can work. Invariants: without TLS nothing leaves this machine; every fault of a URL
is reported at once; the path, which may be a mirror's secret, is never shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from dcss_core import errors
from dcss_core.plugins import UrlAddress

_PUBLIC: Final = "hibp:"
_PUBLIC_API: Final = "hibp+https://api.pwnedpasswords.com"
_SCHEMES: Final = ("hibp+https", "hibp+http")
_EXAMPLE: Final = "hibp: or hibp+https://passwords.example.gov"
_PATH: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")  # RFC 3986 section 3.3


@dataclass(frozen=True, slots=True)
class RangeApi:
    """The host that answers, and the path to which the beginning of a hash is appended."""

    host: str
    port: int | None
    is_encrypted: bool
    path: str = field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `hibp:` or the URL of a mirror; raises ConfigurationError with every fault."""
        address = UrlAddress.read(_PUBLIC_API if url.lower() == _PUBLIC else url)
        if address is None or address.parts.scheme not in _SCHEMES:
            raise _refused([errors.Fault("the URL", "text that can't be read", _EXAMPLE)])
        faults = list(_faults(address))
        if faults:
            raise _refused(faults)
        is_encrypted = address.parts.scheme == "hibp+https"
        return cls(address.host, address.port, is_encrypted, f"{address.parts.path.rstrip('/')}/range/")


def _faults(address: UrlAddress) -> Iterator[errors.Fault]:
    in_clear = address.parts.scheme == "hibp+http"
    yield from address.faults("passwords.example.gov", instead="hibp+https://" if in_clear else None)
    if address.has_login:
        yield errors.Fault("the URL", "a user or password", "none: a range is asked for without")
    if not _PATH.fullmatch(address.parts.path):
        yield errors.Fault("path", "a character no URL may hold", "letters, digits and %-encoded others")
    if address.parts.query or address.parts.fragment:
        yield errors.Fault("the URL", "text after '?' or '#'", "none: there are no options")


def _refused(faults: list[errors.Fault]) -> errors.ConfigurationError:
    return errors.ConfigurationError("breached passwords can't be looked up at this URL", faults=faults)
