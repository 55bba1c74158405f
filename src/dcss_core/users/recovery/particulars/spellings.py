"""Spellings: an answer as it is compared with what is known of a person.

Decides what does not count: case, accents, signs, the script of a digit, letters that look like others, and
the words that only announce a particular (`my user ID is …`). An answer is compared as a whole, never by a
stretch within it, so that one answer tries one candidate.
"""

import re
import unicodedata
from typing import Final

from dcss_core.users.look_alikes import as_letters, fold_look_alikes
from dcss_core.users.passwords.guessable.derived_words import unit_of

DIGITS: Final = "0123456789"

_SIGNS: Final = re.compile(r"[\W_]+")
_SILENT: Final = re.compile(r"['’.]")
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")
_LETTERS_FOR_DIGITS: Final = str.maketrans("oil", "011")
_BEFORE_FOUR: Final = ("last", "ultimos")  # the last 4: a count, and no part of the number
_ANNOUNCING: Final = frozenset({
    "a", "address", "am", "an", "ano", "answer", "bday", "birth", "birthday", "born", "case", "caso", "clave",
    "client", "cliente", "contrasena", "correo", "cuatro", "cumpleanos", "date", "day", "de", "del", "dia",
    "digits", "direccion", "dob", "e", "el", "electronico", "email", "en", "es", "fecha", "for", "four", "i",
    "id", "in", "irn", "is", "it", "its", "la", "last", "le", "llamo", "login", "mail", "me", "mi", "my",
    "naci", "nacida", "nacido", "nacimiento", "name", "no", "nombre", "num", "number", "numero", "of", "on",
    "password", "respuesta", "security", "seguro", "social", "soy", "ssn", "the", "ultimos", "user", "userid",
    "username", "usuario", "was", "year",
})  # fmt: skip


def plain(text: str) -> str:
    """The text without case, accents and look-alikes, any digits as 0 to 9."""
    digits = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
    return fold_look_alikes(digits)


def squeezed(text: str) -> str:
    """The letters and digits of an answer, without accents, any digits as 0 to 9."""
    return _SIGNS.sub("", plain(text))


def words_of(text: str) -> list[str]:
    """The words of an answer between blanks and signs; apostrophes and full stops join."""
    return _SIGNS.sub(" ", _SILENT.sub("", plain(text))).split()


def spoken(text: str) -> str:
    """The words of an answer with one blank between, letters by themselves joined: `N/A` is `na`."""
    words = words_of(text)
    return "".join(words) if all(len(word) == 1 for word in words) else " ".join(words)


def tokens_of(text: str) -> list[str]:
    """Stretches of letters and of digits, without the words that only announce what follows."""
    found = _TOKEN.findall(plain(text))
    return [
        token
        for before, token in zip(["", *found], found, strict=False)
        if token not in _ANNOUNCING and not (token == "4" and before in _BEFORE_FOUR)
    ]


def cores_of(text: str) -> frozenset[str]:
    """What an answer says as a whole, as it is, without announcing words, and once where it is said again."""
    solids = {squeezed(text), "".join(word for word in words_of(text) if word not in _ANNOUNCING)}
    solids.add("".join(tokens_of(text)))
    return frozenset(way for solid in solids if solid for way in (solid, unit_of(solid)))


def read_as_letters(solid: str) -> tuple[str, ...]:
    """The text with digits as the letters they look like, `1` as an i, and as an l."""
    return as_letters(solid)


def read_as_digits(solid: str) -> str:
    """The text with the letters o, i and l as the digits they look like."""
    return solid.translate(_LETTERS_FOR_DIGITS)


def without_announcing(text: str) -> str:
    """The words of an answer between blanks, as they are, without those that only announce what follows."""
    return " ".join(word for word in text.split() if squeezed(word) not in _ANNOUNCING)
