"""Own birth date: whether an answer is the person's date of birth, or a part that tells it.

Decides in English, Spanish and French, in figures and in words: the year, day and month, or month and year.
The month by itself, the day of the week and any other day are no reason. Every word has to fit, so that an
answer tries one date.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Final

from dcss_core.users.passwords.guessable.derived_words import unit_of
from dcss_core.users.recovery.particulars.spellings import squeezed, tokens_of

_MONTHS: Final = (
    ("january", "enero", "janvier"), ("february", "febrero", "fevrier"), ("march", "marzo", "mars"),
    ("april", "abril", "avril"), ("may", "mayo", "mai"), ("june", "junio", "juin"),
    ("july", "julio", "juillet"), ("august", "agosto", "aout"),
    ("september", "septiembre", "setiembre", "septembre", "sept"), ("october", "octubre", "octobre"),
    ("november", "noviembre", "novembre"), ("december", "diciembre", "decembre"),
)  # fmt: skip
_DAYS_OF_WEEK: Final = frozenset({
    "dimanche", "domingo", "fri", "friday", "jeudi", "jueves", "lundi", "lunes", "mardi", "martes",
    "mercredi", "miercoles", "mon", "monday", "sabado", "samedi", "sat", "saturday", "sun", "sunday", "thu",
    "thur", "thurs", "thursday", "tue", "tues", "tuesday", "vendredi", "viernes", "wed", "wednesday",
})  # fmt: skip
_BEHIND_DAYS: Final = frozenset({"st", "nd", "rd", "th", "er", "ro", "o", "e", "a"})  # 1st, 1er, 1º
_ORDINALS: Final = {
    word: number
    for number, words in enumerate(
        (
            "first primero primer premier", "second segundo", "third tercero", "fourth cuarto",
            "fifth quinto",
            "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth",
            "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
        ),
        start=1,
    )
    for word in words.split()
} | {"thirtieth": 30}  # fmt: skip
_TENS: Final = {"twenty": 20, "thirty": 30}
_DAY, _MONTH, _YEAR = "day", "month", "year"
_TELLING: Final = ({_DAY, _MONTH}, {_MONTH, _YEAR})
_LENGTH_OF_YEAR: Final = 4


def is_birth_date(answer: str, born: date) -> bool:
    """Whether an answer is this day, its year, its day and month or its month and year."""
    if squeezed(answer) in _written_whole(born):
        return True
    said: list[frozenset[str]] = []
    for token in _counted(tokens_of(answer)):
        parts = _parts(token, born)
        if parts is None:
            return False
        if parts:
            said.append(parts)
    told = frozenset().union(*said)
    if f"{born.year:04}" in map(unit_of, tokens_of(answer)):
        return True
    is_several = len(said) > 1 or any(len(unit_of(token)) >= _LENGTH_OF_YEAR for token in tokens_of(answer))
    return is_several and any(parts <= told for parts in _TELLING)


def _counted(tokens: list[str]) -> Iterator[str]:
    """The words with ordinal numbers as figures."""
    tens = 0
    for token in tokens:
        if token in _TENS:
            tens = _TENS[token]
            continue
        number = _ORDINALS.get(token)
        yield token if number is None else str(tens + number)
        tens = 0


def _parts(token: str, born: date) -> frozenset[str] | None:
    """What of the day a word tells, which may be nothing; None where it is no part of it."""
    if not token.isdecimal():
        is_month = any(token in (name, name[:3], name[:4]) for name in _MONTHS[born.month - 1])
        if is_month:
            return frozenset({_MONTH})
        return frozenset() if token in _DAYS_OF_WEEK or token in _BEHIND_DAYS else None
    figures = {
        _DAY: {f"{born.day}", f"{born.day:02}"},
        _MONTH: {f"{born.month}", f"{born.month:02}"},
        _YEAR: {f"{born.year:04}", f"{born.year % 100:02}"},
    }
    number = unit_of(token)
    if number in _written_whole(born):
        return frozenset(figures)
    if number in {f"{born:%m%d}", f"{born:%d%m}"}:
        return frozenset({_DAY, _MONTH})
    if number in {f"{born.year:04}{born.month:02}", f"{born.month:02}{born.year:04}"}:
        return frozenset({_MONTH, _YEAR})
    return (
        frozenset(part for part, written in figures.items() if token in written or number in written) or None
    )


@lru_cache(maxsize=4)
def _written_whole(born: date) -> frozenset[str]:
    """The day as people write it, without signs and blanks."""
    days, months = {f"{born.day}", f"{born.day:02}"}, {f"{born.month}", f"{born.month:02}"}
    names = {part for name in _MONTHS[born.month - 1] for part in (name, name[:3], name[:4])}
    years = {f"{born.year:04}", f"{born.year % 100:02}"}
    year, week, day = born.isocalendar()
    return frozenset(
        "".join(parts)
        for day, month, year in product(days, months | names, years)
        for parts in ((year, month, day), (month, day, year), (day, month, year))
    ) | {f"{year:04}w{week:02}{day}", f"{year:04}w{week:02}", f"{born.year:04}{born.timetuple().tm_yday:03}"}
