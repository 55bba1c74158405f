"""Endpoint: where events are posted, read from a URL.

Decides which URLs can work. Invariants: without TLS nothing leaves this machine; every fault of a URL
is reported at once; neither the path, which may be the receiver's secret, nor a signing secret is ever shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from dcss_core import errors
from dcss_core.plugins import UrlAddress, UrlOptions
from dcss_core_webhook.signing_secrets import read_secrets

_SCHEMES: Final = ("webhook+https", "webhook+http")
_OPTIONS: Final = ("key_file", "timeout_seconds", "ca_file")
_DEFAULT_TIMEOUT_SECONDS: Final = 10
_LONGEST_TIMEOUT_SECONDS: Final = 300
_EXAMPLE: Final = "webhook+https://events.example.gov/dcss?key_file=/etc/dcss/webhook.key"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events are posted and the secrets that sign them, newest first."""

    host: str
    port: int | None
    is_encrypted: bool
    path: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)
    timeout_seconds: int
    ca_file: str | None

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `webhook+https://host/path?key_file=…`; raises ConfigurationError with every fault."""
        address = UrlAddress.read(url)
        if address is None or address.parts.scheme not in _SCHEMES:
            fault = errors.Fault("the URL", "text that can't be read", f"a URL as {_EXAMPLE}")
            raise refused([fault])
        is_encrypted = address.parts.scheme == "webhook+https"
        options = UrlOptions.read(address.parts.query, known=_OPTIONS)
        secrets, faults_of_secrets = read_secrets(options.text("key_file"))
        faults = [
            *address.faults("events.example.gov", instead=None if is_encrypted else "webhook+https://"),
            *_faults_of_the_rest(address),
            *_faults_of_options(options, is_encrypted=is_encrypted),
            *faults_of_secrets,
        ]
        if faults:
            raise refused(faults)
        return cls(
            host=address.host,
            port=address.port,
            is_encrypted=is_encrypted,
            path=address.parts.path or "/",
            secrets=secrets,
            timeout_seconds=options.number("timeout_seconds", default=_DEFAULT_TIMEOUT_SECONDS),
            ca_file=options.given.get("ca_file"),
        )


def _faults_of_the_rest(address: UrlAddress) -> Iterator[errors.Fault]:
    if address.has_login:
        yield errors.Fault("the URL", "a user or password", "none: the signature says who posts")
    yield from address.faults_of_target()


def _faults_of_options(options: UrlOptions, *, is_encrypted: bool) -> Iterator[errors.Fault]:
    yield from options.faults
    yield from options.faults_of_number("timeout_seconds", largest=_LONGEST_TIMEOUT_SECONDS)
    if not is_encrypted and "ca_file" in options.given:
        yield errors.Fault("ca_file", "a connection without TLS", "webhook+https://")


def refused(faults: list[errors.Fault]) -> errors.ConfigurationError:
    """The error for a URL that can't work."""
    return errors.ConfigurationError("events can't be posted to this URL", faults=faults)
