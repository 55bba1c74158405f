"""ContactKind: the ways in which somebody is reached."""

from enum import Enum


class ContactKind(Enum):
    """A way to reach somebody; a channel says which it takes."""

    EMAIL = "email"
    """An e-mail address."""
    MOBILE = "mobile"
    """A telephone that takes text messages."""
    POSTAL = "postal"
    """An address that a letter is carried to."""
