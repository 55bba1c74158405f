"""Endpoint: where events are posted, read from a URL.

Decides which URLs can work. Invariants: without TLS nothing leaves this machine; every fault of a URL
is reported at once; neither the path, which may be the receiver's secret, nor a signing secret is ever shown.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from dcss_core import errors
from dcss_core.plugins import UrlOptions
from dcss_core_webhook.signing_secrets import read_secrets

_SCHEMES: Final = {"webhook+https": "https", "webhook+http": "http"}
_OPTIONS: Final = ("key_file", "timeout_seconds", "ca_file")
_DEFAULT_TIMEOUT_SECONDS: Final = 10
_LONGEST_TIMEOUT_SECONDS: Final = 300
_EXAMPLE: Final = "webhook+https://events.example.gov/dcss?key_file=/etc/dcss/webhook.key"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"  # RFC 1123 section 2.1
_HOST: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The URL events are posted to and the secrets that sign them, newest first."""

    host: str
    url: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)
    timeout_seconds: int
    ca_file: str | None

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `webhook+https://host/path?key_file=…`; raises ConfigurationError with every fault."""
        try:
            parts = urlsplit(url)
            scheme = _SCHEMES[parts.scheme]
            host, port = parts.hostname or "", parts.port
        except (ValueError, KeyError):  # their text repeats what stands where the port should
            raise refused(
                [errors.Fault("the URL", "text that can't be read", f"a URL as {_EXAMPLE}")]
            ) from None
        options = UrlOptions.read(parts.query, known=_OPTIONS)
        secrets, faults_of_secrets = read_secrets(options.text("key_file"))
        faults = [
            *_faults_of_place(parts, host, port),
            *_faults_of_options(options, scheme),
            *faults_of_secrets,
        ]
        if faults:
            raise refused(faults)
        return cls(
            host=host,
            url=urlunsplit((scheme, parts.netloc, parts.path or "/", "", "")),
            secrets=secrets,
            timeout_seconds=options.number("timeout_seconds", default=_DEFAULT_TIMEOUT_SECONDS),
            ca_file=options.given.get("ca_file"),
        )


def _faults_of_place(parts: SplitResult, host: str, port: int | None) -> Iterator[errors.Fault]:
    if not (_HOST.fullmatch(host) or _ip_address(host)):
        yield errors.Fault("host", "no host name", "the receiver's, as events.example.gov")
    elif parts.scheme == "webhook+http" and not _is_this_machine(host):
        yield errors.Fault("host", "another machine without TLS", "webhook+https://")
    if port == 0:
        yield errors.Fault("port", "0", "1 to 65535")
    if parts.username is not None or parts.password is not None:
        yield errors.Fault("the URL", "a user or password", "none: the signature says who posts")
    if parts.fragment:
        yield errors.Fault("the URL", "text after '#'", "none")


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_this_machine(host: str) -> bool:
    address = _ip_address(host)
    return host == "localhost" if address is None else address.is_loopback


def _faults_of_options(options: UrlOptions, scheme: str) -> Iterator[errors.Fault]:
    yield from options.faults
    yield from options.faults_of_number("timeout_seconds", largest=_LONGEST_TIMEOUT_SECONDS)
    if scheme == "http" and "ca_file" in options.given:
        yield errors.Fault("ca_file", "a connection without TLS", "webhook+https://")


def refused(faults: list[errors.Fault]) -> errors.ConfigurationError:
    """The error for a URL that can't work."""
    return errors.ConfigurationError("events can't be posted to this URL", faults=faults)
