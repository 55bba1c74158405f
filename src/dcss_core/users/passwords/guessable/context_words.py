"""Context words: the user id, the names and the agency in a password.

Decides which of them a password may not hold, and which it may not be as a whole. Invariant: a password
that holds the user id is refused whatever the rules say, in any case, width or direction, and with signs
between or look-alikes for its letters, be they digits, signs or letters of other scripts.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Final

from dcss_core.users.look_alikes import fold_look_alikes
from dcss_core.users.name_words import name_words
from dcss_core.users.passwords.guessable.derived_words import Undisguised, forms_of, holds, solid_of
from dcss_core.users.passwords.guessable.hidden_words import HidingPlaces
from dcss_core.users.passwords.guessable.joined_words import WordsToJoin
from dcss_core.users.passwords.password import PasswordFault, PasswordViolation

_SMALL_WORDS: Final = frozenset({"of", "the", "and", "for", "de", "del", "la", "y"})
_SHORTEST_INITIALS: Final = 3


class ContextWord(Enum):
    """What a jurisdiction may forbid a password to contain."""

    USER_ID = "user_id"
    NAMES = "names"


_CONTAINS_USER_ID: Final = PasswordViolation(
    PasswordFault.CONTAINS_USER_ID, "Leave your user ID out of the password."
)
_PART_OF_USER_ID: Final = PasswordViolation(
    PasswordFault.PART_OF_USER_ID, "Don't use a part of your user ID; choose words of your own."
)
_CONTAINS_NAME: Final = PasswordViolation(PasswordFault.CONTAINS_NAME, "Leave your name out of the password.")
_MADE_OF_NAME: Final = PasswordViolation(
    PasswordFault.MADE_OF_NAME, "Your name alone is no password; add words of your own."
)
_MADE_OF_AGENCY_NAME: Final = PasswordViolation(
    PasswordFault.MADE_OF_AGENCY_NAME,
    "The name of the agency alone is no password; add words of your own.",
)


def user_id_violation(password: Undisguised, places: HidingPlaces, user_id: str) -> PasswordViolation | None:
    """The reason against a password of somebody with this user id."""
    whole = fold_look_alikes(user_id)
    if not whole:
        return None
    local_part = whole.partition("@")[0]  # many ids are e-mail addresses
    if (
        whole in password.folded
        or holds(password.folded, whole)
        or holds(password.folded, local_part)
        or password.is_made_of(whole)
        or any(map(places.hide, {whole, local_part}))
    ):
        return _CONTAINS_USER_ID
    return _PART_OF_USER_ID if holds(solid_of(whole), password.solid) else None


def name_violation(
    password: Undisguised, places: HidingPlaces, names: tuple[str, ...], *, may_be_contained: bool
) -> PasswordViolation | None:
    """The reason against a password of somebody with these names."""
    words = {word for word in _words_of(names) if len(word) > 1}  # an initial is no name
    is_made_of = any(password.is_made_of(word) for word in words)
    if may_be_contained:
        return _MADE_OF_NAME if is_made_of else None
    return _CONTAINS_NAME if is_made_of or any(map(places.hide, words)) else None


def agency_violation(
    password: Undisguised, agency_names: tuple[str, ...], listed: frozenset[str]
) -> PasswordViolation | None:
    """The reason against a password for the portal of an agency with these names.

    Words and initials of the agency alone are refused in any order, with one word of those `listed` too.
    """
    if password.is_one_of(_forms_of_all(agency_names)):
        return _MADE_OF_AGENCY_NAME
    is_made_of = bool(agency_names) and _to_join(agency_names, listed).make_up(password, most=1)
    return _MADE_OF_AGENCY_NAME if is_made_of else None


def _words_of(names: Iterable[str]) -> Iterator[str]:
    return (fold_look_alikes(word) for name in names for word in name_words(name))


@lru_cache(maxsize=8)
def _forms_of_all(agency_names: tuple[str, ...]) -> frozenset[str]:
    words = {*_words_of(agency_names), *map(fold_look_alikes, agency_names), *_initials(agency_names)}
    return frozenset(form for word in words for form in forms_of(word))


@lru_cache(maxsize=8)
def _to_join(agency_names: tuple[str, ...], listed: frozenset[str]) -> WordsToJoin:
    return WordsToJoin.of(listed, free={*_words_of(agency_names), *_initials(agency_names)})


def _initials(agency_names: Iterable[str]) -> Iterator[str]:
    """What an agency is called in short: of Georgia Division of Child Support Services GDCSS, and DCSS."""
    for name in agency_names:
        letters = "".join([word[0] for word in _words_of([name]) if word not in _SMALL_WORDS])
        yield from (letters[at:] for at in range(len(letters) - _SHORTEST_INITIALS + 1))
