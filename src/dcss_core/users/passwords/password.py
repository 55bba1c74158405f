"""Password: what a person typed, made ready for hashing once, and what can be wrong with it.

Decides what reaches the hash: the text in Unicode NFC, or as it was typed where a jurisdiction says so,
whole, NUL and blanks included (NIST SP 800-63B-4 §3.1.1.2: normalise with NFC, verify the entire
password). Invariants: nothing is ever cut off; text that can't be encoded or is too long is refused
before any hashing or comparing; a reason never shows the password.
"""

import unicodedata
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.secret import Secret

LONGEST_PASSWORD: Final = 256
"""Code points, after normalising, that are hashed at most: the bound against long-input attacks."""

# A decomposed character has at most four code points (UAX #15, maximum expansion of NFD), so what is
# longer than this can't become short enough by normalising and is refused unread.
_LONGEST_TYPED: Final = 4 * LONGEST_PASSWORD


class Password(Secret):
    """A password ready to be hashed; made by `prepare_password`, and by `assigned_password` from ASCII."""

    __slots__ = ()


class Normalization(Enum):
    """What is done to a password before it is hashed or checked."""

    NFC = "NFC"
    NONE = "none"


class PasswordFault(Enum):
    """Why a password is refused."""

    EMPTY = "empty"
    NOT_TEXT = "not_text"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    MISSING_CLASS = "missing_class"
    CONTAINS_USER_ID = "contains_user_id"
    PART_OF_USER_ID = "part_of_user_id"
    CONTAINS_NAME = "contains_name"
    MADE_OF_NAME = "made_of_name"
    MADE_OF_AGENCY_NAME = "made_of_agency_name"
    COMMON = "common"
    SEQUENCE = "sequence"
    REPETITION = "repetition"
    BREACHED = "breached"
    BREACH_CHECK_UNAVAILABLE = "breach_check_unavailable"
    TOO_SOON = "too_soon"
    SAME_AS_CURRENT = "same_as_current"
    SAME_AS_ASSIGNED = "same_as_assigned"
    USED_BEFORE = "used_before"


@attrs.frozen
class PasswordViolation:
    """One reason a password is refused, with its parameters and a sentence for the person."""

    fault: PasswordFault
    sentence: str
    parameters: tuple[tuple[str, int | str], ...] = ()

    def __str__(self) -> str:
        return f"{self.fault.value}: {self.sentence}"


def prepare_password(
    typed: Secret, normalize: Normalization = Normalization.NFC
) -> Password | PasswordViolation:
    """Normalise what was typed, once, before any hash or comparison sees it."""
    text = typed.reveal()
    if len(text) > _LONGEST_TYPED:
        return too_long(LONGEST_PASSWORD)
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return PasswordViolation(
            PasswordFault.NOT_TEXT,
            "The password holds half a character; type it again instead of pasting it.",
        )
    normalised = unicodedata.normalize("NFC", text) if normalize is Normalization.NFC else text
    return too_long(LONGEST_PASSWORD) if len(normalised) > LONGEST_PASSWORD else Password(normalised)


def too_long(limit: int) -> PasswordViolation:
    """The violation of a maximum length, in code points."""
    return PasswordViolation(
        PasswordFault.TOO_LONG, f"Use at most {limit} characters.", (("max_length", limit),)
    )
