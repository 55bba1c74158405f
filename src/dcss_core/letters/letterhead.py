"""Letterhead: who writes, and whom to call.

Decides how each letter ends. Invariant: every letter says whom to call when it was not expected, at a
telephone number with digits, and who wrote it, each on one line.
"""

from datetime import UTC, datetime
from typing import Final

import attrs

from dcss_core.base.printable import faults_of_shown
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, RulesError
from dcss_core.letters.letter import Letter, Occasion
from dcss_core.rules.in_force import RulesInForce

_NAME: Final = "agency.name"
_TELEPHONE: Final = "agency.contact_telephone"
_LONGEST_LINE: Final = 100
_SHOWN: Final = 40
_FEWEST_DIGITS: Final = 3  # as 311; a number may be spelt in letters, as 1-800-CALL-DAD


@attrs.frozen
class Letterhead:
    """Who writes and where to call, from the jurisdiction's rules; raises RulesError, all faults at once."""

    agency: str
    telephone: str

    def __attrs_post_init__(self) -> None:
        faults = [
            Fault(key, repr(text)[:_SHOWN], f"one line of {_LONGEST_LINE} characters at most")
            for key, text in ((_NAME, self.agency), (_TELEPHONE, self.telephone))
            if len(text) > _LONGEST_LINE or not text.isprintable() or any(faults_of_shown(key, text))
        ]
        if sum(map(str.isdecimal, self.telephone)) < _FEWEST_DIGITS:
            faults.append(Fault(_TELEPHONE, repr(self.telephone)[:_SHOWN], "a number to call"))
        if faults:
            raise RulesError("no letter can be signed like this", faults=faults)

    def letter(
        self, subject: str, text: str, occasion: Occasion, *, useless_after: datetime | None = None
    ) -> Letter:
        """The letter with this text, closed and signed."""
        closing = f"If you did not expect this letter, call {self.telephone}.\n\n{self.agency}"
        return Letter(
            subject,
            Secret(f"{text}\n\n{closing}\n"),
            occasion,
            useless_after.astimezone(UTC) if useless_after else None,
        )

    def short(
        self, subject: str, text: str, occasion: Occasion, *, useless_after: datetime | None = None
    ) -> Letter:
        """The letter as a text message: these words, whom to call and who writes, on one line."""
        closing = f"Not you? Call {self.telephone}. {self.agency}"
        return Letter(
            subject,
            Secret(f"{text} {closing}"),
            occasion,
            useless_after.astimezone(UTC) if useless_after else None,
        )


def letterhead(rules: RulesInForce) -> Letterhead:
    """The agency's name and telephone number in force."""
    return Letterhead(rules.text(_NAME), rules.text(_TELEPHONE))
