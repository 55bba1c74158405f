"""Letters about how somebody is reached.

Decides what the owner of an account is told when a contact point changes. Invariants: no letter names the new
contact point, for it may be read at the old one; a code stands in the letter to the new one only.
"""

from collections.abc import Mapping
from typing import Final

from dcss_core.base.events import Event
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.cases.people.contacts.events import (
    ContactChangeAsked,
    ContactCodeNotSent,
    ContactCodeSent,
    ContactConfirmed,
    ContactDropped,
    ContactNotConfirmed,
    ContactRemoved,
    ContactReverted,
    TextsStarted,
    TextsStopped,
)
from dcss_core.letters.carried import Carried, CarriedCode, required
from dcss_core.letters.letter import Letter, each_time
from dcss_core.letters.letterhead import Letterhead
from dcss_core.letters.wording import Wordings, always

_WAYS: Final[Mapping[ContactKind, str]] = {
    ContactKind.EMAIL: "e-mail address",
    ContactKind.MOBILE: "mobile telephone number",
    ContactKind.POSTAL: "postal address",
}
_CONTACT: Final = each_time("contact")


def _asked(event: ContactChangeAsked, letterhead: Letterhead, carried: Carried | None) -> Letter:
    text = (
        f"Somebody who gave your password asked just now to have another {_WAYS[event.way]} on file for you. "
        "If it was not you, change your password and call us."
    )
    return letterhead.letter("A change of how we reach you was asked for", text, _CONTACT)


def _code(event: ContactCodeSent, letterhead: Letterhead, carried: Carried | None) -> Letter:
    sent = required(CarriedCode, carried)
    until = f"{sent.good_until:%Y-%m-%d %H:%M %Z}"
    subject = "Your code to confirm"
    if event.way is ContactKind.MOBILE:
        text = f"{sent.code.reveal()} is your code to confirm this number, until {until}."
        return letterhead.short(subject, text, _CONTACT, useless_after=sent.good_until)
    return letterhead.letter(
        subject,
        f"To confirm this {_WAYS[event.way]}, type this code on the page that asked for it. It works once, "
        f"until {until}.\n\n    {sent.code.reveal()}\n\nNobody from this agency will ever ask you for it.",
        _CONTACT,
        useless_after=sent.good_until,
    )


def _confirmed(event: ContactConfirmed, letterhead: Letterhead, carried: Carried | None) -> Letter:
    text = f"There is another {_WAYS[event.way]} on file for you since just now."
    if event.way is ContactKind.EMAIL:
        text += " Our letters go there from now on, and codes to choose a new password some time later."
    return letterhead.letter("How we reach you was changed", text, _CONTACT)


def _removed(event: ContactRemoved, letterhead: Letterhead, carried: Carried | None) -> Letter:
    text = f"Your {_WAYS[event.way]} was taken off our files just now."
    return letterhead.letter("How we reach you was changed", text, _CONTACT)


def _reverted(event: ContactReverted, letterhead: Letterhead, carried: Carried | None) -> Letter:
    text = f"Our staff took back what was changed of your {_WAYS[event.way]} just now."
    return letterhead.letter("How we reach you was changed back", text, _CONTACT)


CONTACT_LETTERS: Final[Wordings] = {
    ContactChangeAsked: _asked,
    ContactCodeSent: _code,
    ContactConfirmed: _confirmed,
    ContactRemoved: _removed,
    ContactReverted: _reverted,
    TextsStopped: always(  # 47 CFR 64.1200(a)(10)
        "No more text messages to your telephone",
        "STOP came just now from the mobile telephone on file for you, so no text message goes there any "
        "more, and no code either. Codes still come by e-mail. To get text messages again, send START from "
        "it.",
        _CONTACT,
    ),
    TextsStarted: always(
        "Text messages to your telephone again",
        "START came just now from the mobile telephone on file for you, so text messages go there again.",
        _CONTACT,
    ),
}

CONTACT_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # Whoever is there sees it on the page.
        ContactDropped,
        ContactNotConfirmed,
        # It would tell one party what is on file for another.
        ContactCodeNotSent,
    }
)
