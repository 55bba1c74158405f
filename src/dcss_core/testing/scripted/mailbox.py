"""Mailbox: a scripted channel whose letters can be read, as the people who get them do.

Decides where in a letter a password, a code or a user ID stands: in the one line that is indented. Invariant:
a letter that is not there is told from one that says nothing, with the subjects that are.
"""

from typing import Final

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import NotFoundError
from dcss_core.ports.channel import Message
from dcss_core.testing.scripted.channel import ScriptedChannel

_RESET: Final = "Your password was reset"
_APPOINTED: Final = "An account was set up for you"
_INVITATION: Final = "You can make an online account"
_CODE: Final = "Your code for a new password"
_USER_ID: Final = "Your user ID"


@attrs.define(eq=False, slots=False)
class Mailbox(ScriptedChannel):
    """All letters of an agency, newest last. What was not dispatched has not arrived."""

    @property
    def subjects(self) -> list[str]:
        """The subjects of the letters, in the order they came."""
        return [each.subject for each in self.delivered]

    def letters_to(self, address: Secret) -> list[Message]:
        """The letters to one address."""
        return [each for each in self.delivered if each.address.reveal() == address.reveal()]

    def bodies(self, subject: str) -> list[str]:
        """The texts that came under a subject."""
        return [each.body.reveal() for each in self.delivered if each.subject == subject]

    def assigned_password(self) -> Secret:
        """The assigned password that came last, of a parent whose password was reset."""
        return _indented(self._last(_RESET))

    def appointed_password(self, user_id: str) -> Secret:
        """The assigned password with which an account of staff, or a shared one, was set up."""
        return _indented(self._last(_APPOINTED, containing=f"Your user ID is {user_id}."))

    def invitation_code(self) -> Secret:
        """The code of the invitation that came last."""
        return _indented(self._last(_INVITATION))

    def issued_code(self) -> Secret:
        """The code for a new password that came last."""
        return _indented(self._last(_CODE))

    def reminded_user_id(self) -> str:
        """The user ID that came last, for somebody who had forgotten it."""
        return _indented(self._last(_USER_ID)).reveal()

    def _last(self, subject: str, *, containing: str = "") -> str:
        found = [body for body in self.bodies(subject) if containing in body]
        if not found:
            came = ", ".join(f"'{each}'" for each in self.subjects) or "none"
            raise NotFoundError(
                f"no letter '{subject}' has come; dispatch the outbox first. Letters that came: {came}"
            )
        return found[-1]


def _indented(body: str) -> Secret:
    return Secret(next(line.strip() for line in body.splitlines() if line.startswith("    ")))
