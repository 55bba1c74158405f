"""MailServer: where mail is handed in, read from a URL.

Decides which URLs can work. Invariants: without TLS nothing leaves this machine, for letters hold codes and
passwords; credentials travel inside TLS or not at all; every fault of a URL is reported at once; no part of a
URL is repeated in an error, for a password with an unescaped `/`, `?` or `#` turns up as any part of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Self

from dcss_core import Secret, errors
from dcss_core.plugins import UrlAddress, UrlOptions, is_mail_address

_OPTIONS: Final = ("from", "timeout_seconds", "ca_file")
_DEFAULT_TIMEOUT_SECONDS: Final = 30  # for a whole delivery; servers let strangers wait before they greet
_LONGEST_TIMEOUT_SECONDS: Final = 300
_EXAMPLE: Final = "smtp+starttls://user:password@mail.example.gov?from=child-support@example.gov"


class Security(Enum):
    """How the connection is protected; the value is the scheme of the URL."""

    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


_SCHEMES: Final = {security.value: security for security in Security}
_WITH_TLS: Final = "smtp+starttls:// or smtps://"
_DEFAULT_PORTS: Final = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}  # RFC 5321, 6409, 8314


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server and how to sign in to it; user and password are both there or both empty."""

    security: Security
    host: str
    port: int
    sender: str
    timeout_seconds: int
    ca_file: str | None
    user: str = field(repr=False)
    password: Secret

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `smtp+starttls://user:password@host:port?from=…`; raises ConfigurationError, all faults."""
        address = UrlAddress.read(url)
        security = _SCHEMES.get(address.parts.scheme) if address is not None else None
        if address is None or security is None:
            fault = errors.Fault("the URL", "text that can't be read as one", f"a URL as {_EXAMPLE}")
            raise _refused([fault])
        options = UrlOptions.read(address.parts.query, known=_OPTIONS)
        faults = [*_faults_of_place(address, security), *_faults_of_sign_in(address, security)]
        faults += _faults_of_options(options, security)
        if faults:
            raise _refused(faults)
        return cls(
            security=security,
            host=address.host,
            port=address.port or _DEFAULT_PORTS[security],
            sender=options.text("from"),
            timeout_seconds=options.number("timeout_seconds", default=_DEFAULT_TIMEOUT_SECONDS),
            ca_file=options.given.get("ca_file"),
            user=address.user,
            password=address.password,
        )

    @property
    def sender_domain(self) -> str:
        """The domain of the sender's address."""
        return self.sender.partition("@")[2]


def _faults_of_place(address: UrlAddress, security: Security) -> Iterator[errors.Fault]:
    in_clear = security is Security.NONE
    yield from address.faults("mail.example.gov", instead=_WITH_TLS if in_clear else None)
    if address.parts.path not in ("", "/") or address.parts.fragment:
        yield errors.Fault(
            "the URL", "text after the host", "only '?' and options; write '/' as %2F, '#' as %23"
        )


def _faults_of_sign_in(address: UrlAddress, security: Security) -> Iterator[errors.Fault]:
    user, password = address.user, address.password.reveal()
    if not user and not password:
        return
    if security is Security.NONE:
        yield errors.Fault("user and password", "a connection without TLS", _WITH_TLS)
    if not (user and password):
        yield errors.Fault("user and password", "one without the other", "both or neither")
    if not all(text.isascii() and text.isprintable() for text in (user, password)):
        yield errors.Fault("user and password", "characters SMTP can't sign in with", "printable ASCII")


def _faults_of_options(options: UrlOptions, security: Security) -> Iterator[errors.Fault]:
    yield from options.faults
    if not is_mail_address(options.text("from")):
        yield errors.Fault("from", "no mail address", "the sender's, as child-support@example.gov")
    yield from options.faults_of_number("timeout_seconds", largest=_LONGEST_TIMEOUT_SECONDS)
    if security is Security.NONE and "ca_file" in options.given:
        yield errors.Fault("ca_file", "a connection without TLS", _WITH_TLS)


def _refused(faults: list[errors.Fault]) -> errors.ConfigurationError:
    return errors.ConfigurationError("mail can't be sent with this URL", faults=faults)
