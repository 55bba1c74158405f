"""Identifiers printed by the agency: IRN, Client ID, case number.

Decides which text can be one. Their numbering is not published, so only what other rules demand is
checked: printable ASCII, bounded length, and for a case number what keeps it whole in the Federal
Case Registry and in an employer's remittance. Invariant: two identifiers of different kinds are
never equal, even with the same text.
"""

import re
from typing import ClassVar, Final

import attrs

from dcss_core.errors import Fault, InvalidInputError

_REGISTRATION: Final = re.compile(r"[0-9A-Z]{4,20}", re.ASCII)
_CASE: Final = re.compile(r"[!-)+-\[\]-~][ -)+-\[\]-~]{0,19}", re.ASCII)


@attrs.frozen(order=True, init=False)
class _RegistrationIdentifier:
    value: str
    word: ClassVar[str]

    def __init__(self, value: str) -> None:
        compact = re.sub(r"[\s-]", "", value).upper() if isinstance(value, str) else ""
        if not _REGISTRATION.fullmatch(compact):
            raise InvalidInputError(
                f"this is not a {self.word}",
                faults=[Fault(self.word, "other text", "4 to 20 letters and digits")],
            )
        self.__attrs_init__(compact)  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return self.value


class Irn(_RegistrationIdentifier):
    """An Individual Registration Number: 4 to 20 letters and digits; spaces, hyphens and case don't count."""

    __slots__ = ()
    word = "Individual Registration Number"


class ClientId(_RegistrationIdentifier):
    """A Client ID: 4 to 20 letters and digits; spaces, hyphens and case don't count."""

    __slots__ = ()
    word = "Client ID"


@attrs.frozen(order=True, init=False)
class CaseNumber:
    """A IV-D case number, exactly as printed, leading zeros included: 1 to 20 printable characters.

    Not all zeros, no leading space, no `*` and no `\\` (Federal Case Registry; the last two also
    keep the DED segment of a remittance parseable). Raises InvalidInputError.
    """

    value: str

    def __init__(self, value: str) -> None:
        text = value.rstrip(" ") if isinstance(value, str) else ""
        if not _CASE.fullmatch(text) or not text.strip("0"):
            raise InvalidInputError(
                "this is not a case number",
                faults=[
                    Fault(
                        "case number",
                        repr(text[:24]),
                        "1 to 20 printable characters, not all zeros, no leading space, no '*' or '\\'",
                    )
                ],
            )
        self.__attrs_init__(text)  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return self.value
