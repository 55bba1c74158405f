"""UrlAddress: the machine that a plugin's URL names.

Decides which text names a machine: a host name (RFC 1123, section 2.1), an IPv4 address of four decimal
numbers, or an IPv6 address in brackets. Invariants: what other programs read otherwise names none: a name
that ends in a number is an address in another notation to some (`0177.0.0.1`, `2130706433`, `127.1`), and a
text before or behind brackets is passed over by others; no fault repeats a part of a URL, for a password that
was not escaped turns up as any part of it.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Self
from urllib.parse import SplitResult, unquote, urlsplit

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import Fault

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", re.ASCII)
_ENDS_IN_A_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)", re.ASCII)
_PLACE: Final = re.compile(
    r"(?:\[(?P<inside>[^\[\]]*)\]|(?P<host>[^\[\]:]*))(?::(?P<port>[0-9]{0,5}))?", re.ASCII
)
_PATH: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")  # RFC 3986 section 3.3
_HIGHEST_PORT: Final = 65_535
_THIS_MACHINE: Final = "localhost"


@attrs.frozen
class UrlAddress:
    """A machine and a port, and who signs in there; the rest of the URL is in `parts`.

    `host` is as a socket takes it: an IPv6 address without brackets. A plugin reads a URL so::

        address = UrlAddress.read(url)
        if address is None or address.parts.scheme not in ("mine+https", "mine+http"):
            raise ConfigurationError("mine can't be reached by this URL", faults=[…])
        in_clear = address.parts.scheme == "mine+http"
        faults = [*address.faults("mail.example.gov", instead="mine+https://" if in_clear else None)]
    """

    parts: SplitResult = attrs.field(repr=False)
    host: str
    port: int | None
    is_machine: bool
    user: str = attrs.field(repr=False)
    password: Secret

    @classmethod
    def read(cls, url: str) -> Self | None:
        """Read a URL; None for a text that can't be read as one."""
        if not url.isprintable() or url != url.strip():  # what others leave out or take for an end
            return None
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        login, _, place = parts.netloc.rpartition("@")
        found = _PLACE.fullmatch(place)
        port = int(found["port"] or 0) if found else 0
        if found is None or port > _HIGHEST_PORT:
            return None
        user, _, password = login.partition(":")
        inside = found["inside"]
        host = found["host"] if inside is None else inside
        is_machine = is_host(host) if inside is None else _is_ipv6(host)
        return cls(
            parts,
            host.lower(),
            port if found["port"] else None,
            is_machine,
            unquote(user),
            Secret(unquote(password)),
        )

    @property
    def has_login(self) -> bool:
        """Whether something stands before an `@`."""
        return "@" in self.parts.netloc

    @property
    def is_this_machine(self) -> bool:
        """Whether it is reached without a network: `localhost`, 127.0.0.0/8 or `::1`."""
        if not self.is_machine or self.host == _THIS_MACHINE:
            return self.is_machine
        try:
            return (IPv6Address(self.host) if ":" in self.host else IPv4Address(self.host)).is_loopback
        except ValueError:
            return False

    def faults(self, example: str, *, instead: str | None = None) -> Iterator[Fault]:
        """What is wrong with host and port; `example` is a host there could be.

        `instead` is the scheme to take where this URL's has no TLS: without it no other machine is reached.
        """
        if not self.is_machine:
            yield Fault("host", "no host name", f"a name, as {example}, or an address, as 192.0.2.1 or [::1]")
        elif instead is not None and not self.is_this_machine:
            yield Fault("host", "another machine without TLS", instead)
        if self.port == 0:
            yield Fault("port", "0", f"1 to {_HIGHEST_PORT}")

    def faults_of_target(self) -> Iterator[Fault]:
        """What is wrong with the path, and with what stands behind `#`, which no far side is sent."""
        if not _PATH.fullmatch(self.parts.path):
            yield Fault("path", "a character no URL may hold", "letters, digits and %-encoded others")
        if self.parts.fragment:
            yield Fault("the URL", "text after '#'", "none")


def is_host(text: str) -> bool:
    """Whether a text is a host name, or an IPv4 address of four decimal numbers."""
    if _ENDS_IN_A_NUMBER.fullmatch(text):
        try:
            return str(IPv4Address(text)) == text
        except ValueError:
            return False
    return _NAME.fullmatch(text) is not None


def _is_ipv6(text: str) -> bool:
    try:
        return IPv6Address(text).scope_id is None
    except ValueError:
        return False
