"""Worthless answers: what protects nobody as a security answer, whatever the question.

Decides which answers say nothing (`n/a`, `I don't know`), which can be counted or typed without thinking
(`12345`, `qwerty`, `xxx`), and which stand in a person's papers: an e-mail address, a Social Security number,
the own date of birth, the own identifiers. Invariant: an e-mail address and nine digits are refused by their
shape, whoever they belong to, so that no refusal says what the agency has on file.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Final

import attrs

from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.users.passwords.guessable.derived_words import unit_of
from dcss_core.users.passwords.guessable.walks import is_walk
from dcss_core.users.recovery.particulars.own_birth_date import is_birth_date
from dcss_core.users.recovery.particulars.own_numbers import is_identifier, is_ssn
from dcss_core.users.recovery.particulars.spellings import (
    DIGITS,
    read_as_letters,
    spoken,
    squeezed,
    without_announcing,
)

_EMAIL: Final = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
_WHOLE_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_SHORT_EMAIL: Final = re.compile(r"[^\s@]{3}@[^\s@]{4}")  # p@ris is none
_AT: Final = re.compile(r" ?[(\[{<]? ?\bat\b ?[)\]}>]? ?")
_DOT: Final = re.compile(r" ?[(\[{<]? ?\bdot\b ?[)\]}>]? ?")
_SHORTEST_UNIT: Final = 3  # na is said twice in Nana
_SHORTEST_JOINED: Final = 6  # no se, with no blank, is nose
_SHORTEST_WALK: Final = 4  # of letters; three stand side by side in names and words, as in Stu and poi
_SHORTEST_COUNT: Final = 3
_FEWEST_REPETITIONS: Final = 3  # twice makes words: couscous, bonbon


class AnswerFault(Enum):
    """Why a set of answers can't be enrolled."""

    WRONG_NUMBER = "wrong_number"
    UNKNOWN_QUESTION = "unknown_question"
    QUESTION_TWICE = "question_twice"
    EMPTY = "empty"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    IS_USER_ID = "is_user_id"
    IS_NAME = "is_name"
    IS_PASSWORD = "is_password"
    IS_THE_QUESTION = "is_the_question"
    IS_EMAIL_ADDRESS = "is_email_address"
    IS_SSN = "is_ssn"
    IS_BIRTH_DATE = "is_birth_date"
    IS_IDENTIFIER = "is_identifier"
    IS_PLACEHOLDER = "is_placeholder"
    SEQUENCE = "sequence"
    REPETITION = "repetition"
    SAME_AS_ANOTHER = "same_as_another"
    TOO_COMMON = "too_common"


@attrs.frozen(repr=False)
class Particulars:
    """What a person's papers say of them, as far as it is known here."""

    ssn: TaxpayerNumber | None = None
    birth_date: date | None = None
    identifiers: tuple[str, ...] = ()


def faults_of_worthless(
    normalised: str, placeholders: frozenset[str], known: Particulars
) -> Iterator[tuple[AnswerFault, str]]:
    """Every reason why an answer protects nobody, with a sentence for the person."""
    solid = squeezed(normalised)
    checks: tuple[tuple[AnswerFault, str, Callable[[], bool]], ...] = (
        (
            AnswerFault.IS_PLACEHOLDER,
            "This is no answer; give one that only you know.",
            lambda: _is_placeholder(normalised, solid, placeholders),
        ),
        (
            AnswerFault.IS_EMAIL_ADDRESS,
            "Don't use an e-mail address as the answer.",
            lambda: _is_email_address(normalised),
        ),
        (
            AnswerFault.IS_SSN,
            "Don't use a Social Security number, or a part of yours, as the answer.",
            lambda: is_ssn(normalised, known.ssn),
        ),
        (
            AnswerFault.IS_BIRTH_DATE,
            "Don't use your date of birth as the answer.",
            lambda: known.birth_date is not None and is_birth_date(normalised, known.birth_date),
        ),
        (
            AnswerFault.IS_IDENTIFIER,
            "Don't use your IRN or Client ID as the answer.",
            lambda: is_identifier(normalised, known.identifiers),
        ),
        (
            AnswerFault.REPETITION,
            "Don't repeat the same few characters; use a word.",
            lambda: _is_repetition(solid),
        ),
        (
            AnswerFault.SEQUENCE,
            "Don't follow the keyboard, the alphabet or the digits; use a word.",
            lambda: _is_sequence(solid) and not _is_repetition(solid),
        ),
    )
    return ((fault, sentence) for fault, sentence, holds in checks if holds())


def _is_placeholder(normalised: str, solid: str, placeholders: frozenset[str]) -> bool:
    if not solid:
        return True
    said = {each for text in _said_once(normalised) for each in _undisguised(spoken(text))}
    if not placeholders.isdisjoint(said):
        return True
    joined = _undisguised(solid)
    joined |= {unit for unit in map(unit_of, joined) if len(unit) >= _SHORTEST_UNIT}
    return not _joined(placeholders).isdisjoint(joined)


def _said_once(normalised: str) -> tuple[str, ...]:
    """The answer, and one word of it where all are the same."""
    words = normalised.split()
    return (normalised, words[0]) if len(set(map(spoken, words))) == 1 else (normalised,)


def _undisguised(said: str) -> set[str]:
    """A text with and without digits around it, and with digits as the letters they look like."""
    bare = said.strip(f"{DIGITS} ")
    if not bare:  # a number is no word, whatever its digits look like
        return {said}
    return {said, bare, *read_as_letters(said), *read_as_letters(bare)}


@lru_cache(maxsize=8)
def _joined(placeholders: frozenset[str]) -> frozenset[str]:
    """The placeholders without blanks that are no other word then."""
    joined = {each: each.replace(" ", "") for each in placeholders}
    return frozenset(one for each, one in joined.items() if one == each or len(one) >= _SHORTEST_JOINED)


def _is_email_address(normalised: str) -> bool:
    announced = without_announcing(normalised)
    written = _DOT.sub(".", _AT.sub("@", announced, count=1))
    has_one = _EMAIL.search(normalised) or _SHORT_EMAIL.search(normalised)
    return has_one is not None or _WHOLE_EMAIL.fullmatch(written) is not None


def _is_repetition(solid: str) -> bool:
    unit = unit_of(solid)
    times = len(solid) // len(unit) if unit else 0
    if len(unit) == 1 and times > 1:
        return True
    return times >= _FEWEST_REPETITIONS or (times > 1 and _is_sequence(unit, shortest=_SHORTEST_COUNT))


def _is_sequence(solid: str, *, shortest: int = _SHORTEST_WALK) -> bool:
    enough = _SHORTEST_COUNT if solid.isdecimal() else shortest
    return len(solid) >= enough and is_walk(solid)
