"""Caller: who may ask for something, and where a request comes from.

Invariants: a parent comes with the token of a session, and with nothing else; staff come with one too, or
are vouched for by a host that signs them in elsewhere (`Actor.staff`, by the id of their account here); a
job comes under a name whose rights are listed (`Actor.system`).
"""

import re
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from dcss_core.audit.actor import Actor
from dcss_core.base.printable import printable
from dcss_core.users.sign_in.session import SessionToken

Caller: TypeAlias = SessionToken | Actor
"""A session token, staff vouched for by the host, or a named job."""

_LONGEST_SOURCE: Final = 200
_ZONE: Final = re.compile(r"%[^\]/]*")
_WITH_PORT: Final = re.compile(r"(?:\[([^\[\]]*)\]|([0-9.]+))(?::[0-9]*)?(/.*)?", re.ASCII)
_MAPPED_BITS: Final = 96  # of an IPv6 address before the IPv4 address within


def written_source(source: str | None) -> str | None:
    """The source as it is counted by and kept: a front end may have it from a stranger. None when blank.

    An address has one spelling, for each other one would be counted as another source: without a port, which
    is another for each connection, and without a zone (`%eth0`), IPv6 as RFC 5952 has it, and IPv4 within it
    (`::ffff:…`) as IPv4. So has a network, as `2001:db8::/64`, whichever of its addresses it was written
    with; one of a single address is that address.
    """
    text = source.strip() if source else ""
    return printable(_address(text) or text, _LONGEST_SOURCE) if text else None


def _address(text: str) -> str | None:
    bare = _ZONE.sub("", text)
    if found := _WITH_PORT.fullmatch(bare):
        bare = "".join(part for part in found.groups() if part)
    try:
        return _one_address(bare) if "/" not in bare else _one_network(bare)
    except ValueError:
        return None


def _one_address(text: str) -> str:
    address = ip_address(text)
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(inner or address)


def _one_network(text: str) -> str:
    network = ip_network(text, strict=False)
    if network.prefixlen == network.max_prefixlen:
        return _one_address(str(network.network_address))
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS:
        inner = network.network_address.ipv4_mapped
        if inner is not None:
            network = IPv4Network((inner, network.prefixlen - _MAPPED_BITS))
    return str(network)
