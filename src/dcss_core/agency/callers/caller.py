"""Caller: who may ask for something, and where a request comes from.

Invariants: a parent comes with the token of a session, and with nothing else; staff come with one too, or
are vouched for by a host that signs them in elsewhere (`Actor.staff`, by the id of their account here); a
job comes under a name whose rights are listed (`Actor.system`).
"""

import re
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, TypeAlias

from dcss_core.audit.actor import Actor
from dcss_core.base.printable import printable
from dcss_core.users.sign_in.session import SessionToken

Caller: TypeAlias = SessionToken | Actor
"""A session token, staff vouched for by the host, or a named job."""

_LONGEST_SOURCE: Final = 200
_WITH_PORT: Final = re.compile(r"(?:\[(?P<six>[^\[\]]*)\]|(?P<four>[0-9.]+))(?::[0-9]{1,5})?", re.ASCII)


def written_source(source: str | None) -> str | None:
    """The source as it is counted by and kept: a front end may have it from a stranger. None when blank.

    An address has one spelling, for each other one would be counted as another source: without a port, which
    is another for each connection, IPv6 as RFC 5952 has it, and IPv4 within it (`::ffff:…`) as IPv4. So has a
    network, as `2001:db8::/64`, whichever of its addresses it was written with.
    """
    text = source.strip() if source else ""
    return printable(_address(text) or text, _LONGEST_SOURCE) if text else None


def _address(text: str) -> str | None:
    found = _WITH_PORT.fullmatch(text)
    try:
        if "/" in text:
            return str(ip_network(text, strict=False))
        address = ip_address(found["six"] or found["four"] if found else text)
    except ValueError:
        return None
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(inner or address)
