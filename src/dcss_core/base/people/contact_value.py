"""Contact value: which text is an e-mail address, a number for text messages or a postal address.

Invariants: no fault repeats the text; a number has one spelling, so that two of it can be compared.
"""

import re
from collections.abc import Iterator
from typing import Final

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.people.mail_address import faults_of_mail_address
from dcss_core.base.printable import faults_of_shown, is_readable
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault

# ITU-T E.164: 15 digits at most. North American plan: ten; neither area nor exchange begins with 0 or 1.
_NUMBER: Final = re.compile(r"\+(?:1[2-9][0-9]{2}[2-9][0-9]{6}|[2-9][0-9]{6,14})", re.ASCII)
_BETWEEN_DIGITS: Final = str.maketrans("", "", " -.()")
_OURS: Final = "+1"  # a number without a country is one of this country
_OWN_DIGITS: Final = 10
_MOST_LINES: Final = 6
_LONGEST_LINE: Final = 100


def plain_value(kind: ContactKind, typed: Secret) -> Secret:
    """What was typed, as it is kept: without blanks around, a number as `+14045550100`."""
    text = typed.reveal().strip()
    if kind is not ContactKind.MOBILE:
        return Secret(text)
    digits = text.translate(_BETWEEN_DIGITS)
    if digits.isascii() and digits.isdigit() and len(digits) == _OWN_DIGITS:
        digits = _OURS + digits
    return Secret(digits)


def alike(value: Secret) -> str:
    """A value as others are compared with it: case and blanks make no other address."""
    return "".join(value.reveal().split()).casefold()


def faults_of_contact(where: str, kind: ContactKind, value: Secret) -> Iterator[Fault]:
    """Everything that keeps a plain value from being one of its kind; `where` names the field."""
    if kind is ContactKind.EMAIL:
        yield from faults_of_mail_address(where, value)
    elif kind is ContactKind.POSTAL:
        yield from _faults_of_postal(where, value)
    elif not _NUMBER.fullmatch(value.reveal()):
        expected = "ten digits, or a number of another country as +44 and its digits"
        yield Fault(where, "no number that takes text messages", expected)


def _faults_of_postal(where: str, value: Secret) -> Iterator[Fault]:
    lines = value.reveal().split("\n")
    if not 1 < len(lines) <= _MOST_LINES:
        yield Fault(where, f"{len(lines)} lines", f"2 to {_MOST_LINES}: street, and place with its code")
    for number, line in enumerate(lines[:_MOST_LINES], start=1):
        if not is_readable(line):
            yield Fault(f"{where}, line {number}", "a line without a letter or digit", "words to be read")
        elif len(line) > _LONGEST_LINE:
            yield Fault(f"{where}, line {number}", f"{len(line)} characters", f"{_LONGEST_LINE} or fewer")
        else:
            yield from faults_of_shown(f"{where}, line {number}", line)
