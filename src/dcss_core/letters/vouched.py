"""Letters about identities that are vouched for.

Decides what the owner of an account is told when an issuer outside opens it, or tries to. Invariant: no
letter says who the issuer knows them as.
"""

from typing import Final

from dcss_core.base.events import Event
from dcss_core.letters.letter import each_time
from dcss_core.letters.wording import Wordings, always
from dcss_core.users.vouched.events import (
    IdentityLinkDue,
    IdentityLinked,
    IdentityUnlinked,
    VouchedRefused,
)

_SUBJECT: Final = "Another way into your online account"
_VOUCHED: Final = each_time("vouched")

VOUCHED_LETTERS: Final[Wordings] = {
    IdentityLinked: always(
        _SUBJECT,
        "Your online account can be opened since just now by a sign-in elsewhere that was connected with it.",
        _VOUCHED,
    ),
    IdentityLinkDue: always(
        _SUBJECT,
        "Somebody signed in elsewhere in your name just now and asked to connect that with your online "
        "account. It is not connected unless your password is given for it. If it was not you, call us.",
        _VOUCHED,
    ),
    IdentityUnlinked: always(
        _SUBJECT,
        "A sign-in elsewhere does not open your online account any more since just now.",
        _VOUCHED,
    ),
}

VOUCHED_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # Whoever came is told that they are not in; whose account it could be is not known.
        VouchedRefused,
    }
)
