"""Access denied: what the audit log says of somebody who asked for what is not theirs."""

from typing import ClassVar

import attrs

from dcss_core.base.events import Event


@attrs.frozen
class AccessDenied(Event):
    """Somebody was refused (OWASP ASVS 5.0.0, 16.3.2); `wanted` is a role, a view or what a session owes."""

    kind: ClassVar[str] = "authz_fail"
    about: ClassVar[tuple[str, str]] = ("actor", "actor_id")
    actor_id: str
    wanted: str
