"""Caller: who may ask for something, and where a request comes from.

Invariants: a parent comes with the token of a session, and with nothing else; staff come with one too, or
are vouched for by a host that signs them in elsewhere (`Actor.staff`, by the id of their account here); a
job comes under a name whose rights are listed (`Actor.system`).
"""

from typing import Final, TypeAlias

from dcss_core.audit.actor import Actor
from dcss_core.base.printable import printable
from dcss_core.users.sign_in.session import SessionToken

Caller: TypeAlias = SessionToken | Actor
"""A session token, staff vouched for by the host, or a named job."""

_LONGEST_SOURCE: Final = 200


def written_source(source: str | None) -> str | None:
    """The source as it is counted by and kept: a front end may have it from a stranger. None when blank."""
    return printable(source, _LONGEST_SOURCE) if source and source.strip() else None
