"""Letters: the plain texts the agency sends.

Decides what they say. Invariants: a subject holds no personal data; a text holds no name, no case
number and no amount, so that a letter that goes astray tells a stranger nothing; each says whom to
call when it was not expected.
"""

from datetime import UTC, datetime
from typing import Final

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce

_NAME: Final = "agency.name"
_TELEPHONE: Final = "agency.contact_telephone"
_LONGEST_LINE: Final = 100
_SHOWN: Final = 40
_FEWEST_DIGITS: Final = 3  # as 311; a number may be spelt in letters, as 1-800-CALL-DAD


@attrs.frozen
class Letter:
    """A subject and a text. The text is secret: some carry an assigned password, a code or a user id.

    After `useless_after` the letter helps nobody any more and is not sent; None is never.
    """

    subject: str
    body: Secret
    useless_after: datetime | None = None


@attrs.frozen
class Letterhead:
    """Who writes and where to call, from the jurisdiction's rules; raises RulesError, all faults at once."""

    agency: str
    telephone: str

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(key, repr(text)[:_SHOWN], f"one line of {_LONGEST_LINE} characters at most")
            for key, text in ((_NAME, self.agency), (_TELEPHONE, self.telephone))
            if not text.isprintable() or len(text) > _LONGEST_LINE
        ]
        if sum(map(str.isdecimal, self.telephone)) < _FEWEST_DIGITS:
            faults.append(Fault(_TELEPHONE, repr(self.telephone)[:_SHOWN], "a number to call"))
        if faults:
            raise RulesError("no letter can be signed like this", faults=faults)

    def registered(self) -> Letter:
        """Tell the holder that an account was made for them."""
        return self._letter(
            "Your online account",
            "An online account was set up for you. From now on you sign in with the user ID and password "
            "you chose.",
        )

    def password_assigned(self, assigned: Secret, good_until: datetime) -> Letter:
        """Send an assigned password to the address on file; `good_until` is told in its own time zone."""
        return self._letter(
            "Your password was reset",
            "Your password was reset. Sign in with the assigned password below and choose a new one. "
            f"It works once, until {good_until:%Y-%m-%d %H:%M %Z}.\n\n    {assigned.reveal()}\n\n"
            "Nobody from this agency will ever ask you for it.",
            useless_after=good_until,
        )

    def code_issued(self, code: Secret, good_until: datetime) -> Letter:
        """Send a code to the address on file; `good_until` is told in its own time zone."""
        return self._letter(
            "Your code for a new password",
            "Somebody asked for a code to choose a new password for your online account. Type it on the page "
            f"that asked for it. It works once, until {good_until:%Y-%m-%d %H:%M %Z}, and codes sent before "
            f"no longer work.\n\n    {code.reveal()}\n\n"
            "Nobody from this agency will ever ask you for it.",
            useless_after=good_until,
        )

    def password_recovered(self) -> Letter:
        """Tell the holder that a code led to a new password (NIST SP 800-63B-4 §4.2.3)."""
        return self._letter(
            "Your password was changed",
            "A new password was chosen for your online account just now, with a code sent to this address. "
            "Everybody who was signed in has to sign in again.",
        )

    def user_id(self, user_id: str) -> Letter:
        """Send a forgotten user id to the address on file."""
        return self._letter(
            "Your user ID",
            f"Somebody asked for the user ID of your online account. It is:\n\n    {user_id}",
        )

    def password_changed(self) -> Letter:
        """Tell the holder that their password was changed."""
        return self._letter(
            "Your password was changed", "The password of your online account was changed just now."
        )

    def answers_changed(self) -> Letter:
        """Tell the holder that their security questions and answers were changed."""
        return self._letter(
            "Your security questions were changed",
            "The security questions and answers of your online account were changed just now.",
        )

    def appointed(self, user_id: str, assigned: Secret, good_until: datetime) -> Letter:
        """Send the first, assigned password to a member of staff, or to who answers for a shared account."""
        return self._letter(
            "An account was set up for you",
            f"An account was set up for you. Your user ID is {user_id}. Sign in with the assigned password "
            f"below and choose a new one. It works once, until {good_until:%Y-%m-%d %H:%M %Z}.\n\n"
            f"    {assigned.reveal()}\n\nNobody from this agency will ever ask you for it.",
            useless_after=good_until,
        )

    def locked(self) -> Letter:
        """Tell the holder that wrong passwords locked sign-in (OWASP ASVS 5.0.0, 6.3.5)."""
        return self._letter(
            "Sign-in was locked",
            "Several wrong passwords were given for your online account, and sign-in was locked for a while. "
            "Nobody got in with them. If it was you, wait a little and try again. You get this letter once a "
            "day at most.",
        )

    def recovery_closed(self) -> Letter:
        """Tell the holder that wrong particulars closed recovery by SSN (OWASP ASVS 5.0.0, 6.3.5)."""
        return self._letter(
            "Recovery of your account was closed",
            "Somebody tried several times to recover your online account and did not know what only you "
            "should know. Nobody got in. Your password still works; to recover the account with your Social "
            "Security number, call us first.",
        )

    def account_controlled(self, kind: str) -> Letter:
        """Tell the holder what staff did to their account; `kind` is that of the event."""
        return self._letter("Your online account", _CONTROLLED[kind])

    def second_factor_enrolled(self) -> Letter:
        """Tell the holder that a second factor is asked for from now on."""
        return self._letter(
            "A second factor was set up",
            "A second factor was set up for your online account just now. From now on you sign in with your "
            "password and a code. Keep the saved codes in a safe place: each lets you in once without it.",
        )

    def second_factor_removed(self) -> Letter:
        """Tell the holder that no second factor is asked for any more."""
        return self._letter(
            "Your second factor was removed",
            "The second factor of your online account, and its saved codes, were removed just now.",
        )

    def saved_code_used(self, left: int) -> Letter:
        """Tell the holder that a saved code was used, and how many are left."""
        some = "Sign in and make new ones in good time." if left else "Sign in and make new ones now."
        return self._letter(
            "A saved code was used",
            "Somebody signed in to your online account just now with your password and one of your saved "
            f"codes, which does not work any more. Saved codes left: {left}. {some}",
        )

    def saved_codes_replaced(self) -> Letter:
        """Tell the holder that there are new saved codes."""
        return self._letter(
            "Your saved codes were replaced",
            "New saved codes were made for your online account just now; the ones before stopped working.",
        )

    def payment_posted(self) -> Letter:
        """Tell a parent that there is something new to see."""
        return self._letter(
            "A payment was posted",
            "A payment was posted to your case. Sign in to see it and where each cent of it went.",
        )

    def _letter(self, subject: str, text: str, *, useless_after: datetime | None = None) -> Letter:
        closing = f"If you did not expect this letter, call {self.telephone}.\n\n{self.agency}"
        return Letter(
            subject,
            Secret(f"{text}\n\n{closing}\n"),
            useless_after.astimezone(UTC) if useless_after else None,
        )


_CONTROLLED: Final = {
    "authz_change": "What you may do with your account here was changed just now. Sign in again to go on.",
    "authn_login_unlock": "Sign-in to your online account was locked; our staff unlocked it just now.",
    "authn_password_change_demanded": "The password of your online account may be known to others. You will "
    "choose a new one when you sign in next.",
    "session_expired": "Our staff ended every session of your online account just now; sign in again.",
    "user_deleted": "Your online account was closed just now.",
    "user_disabled": "Your online account was taken out of use just now; nobody can sign in with it.",
    "user_enabled": "Your online account is in use again.",
}


def letterhead(rules: RulesInForce) -> Letterhead:
    """The agency's name and telephone number in force."""
    return Letterhead(rules.text(_NAME), rules.text(_TELEPHONE))
