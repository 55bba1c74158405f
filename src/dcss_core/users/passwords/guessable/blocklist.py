"""Blocklist: commonly used and expected passwords.

Decides by comparing the whole password, never a part of it (NIST SP 800-63B-4 §3.1.1.2): it is refused
when it is a listed word or a common password in one of the usual disguises, two listed words, a walk over the
keyboard, the alphabet or the digits, or a few characters or a short number over and over. Invariant: a
passphrase that merely holds listed words, or is made of three, passes.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Final, Self

import attrs

from dcss_core.base.json.shape import LONG_AND_NO_SECRET
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.table import Table
from dcss_core.users.look_alikes import fold_look_alikes
from dcss_core.users.passwords.guessable.common_passwords import CommonPasswords
from dcss_core.users.passwords.guessable.derived_words import (
    TELLING_LENGTH,
    Undisguised,
    forms_of,
    is_one_third_runs,
    solid_of,
    unit_of,
)
from dcss_core.users.passwords.guessable.joined_words import WordsToJoin
from dcss_core.users.passwords.guessable.walks import is_walk
from dcss_core.users.passwords.password import PasswordFault, PasswordViolation

_LONGEST_REPEATED: Final = 3
_RUN: Final = re.compile(r"(.)\1+", re.DOTALL)
_MONTH: Final = "jan|ene|feb|mar|apr|abr|may|jun|jul|aug|ago|sep|oct|nov|dec|dic"
# as a number on somebody's papers or a date: nine digits, one or two letters or a month among them
_SHORT_NUMBER: Final = re.compile(
    rf"[a-z0-9]{{2,4}}|(?:\d{{1,4}})??(?:[a-z]{{0,2}}|{_MONTH})\d{{1,9}}", re.ASCII
)
_SEVERAL: Final = 2  # listed words that are no passphrase yet

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
        folded = {entry: fold_look_alikes(entry) for entry in entries}
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
        if (len(unit) <= _LONGEST_REPEATED and len(unit) < len(folded)) or _is_next_to_nothing(password):
            return _REPETITION
        if password.is_one_of(self.forms) or self._spells_out(password.solid):
            return _COMMON
        # A short stretch between many random digits or signs is no walk.
        walked = {unit, *(each for form, each in password.units.items() if 2 * len(form) > len(folded))}
        is_long = len(folded) >= TELLING_LENGTH
        if is_long and any(map(is_walk, walked)):
            return _SEQUENCE
        number = password.units.get(password.solid, "")
        if len(number) < len(password.solid) and _SHORT_NUMBER.fullmatch(number):
            return _REPETITION
        if self._to_join.make_up(password, most=_SEVERAL):
            return _COMMON
        # with next to no letter or digit, a password is its own only form
        words = password.words if len(password.solid) >= TELLING_LENGTH else {folded}
        return _COMMON if self.common.hold_any(words) else None

    @cached_property
    def _to_join(self) -> WordsToJoin:
        return WordsToJoin.of(self.forms)

    @cached_property
    def _without_runs(self) -> frozenset[str]:
        return frozenset(map(_once, self.forms))

    def _spells_out(self, solid: str) -> bool:
        """Whether it is a listed word with letters said several times, which make up a third of it."""
        if not is_one_third_runs(solid):
            return False
        once = _once(solid)
        return not self._without_runs.isdisjoint((once, once[::-1]))


def _once(text: str) -> str:
    """A text with one of each character that stands several times in a row."""
    return _RUN.sub(r"\1", text)


def _is_next_to_nothing(password: Undisguised) -> bool:
    """Whether up to three characters are left, without blanks, bare marks and the same one again."""
    if len(set(password.solid)) > _LONGEST_REPEATED:
        return False
    seen = "".join([each for each in password.folded if unicodedata.category(each)[0] not in "CMZ"])
    return len(_once(seen)) <= _LONGEST_REPEATED < password.length


@lru_cache(maxsize=8)
def _from_table(table: Table) -> Blocklist:
    return Blocklist.of(str(word) for word in table.column("word"))
