"""Letters to those who sign in for a remitter, and to those who are invited to.

Decides what they are told. Invariants: only the letter of an invitation carries its code, and it names the
organisation that invites; a letter to administrators names nobody.
"""

from typing import Final

from dcss_core.base.events import Event
from dcss_core.letters.carried import Carried, CarriedInvitation, required
from dcss_core.letters.letter import Letter, each_time
from dcss_core.letters.letterhead import Letterhead
from dcss_core.letters.wording import Wordings, always
from dcss_core.users.remitters.events import (
    InvitationNotAccepted,
    InvitationWithdrawn,
    PayerInvited,
    PayerJoined,
    RemitterChanged,
    RemitterEnded,
    RemitterMemberInvited,
    RemitterMemberJoined,
    RemitterMemberLimited,
    RemitterOpened,
    RemitterSeen,
)

_INVITATION: Final = each_time("invitation")
_ORGANISATION: Final = each_time("organisation")
_SUBJECT: Final = "Your organisation's online accounts"


def _invited(
    event: RemitterMemberInvited | PayerInvited, letterhead: Letterhead, carried: Carried | None
) -> Letter:
    sent = required(CarriedInvitation, carried)
    why = "Somebody asked for an account here with this address, to pay support for somebody else."
    if sent.organisation is not None:
        why = f"{sent.organisation.reveal()} invites you to sign in here for it."
    return letterhead.letter(
        "You can make an online account",
        f"{why} Type this code on our page to choose a user ID and a password. It works once, until "
        f"{sent.good_until:%Y-%m-%d %H:%M %Z}.\n\n    {sent.code.reveal()}\n\n"
        "Nobody from this agency will ever ask you for it.",
        _INVITATION,
        useless_after=sent.good_until,
    )


REMITTER_LETTERS: Final[Wordings] = {
    RemitterMemberInvited: _invited,
    PayerInvited: _invited,
    RemitterMemberJoined: always(
        _SUBJECT,
        "Somebody who was invited has an account of your organisation since just now. The list of its people "
        "says who.",
        _ORGANISATION,
    ),
    RemitterMemberLimited: always(
        _SUBJECT,
        "An administrator of your organisation changed just now what you may do and see here.",
        _ORGANISATION,
    ),
    RemitterChanged: always(
        _SUBJECT,
        "Our staff changed just now what your organisation is called here, or which payments count as its "
        "own.",
        _ORGANISATION,
    ),
}

REMITTERS_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # Its first administrator is told by the invitation.
        RemitterOpened,
        # Each of its people is told that their account is closed.
        RemitterEnded,
        # They did it themselves, a moment ago.
        PayerJoined,
        # Nobody has accepted it, so nobody has an account to be told of.
        InvitationWithdrawn,
        InvitationNotAccepted,
        # A look changes nothing; it is kept in the audit log.
        RemitterSeen,
    }
)
