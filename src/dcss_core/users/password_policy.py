"""PasswordPolicy: which passwords a jurisdiction accepts.

Decides from dated rules and what is known of the person; every reason is given at once (NIST SP
800-63B-4 §3.1.1.2: the reason for a rejection and guidance). Invariants: length counts code points
after NFC; a password that holds the user id is refused whatever the rules say; nothing is checked by
asking for a mixture of character types (§3.1.1.2(5)).
"""

from typing import Final, Self

import attrs

from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.folding import fold
from dcss_core.users.full_name import name_words
from dcss_core.users.password import (
    LONGEST_PASSWORD,
    Password,
    PasswordFault,
    PasswordViolation,
    too_long,
)

_SHORTEST_MINIMUM: Final = 8  # NIST SP 800-63B-4 §3.1.1.2(1): never shorter, even beside a second factor
_SHORTEST_MAXIMUM: Final = 64  # NIST SP 800-63B-4 §3.1.1.2(2)
_TELLING_LENGTH: Final = 4  # shorter words stand inside ordinary ones by chance


@attrs.frozen
class PasswordContext:
    """What is known of the person and of earlier passwords; the last three are verdicts of the hash."""

    user_id: str
    names: tuple[str, ...] = attrs.field(default=(), repr=False)
    agency_names: tuple[str, ...] = ()
    same_as_current: bool = False
    same_as_assigned: bool = False
    used_before: bool = False


@attrs.frozen
class PasswordPolicy:
    """The rules for a password chosen by its owner; raises RulesError, all faults at once.

    Lengths are in code points; `history` is how many earlier passwords may not come back.
    """

    min_length: int
    max_length: int
    history: int

    def __attrs_post_init__(self) -> None:
        faults = []
        if not _SHORTEST_MINIMUM <= self.min_length <= self.max_length:
            expected = f"{_SHORTEST_MINIMUM} to the maximum of {self.max_length}"
            faults.append(Fault("password_min_length", str(self.min_length), expected))
        if not _SHORTEST_MAXIMUM <= self.max_length <= LONGEST_PASSWORD:
            expected = f"{_SHORTEST_MAXIMUM} to {LONGEST_PASSWORD}"
            faults.append(Fault("password_max_length", str(self.max_length), expected))
        if self.history < 0:
            faults.append(Fault("password_history", str(self.history), "0 or more"))
        if faults:
            raise RulesError("these password rules can't be met or break the standard", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self:
        """Read the policy in force."""
        return cls(
            min_length=rules.integer("accounts.password_min_length"),
            max_length=rules.integer("accounts.password_max_length"),
            history=rules.integer("accounts.password_history"),
        )

    def violations(self, password: Password, context: PasswordContext) -> tuple[PasswordViolation, ...]:
        """Every reason why this password is refused; none when it is good."""
        text = password.reveal()
        if not text:
            return (PasswordViolation(PasswordFault.EMPTY, "Enter a password."),)
        return (*self._of_length(text), *_of_words(fold(text), context), *_of_history(context))

    def help_text(self) -> tuple[str, ...]:
        """What to tell a person before they choose."""
        lines = [
            f"Use {self.min_length} to {self.max_length} characters; several words with spaces work well.",
            "Any letters, digits, signs and spaces are welcome; no mixture is required.",
            "Don't use your user ID, your name or the name of the agency.",
        ]
        if self.history:
            lines.append(f"Don't use one of your last {self.history} passwords again.")
        return tuple(lines)

    def _of_length(self, text: str) -> list[PasswordViolation]:
        if len(text) < self.min_length:
            sentence = f"Use at least {self.min_length} characters; this one has {len(text)}."
            figures = (("min_length", self.min_length), ("length", len(text)))
            return [PasswordViolation(PasswordFault.TOO_SHORT, sentence, figures)]
        return [too_long(self.max_length)] if len(text) > self.max_length else []


def _of_words(folded: str, context: PasswordContext) -> list[PasswordViolation]:
    found = []
    user_id = fold(context.user_id)
    if user_id and (user_id in folded or _is_built_on(folded, user_id)):
        found.append(
            PasswordViolation(PasswordFault.CONTAINS_USER_ID, "Leave your user ID out of the password.")
        )
    spoken = " ".join(name_words(folded))
    if any(_is_built_on(spoken, word) for name in context.names for word in name_words(name)):
        found.append(PasswordViolation(PasswordFault.CONTAINS_NAME, "Leave your name out of the password."))
    agency_words = [word for name in context.agency_names for word in (*name_words(name), fold(name))]
    if any(_repeats(folded, word) for word in agency_words):
        sentence = "The name of the agency alone is no password; add words of your own."
        found.append(PasswordViolation(PasswordFault.MADE_OF_AGENCY_NAME, sentence))
    return found


def _of_history(context: PasswordContext) -> list[PasswordViolation]:
    known = (
        (context.same_as_current, PasswordFault.SAME_AS_CURRENT, "This is your current password."),
        (context.same_as_assigned, PasswordFault.SAME_AS_ASSIGNED, "This is the password assigned to you."),
        (context.used_before, PasswordFault.USED_BEFORE, "You have used this password before."),
    )
    return [
        PasswordViolation(fault, f"{sentence} Choose a new one.") for holds, fault, sentence in known if holds
    ]


def _is_built_on(folded: str, word: str) -> bool:
    if len(word) < _TELLING_LENGTH:
        return _repeats(folded, word)
    return word in folded or word[::-1] in folded


def _repeats(folded: str, word: str) -> bool:
    """Whether the letters are the word, forwards or backwards, once or over and over."""
    letters, unit = _letters(folded), _letters(word)
    if not unit or not letters or len(letters) % len(unit):
        return False
    times = len(letters) // len(unit)
    return letters in (unit * times, unit[::-1] * times)


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())
