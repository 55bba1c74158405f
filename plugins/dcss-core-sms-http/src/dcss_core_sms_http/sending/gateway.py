"""Gateway: where texts are handed in and how, read from a URL and the file that it names.

Decides which URLs and files can work. Invariants: without TLS nothing leaves this machine; every fault of
both is reported at once; neither the path, which may be the gateway's secret, nor a secret is ever shown.
"""

from collections.abc import Iterator
from typing import Final, Self

import attrs

from dcss_core import errors
from dcss_core.plugins import UrlAddress, UrlOptions
from dcss_core_sms_http.file.toml_file import read_toml
from dcss_core_sms_http.sending.answer_rules import AnswerRules
from dcss_core_sms_http.sending.request_template import RequestTemplate

_SCHEMES: Final = ("sms+https", "sms+http")
_OPTIONS: Final = ("config", "timeout_seconds", "ca_file")
_DEFAULT_TIMEOUT_SECONDS: Final = 10
_LONGEST_TIMEOUT_SECONDS: Final = 300
_DEFAULT_MOST_PARTS: Final = 4
_MOST_PARTS: Final = 255  # 3GPP TS 23.040, section 9.2.3.24.1: they are counted in one octet
_EXAMPLE: Final = "sms+https://gateway.example.gov/send?config=/etc/dcss/sms.toml"


@attrs.frozen
class Gateway:
    """A gateway, what it is sent and what its answers mean."""

    host: str
    port: int | None
    is_encrypted: bool
    path: str = attrs.field(repr=False)
    timeout_seconds: int
    ca_file: str | None
    most_parts: int
    request: RequestTemplate
    answer: AnswerRules

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `sms+https://host/path?config=…` and the file; raises ConfigurationError with every fault."""
        address = UrlAddress.read(url)
        if address is None or address.parts.scheme not in _SCHEMES:
            raise refused([errors.Fault("the URL", "text that can't be read", f"a URL as {_EXAMPLE}")])
        is_encrypted = address.parts.scheme == "sms+https"
        options = UrlOptions.read(address.parts.query, known=_OPTIONS)
        faults = [
            *address.faults("gateway.example.gov", instead=None if is_encrypted else "sms+https://"),
            *_faults_of_the_rest(address),
            *_faults_of_options(options, is_encrypted=is_encrypted),
        ]
        written = _written_in(options.text("config"), faults)
        if written is None or faults:
            raise refused(faults)
        most_parts, request, answer = written
        return cls(
            host=address.host,
            port=address.port,
            is_encrypted=is_encrypted,
            path=address.parts.path or "/",
            timeout_seconds=options.number("timeout_seconds", default=_DEFAULT_TIMEOUT_SECONDS),
            ca_file=options.given.get("ca_file"),
            most_parts=most_parts,
            request=request,
            answer=answer,
        )


def refused(faults: list[errors.Fault]) -> errors.ConfigurationError:
    """The error for a URL or a file that can't work."""
    return errors.ConfigurationError("text messages can't be sent with this URL", faults=faults)


def _written_in(path: str, faults: list[errors.Fault]) -> tuple[int, RequestTemplate, AnswerRules] | None:
    file = read_toml(path, faults)
    if file is None:
        return None
    text = file.table("text")
    most_parts = text.number("most_parts", _DEFAULT_MOST_PARTS, smallest=1, largest=_MOST_PARTS)
    sender = text.text("from", "")
    if not (sender.isascii() and sender.isprintable()):
        text.fault("from", "a sign that is not printable ASCII", "the number or name that texts come from")
    text.ended()
    request = RequestTemplate.read(file, sender=sender)
    return most_parts, request, AnswerRules.read(file.table("answer"))


def _faults_of_the_rest(address: UrlAddress) -> Iterator[errors.Fault]:
    if address.has_login:
        yield errors.Fault("the URL", "a user or password", "none: they go into [secrets] of the file")
    yield from address.faults_of_target()


def _faults_of_options(options: UrlOptions, *, is_encrypted: bool) -> Iterator[errors.Fault]:
    yield from options.faults
    yield from options.faults_of_number("timeout_seconds", largest=_LONGEST_TIMEOUT_SECONDS)
    if not is_encrypted and "ca_file" in options.given:
        yield errors.Fault("ca_file", "a connection without TLS", "sms+https://")
