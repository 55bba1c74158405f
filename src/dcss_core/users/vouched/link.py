"""Links: which account an issuer's id of a person opens, and what waits for its owner's word.

Decides nothing. Invariants: one id of an issuer opens one account; of a ticket only the SHA-256 is kept, it
is good once, for minutes, for its account alone; an assertion is remembered until it is too old anyway.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

import attrs

from dcss_core.base.secret import Secret

TICKET_FOR: Final = timedelta(minutes=10)
"""So long the owner of an account has to say with their password that an identity is theirs."""


@attrs.frozen
class IdentityLink:
    """A link as it is stored; it is found by `subject_index`, a keyed digest of issuer and subject."""

    link_id: str
    subject_index: str
    issuer: str
    subject: Secret
    account_id: str
    linked_at: datetime


@attrs.frozen
class DueLink:
    """An identity that waits for the word of the owner of an account; `ticket_id` is made from the ticket."""

    ticket_id: str
    issuer: str
    subject: Secret
    account_id: str
    expires_at: datetime


@attrs.frozen
class UsedAssertion:
    """An assertion that came; it is not taken again."""

    digest: str
    expires_at: datetime


@attrs.frozen
class LinkOnFile:
    """A link as its owner sees it."""

    link_id: str
    issuer: str
    linked_at: datetime

    @classmethod
    def of(cls, link: IdentityLink) -> "LinkOnFile":
        """What is shown of a link."""
        return cls(link.link_id, link.issuer, link.linked_at)


@attrs.frozen
class LinkDue:
    """Whoever is vouched for has an account: sign in with its password, then give `link` the ticket."""

    ticket: Secret
    good_until: datetime

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "You have an account here already. Sign in with its user ID and password once to connect it."


@attrs.frozen
class VouchingNotAccepted:
    """Nobody is in, for whatever reason."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "We could not sign you in this way. Sign in with your user ID, or call your local office."


@attrs.frozen
class LinkRefused:
    """Nothing is linked: the ticket is not good, or not this account's."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "This could not be connected. Begin again from where you signed in."


def digest_of(text: str) -> str:
    """The SHA-256 under which what has enough chance in it is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
