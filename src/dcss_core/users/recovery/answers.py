"""Security answers: which spellings are the same answer, and the one secret they make together.

Decides how an answer is normalised and combined. Invariants: normalising twice changes nothing more;
accents stay; answers are hashed together, length-prefixed and in one fixed order, so that a stolen hash gives
no way to try one answer at a time and there is one verdict, never a hint which part was wrong. Until the
name was compared apart, with the one on file, it was hashed with them: such answers stay good as they are.
"""

import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.secret import Secret
from dcss_core.users.name_words import name_key

_APOSTROPHES: Final = "’‘ʼ‛′`´"
_MINUS: Final = "\u2212"
_WITH_NAME: Final = "security answers 1"
_WITHOUT_NAME: Final = "security answers 2"

LONGEST_TYPED: Final = 400
"""Code points of a name, an answer or a question's id that are read at most; a longer one is never right."""


@attrs.frozen
class Answer:
    """An answer as typed, to the question with this id."""

    question_id: str
    text: Secret

    def __attrs_post_init__(self) -> None:
        check_fields(self)


def normalise_answer(text: str) -> str:
    """The answer without case, width, invisible characters and differences of blanks, quotes and hyphens."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(map(_plain, folded))
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def enrolled_secret(answers: Iterable[Answer]) -> Secret:
    """Answers as one secret, to be hashed like a password; the order they come in doesn't count."""
    return _one_secret(_WITHOUT_NAME, answers)


def answers_secret(full_name: str, answers: Iterable[Answer]) -> Secret:
    """Name and answers as one secret, as they were enrolled while the name was hashed with them."""
    return _one_secret(_WITH_NAME, answers, name_key(_bounded(full_name)))


@attrs.frozen(repr=False)
class TypedAnswers:
    """What anybody may have typed, as each secret that was ever made of such answers."""

    enrolled_now: Secret
    enrolled_with_name: Secret

    @classmethod
    def of(cls, full_name: str, answers: Collection[Answer], *, most: int) -> "TypedAnswers":
        """Read them; more answers than are asked for are as wrong as none."""
        read = answers if len(answers) <= most else ()
        return cls(enrolled_secret(read), answers_secret(full_name, read))


def _one_secret(purpose: str, answers: Iterable[Answer], *names: str) -> Secret:
    parts = [purpose, *names]
    read = ((_bounded(answer.question_id), _bounded(answer.text.reveal())) for answer in answers)
    for question_id, text in sorted(read):
        parts += [question_id, normalise_answer(text)]
    return Secret("".join(f"{len(part)}:{part}" for part in parts))


def _bounded(typed: str) -> str:
    # Not cut, but emptied: nothing that long can be enrolled, and neither can an empty answer.
    return typed if len(typed) <= LONGEST_TYPED else ""


def _plain(character: str) -> str:
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in ("Cf", "Cc", "Cs"):
        return ""
    if category == "Pd" or character == _MINUS:
        return "-"
    return "'" if character in _APOSTROPHES else character
