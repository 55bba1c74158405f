"""Worthless answers: what protects nobody as a security answer, whatever the question.

Decides which answers say nothing (`n/a`, `I don't know`), which can be counted or typed without thinking
(`12345`, `qwerty`, `xxx`), and which stand in a person's papers: an e-mail address, a Social Security number,
the own date of birth, the own identifiers. Invariant: an e-mail address and nine digits are refused by their
shape, whoever they belong to, so that no refusal says what the agency has on file.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from itertools import product
from typing import Final

import attrs

from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.users.folding import fold
from dcss_core.users.passwords.guessable.derived_words import unit_of
from dcss_core.users.passwords.guessable.walks import is_walk

_EMAIL: Final = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
_WHOLE_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_AT: Final = re.compile(r" ?[(\[{<]? ?\bat\b ?[)\]}>]? ?")
_DOT: Final = re.compile(r" ?[(\[{<]? ?\bdot\b ?[)\]}>]? ?")
_SIGNS: Final = re.compile(r"[\W_]+")
_SILENT: Final = re.compile(r"['’.]")
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th|º)")
_OF: Final = frozenset({"of", "the", "de", "del", "el"})
_SSN_DIGITS: Final = 9
_LAST_OF_SSN: Final = 4
_SHORTEST_WALK: Final = 4  # of letters; three stand side by side in names and words, as in Stu and poi
_SHORTEST_COUNT: Final = 3
_FEWEST_REPETITIONS: Final = 3  # twice makes words: couscous, bonbon
_MONTHS: Final = (
    ("january", "enero"), ("february", "febrero"), ("march", "marzo"), ("april", "abril"), ("may", "mayo"),
    ("june", "junio"), ("july", "julio"), ("august", "agosto"), ("september", "septiembre", "setiembre"),
    ("october", "octubre"), ("november", "noviembre"), ("december", "diciembre"),
)  # fmt: skip


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


def squeezed(text: str) -> str:
    """The letters and digits of an answer, without accents, any digits as 0 to 9."""
    digits = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
    return _SIGNS.sub("", fold(digits))


def spoken(text: str) -> str:
    """The words of an answer with one blank between, letters by themselves joined: `N/A` is `na`."""
    words = _SIGNS.sub(" ", _SILENT.sub("", fold(text))).split()
    return "".join(words) if all(len(word) == 1 for word in words) else " ".join(words)


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
            lambda: _is_ssn(solid, known.ssn),
        ),
        (
            AnswerFault.IS_BIRTH_DATE,
            "Don't use your date of birth as the answer.",
            lambda: known.birth_date is not None and _is_birth_date(normalised, solid, known.birth_date),
        ),
        (
            AnswerFault.IS_IDENTIFIER,
            "Don't use your IRN or Client ID as the answer.",
            lambda: solid in {squeezed(each) for each in known.identifiers} - {""},
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
    said = spoken(normalised)
    return not placeholders.isdisjoint({said, said.strip("0123456789 ")} - {""})


def _is_email_address(normalised: str) -> bool:
    written = _DOT.sub(".", _AT.sub("@", normalised, count=1))
    return _EMAIL.search(normalised) is not None or _WHOLE_EMAIL.fullmatch(written) is not None


def _is_ssn(solid: str, ssn: TaxpayerNumber | None) -> bool:
    digits = ssn.reveal() if ssn is not None else ""
    if digits and (digits in solid or solid == digits[-_LAST_OF_SSN:]):
        return True
    return solid.isdecimal() and len(solid) == _SSN_DIGITS


def _is_birth_date(normalised: str, solid: str, born: date) -> bool:
    words = (word for word in spoken(_ORDINAL.sub("", normalised)).split() if word not in _OF)
    return not {solid, squeezed("".join(words))}.isdisjoint(_written_dates(born))


def _written_dates(born: date) -> frozenset[str]:
    """A day as people write it, without signs and blanks."""
    days, months = {f"{born.day}", f"{born.day:02}"}, {f"{born.month}", f"{born.month:02}"}
    names = {part for name in _MONTHS[born.month - 1] for part in (name, name[:3], name[:4])}
    years = {f"{born.year:04}", f"{born.year % 100:02}"}
    return frozenset(
        "".join(parts)
        for day, month, year in product(days, months | names, years)
        for parts in ((year, month, day), (month, day, year), (day, month, year))
    )


def _is_repetition(solid: str) -> bool:
    unit = unit_of(solid)
    times = len(solid) // len(unit) if unit else 0
    if len(unit) == 1 and times > 1:
        return True
    return times >= _FEWEST_REPETITIONS or (times > 1 and _is_sequence(unit, shortest=_SHORTEST_COUNT))


def _is_sequence(solid: str, *, shortest: int = _SHORTEST_WALK) -> bool:
    enough = _SHORTEST_COUNT if solid.isdecimal() else shortest
    return len(solid) >= enough and is_walk(solid)
