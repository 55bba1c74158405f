"""Blocklist: commonly used and expected passwords.

Decides by comparing the whole password, never a part of it (NIST SP 800-63B-4 §3.1.1.2): it is refused
when it is a listed word or a common password in one of the usual disguises, a walk over the keyboard, the
alphabet or the digits, or a few characters over and over. Invariant: a passphrase that merely holds a listed
word passes.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Self

import attrs

from dcss_core.base.json.shape import LONG_AND_NO_SECRET
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.table import Table
from dcss_core.users.folding import fold
from dcss_core.users.passwords.guessable.common_passwords import CommonPasswords
from dcss_core.users.passwords.guessable.derived_words import (
    TELLING_LENGTH,
    Undisguised,
    forms_of,
    solid_of,
    unit_of,
)
from dcss_core.users.passwords.guessable.walks import is_walk
from dcss_core.users.passwords.password import PasswordFault, PasswordViolation

_LONGEST_REPEATED: Final = 3

_COMMON: Final = PasswordViolation(
    PasswordFault.COMMON, "This is a common password, or one with little added; use several words."
)
_SEQUENCE: Final = PasswordViolation(
    PasswordFault.SEQUENCE, "Don't follow the keyboard, the alphabet or the digits; use several words."
)
_REPETITION: Final = PasswordViolation(
    PasswordFault.REPETITION, "Don't repeat the same few characters; use several words."
)


@attrs.frozen
class Blocklist:
    """The forms of the listed words, made by `of`, and the common passwords.

    Walks and repetitions are refused without any of them.
    """

    forms: frozenset[str] = attrs.field(default=frozenset(), repr=False, metadata={LONG_AND_NO_SECRET: True})
    common: CommonPasswords = attrs.field(factory=CommonPasswords)

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """A blocklist of these words and phrases; raises RulesError for every one that is too short."""
        folded = {entry: fold(entry) for entry in entries}
        faults = [
            Fault("accounts.password_blocklist", repr(entry), f"{TELLING_LENGTH} letters or digits at least")
            for entry, text in folded.items()
            if len(solid_of(text)) < TELLING_LENGTH
        ]
        if faults:
            raise RulesError("these entries of the blocklist would refuse too much", faults=faults)
        forms = (form for text in folded.values() for form in forms_of(text))
        return cls(frozenset(form for form in forms if len(form) >= TELLING_LENGTH))

    @classmethod
    def from_tables(cls, words: Table, common: Table) -> "Blocklist":
        """The blocklist of two rules; the same tables are read once."""
        return attrs.evolve(_from_table(words), common=CommonPasswords.from_table(common))

    def __bool__(self) -> bool:
        return bool(self.forms or self.common.buckets)

    def violation(self, password: Undisguised) -> PasswordViolation | None:
        """The reason against a password; None when it is not common."""
        folded = password.folded
        unit = unit_of(folded)
        if len(unit) <= _LONGEST_REPEATED and len(unit) < len(folded):
            return _REPETITION
        if password.is_one_of(self.forms):
            return _COMMON
        # A short stretch between many random digits or signs is no walk.
        walked = {unit, *(each for form, each in password.units.items() if 2 * len(form) > len(folded))}
        is_long = len(folded) >= TELLING_LENGTH
        if is_long and any(map(is_walk, walked)):
            return _SEQUENCE
        # with next to no letter or digit, a password is its own only form
        words = password.words if len(password.solid) >= TELLING_LENGTH else {folded}
        return _COMMON if self.common.hold_any(words) else None


@lru_cache(maxsize=8)
def _from_table(table: Table) -> Blocklist:
    return Blocklist.of(str(word) for word in table.column("word"))
