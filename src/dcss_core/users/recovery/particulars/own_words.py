"""Own words: whether an answer is the person's name, their user ID or their password.

Decides with the words in another order or repeated, initials and digits added, letters turned round, and
digits and letters that look alike swapped. Invariant: an answer that says more than that is no reason: Jane
Roe may answer `Roebuck Street`, and `Jane Street`.
"""

from collections.abc import Collection
from functools import partial
from typing import Final

from dcss_core.users.look_alikes import fold_look_alikes
from dcss_core.users.name_words import name_words
from dcss_core.users.passwords.guessable.derived_words import unit_of
from dcss_core.users.recovery.particulars.spellings import (
    DIGITS,
    cores_of,
    read_as_letters,
    squeezed,
    tokens_of,
    words_of,
)

_SHORTEST_JOINED: Final = 3
_SHORTEST_TURNED: Final = 6
_TELLING: Final = 8  # what is as long, or a letter and a digit beside each other, stands nowhere by chance


def is_name(answer: str, full_name: str) -> bool:
    """Whether an answer is made of words of the name alone."""
    names = tuple(map(fold_look_alikes, name_words(full_name)))
    if not names:
        return False
    told = [word for word in words_of(answer) if not word.isdecimal()]
    are_names = [not names_in.isdisjoint(names) for names_in in map(_readings, told)]
    is_rest_little = all(
        is_one or len(word) == 1 or not tokens_of(word) for word, is_one in zip(told, are_names, strict=True)
    )
    if any(are_names) and is_rest_little:
        return True
    return any(_is_of_names(each, names) for core in cores_of(answer) for each in _readings(core))


def is_user_id(answer: str, user_id: str) -> bool:
    """Whether an answer is the user id, or what stands in it before an at sign."""
    return any(_is_id(answer, squeezed(each)) for each in {user_id, user_id.partition("@")[0]})


def is_password(answer: str, password: str) -> bool:
    """Whether an answer is the password, however its words or letters are turned, or holds all of it."""
    whole, given = squeezed(password), squeezed(answer)
    if not whole or not given:
        return False
    if given == whole or _are_alike(given, whole) or given == whole[::-1]:
        return True
    if _lettered(words_of(answer)) == _lettered(words_of(password)) != []:
        return True
    if len(whole) < _TELLING:
        return False
    if given.strip(DIGITS) == whole.strip(DIGITS) and len(whole.strip(DIGITS)) >= _TELLING:
        return True
    pairs = zip((given, *read_as_letters(given)), (whole, *read_as_letters(whole)), strict=True)
    return any(one in text or one[::-1] in text for text, one in pairs)


def _readings(word: str) -> frozenset[str]:
    bare = word.strip(DIGITS)
    return frozenset((word, bare, *read_as_letters(word), *read_as_letters(bare)))


def _is_of_names(solid: str, names: tuple[str, ...]) -> bool:
    """Whether letters are names one after the other: any that are not short, or the whole name."""
    wholes = {"".join(names)}
    if len(solid) >= _SHORTEST_TURNED:  # An Li is not Lian
        wholes.add("".join(reversed(names)))
    if solid in wholes or unit_of(solid) in wholes or (len(names) > 1 and solid[::-1] in wholes):
        return True
    return _is_joined(solid, [name for name in names if len(name) >= _SHORTEST_JOINED])


def _is_joined(solid: str, names: Collection[str]) -> bool:
    ends = {0}
    for at in range(len(solid)):
        if at in ends:
            ends.update(at + len(name) for name in names if solid.startswith(name, at))
    return bool(solid) and len(solid) in ends


def _is_id(answer: str, whole: str) -> bool:
    if not whole:
        return False
    is_mixed = not whole.isalpha() and not whole.isdecimal()
    if any(map(partial(_are_alike, whole), cores_of(answer))):
        return True
    may_be_turned = is_mixed or len(whole) >= _SHORTEST_TURNED
    if may_be_turned and any(_are_alike(whole[::-1], core) for core in cores_of(answer)):
        return True
    return is_mixed and len(whole) >= _SHORTEST_TURNED and whole in squeezed(answer)


def _are_alike(one: str, other: str) -> bool:
    if one == other:
        return True
    # two numbers are two numbers, whatever their digits look like
    if one.isdecimal() or other.isdecimal():
        return False
    return any(a == b for a, b in zip(read_as_letters(one), read_as_letters(other), strict=True))


def _lettered(words: list[str]) -> list[str]:
    lettered = sorted(word for word in words if not word.isdecimal())
    return lettered if len(lettered) > 1 else []
