"""Site: for which pages passkeys are made, out of the URL that an agency is opened with.

Decides which origins may ask for passkeys of an RP ID (W3C Web Authentication Level 3, §5.1.3 and §13.4.9).
Invariants: every fault is found at once, and none repeats a part of the URL; an origin is a scheme, a host
and perhaps a port, written as browsers write it.
"""

from collections.abc import Iterator
from typing import Final, Self
from urllib.parse import urlsplit

import attrs
from fido2.rpid import verify_rp_id

from dcss_core.errors import ConfigurationError, Fault
from dcss_core.plugins import UrlAddress, UrlOptions

_KNOWN: Final = ("rp_id", "origin", "user_verification")
_VERIFICATIONS: Final = ("preferred", "required")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_LOCALHOST: Final = "localhost"


@attrs.frozen
class Site:
    """The RP ID, the origins of the portal's pages, and whether devices have to verify their owner."""

    rp_id: str
    origins: frozenset[str]
    requires_verification: bool

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `passkey:?rp_id=…&origin=…`; raises ConfigurationError with every fault."""
        before, _, query = url.partition("?")
        options = UrlOptions.read(query, known=_KNOWN)
        rp_id, origins = options.text("rp_id"), options.text("origin").split(",")
        verification = options.text("user_verification", _VERIFICATIONS[0])
        faults = [
            *([] if before.lower() == "passkey:" else [Fault("URL", "something before '?'", "passkey:?…")]),
            *options.faults,
            *_faults_of_rp_id(rp_id),
            *(fault for origin in origins for fault in _faults_of_origin(origin, rp_id)),
        ]
        if verification not in _VERIFICATIONS:
            faults.append(Fault("user_verification", "another word", " or ".join(_VERIFICATIONS)))
        if faults:
            raise ConfigurationError("passkeys can't be used with this URL", faults=faults)
        return cls(rp_id, frozenset(origins), verification == "required")


def _faults_of_rp_id(rp_id: str) -> Iterator[Fault]:
    address = UrlAddress.read(f"https://{rp_id}")
    is_name = address is not None and address.is_machine and address.host == rp_id and address.port is None
    has_letters = any(character.isalpha() for character in rp_id.rpartition(".")[2])
    if not (is_name and has_letters and ("." in rp_id or rp_id == _LOCALHOST)):
        yield Fault("rp_id", "no domain in lower case", "as portal.example.gov, or localhost")


def _faults_of_origin(origin: str, rp_id: str) -> Iterator[Fault]:
    address = UrlAddress.read(origin)
    if address is None or not address.is_machine or not _is_spelled_as_browsers_do(origin, address):
        yield Fault("origin", "no origin", "as https://portal.example.gov, with commas between several")
    elif address.parts.scheme == "http" and address.host != _LOCALHOST:
        yield Fault("origin", "http", "https, or http://localhost for a test")
    elif not verify_rp_id(rp_id, origin):
        yield Fault("origin", "a host that the rp_id is not for", "the rp_id, or a host below it")


def _is_spelled_as_browsers_do(origin: str, address: UrlAddress) -> bool:
    scheme = urlsplit(origin).scheme
    if scheme not in _DEFAULT_PORTS or address.port == _DEFAULT_PORTS[scheme]:
        return False
    port = "" if address.port is None else f":{address.port}"
    return origin == f"{scheme}://{address.host}{port}"
