"""Letters: the plain texts the agency sends.

Decides what they say. Invariants: a subject holds no personal data; a text holds no name, no case
number and no amount, so that a letter that goes astray tells a stranger nothing; each says whom to
call when it was not expected.
"""

from datetime import datetime

import attrs

from dcss_core.base.secret import Secret
from dcss_core.rules.in_force import RulesInForce


@attrs.frozen
class Letter:
    """A subject and a text. The text is secret since some letters carry an assigned password."""

    subject: str
    body: Secret


@attrs.frozen
class Letterhead:
    """Who writes and where to call, from the jurisdiction's rules."""

    agency: str
    telephone: str

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

    def payment_posted(self) -> Letter:
        """Tell a parent that there is something new to see."""
        return self._letter(
            "A payment was posted",
            "A payment was posted to your case. Sign in to see it and where each cent of it went.",
        )

    def _letter(self, subject: str, text: str) -> Letter:
        closing = f"If you did not expect this letter, call {self.telephone}.\n\n{self.agency}"
        return Letter(subject, Secret(f"{text}\n\n{closing}\n"))


def letterhead(rules: RulesInForce) -> Letterhead:
    """The agency's name and telephone number in force."""
    return Letterhead(rules.text("agency.name"), rules.text("agency.contact_telephone"))
