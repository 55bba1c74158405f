"""Banner: the notice of monitoring to which everybody agrees before signing in.

Decides when an agreement counts: it names the version of the text in force, which is the SHA-256 of
that text, so that another text is another version and is asked for again. Invariant: whoever has not
agreed is refused before any password is looked at (IRS Pub. 1075, AC-8; NIST SP 800-53 AC-8).
"""

import hashlib
import unicodedata
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Self

import attrs


@attrs.frozen
class Banner:
    """The text to show before sign-in, and the version by which an agreement names it."""

    text: str
    _instead_of_this: ClassVar[str] = "; of a Banner give the .version"

    @cached_property
    def version(self) -> str:
        """SHA-256 of the text in NFC and UTF-8, as hex."""
        return hashlib.sha256(unicodedata.normalize("NFC", self.text).encode()).hexdigest()


@attrs.frozen
class BannerAcceptance:
    """That the holder of an account agreed to a version, and when they first did.

    `acceptance_id` is made of both, so that it is kept once.
    """

    acceptance_id: str
    account_id: str
    banner_version: str
    accepted_at: datetime

    @classmethod
    def of(cls, account_id: str, banner: Banner, now: datetime) -> Self:
        """The holder of an account agrees to a banner."""
        return cls(f"{account_id}/{banner.version}", account_id, banner.version, now)


@attrs.frozen
class BannerNotAccepted:
    """The attempt ended before the password was looked at; show `banner` and ask again."""

    banner: Banner

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "Read the notice and agree to it before you sign in."
