"""Filing of vouched identities: links, what waits to be linked, and the assertions that came."""

from typing import Final

from dcss_core.agency.work.records import keep
from dcss_core.users.vouched.link import DueLink, IdentityLink, UsedAssertion

IDENTITY_LINKS: Final = keep(
    IdentityLink,
    "identity_links",
    key="link_id",
    unique=(("subject_index",),),
    indexes=(("account_id", "linked_at"),),
)
DUE_LINKS: Final = keep(DueLink, "due_links", key="ticket_id", indexes=(("expires_at",), ("account_id",)))
USED_ASSERTIONS: Final = keep(UsedAssertion, "used_assertions", key="digest", indexes=(("expires_at",),))

EVERY_RECORD: Final = (IDENTITY_LINKS, DUE_LINKS, USED_ASSERTIONS)
