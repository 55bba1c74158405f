"""Filing of remitters: in which collection they, their people and invitations are kept, and how found."""

from typing import Final

from dcss_core.agency.work.records import keep
from dcss_core.users.remitters.invitation import Invitation
from dcss_core.users.remitters.member import RemitterMember
from dcss_core.users.remitters.remitter import Remitter, RemitterIdentification

REMITTERS: Final = keep(Remitter, "remitters", key="remitter_id", indexes=(("kind", "opened_at"),))
REMITTER_IDENTIFICATIONS: Final = keep(
    RemitterIdentification,
    "remitter_identifications",
    key="identification",
    indexes=(("remitter_id", "identification"),),
)
REMITTER_MEMBERS: Final = keep(
    RemitterMember, "remitter_members", key="account_id", indexes=(("remitter_id", "joined_at"),)
)
INVITATIONS: Final = keep(
    Invitation,
    "invitations",
    key="invitation_id",
    indexes=(("remitter_id", "invited_at"), ("expires_at",)),
)

EVERY_RECORD: Final = (REMITTERS, REMITTER_IDENTIFICATIONS, REMITTER_MEMBERS, INVITATIONS)
