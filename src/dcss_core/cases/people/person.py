"""Person: somebody the agency knows, whatever their roles in whatever cases.

Invariants: one record per person; a role is never a property of the person, so that the same person
can be noncustodial parent in one case and custodial parent or child in another.
"""

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.printable import is_readable
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import Fault

_LONGEST_PART: Final = 100
_CONTROLS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, half characters, line and paragraph breaks
# they turn the letters around them about, so that another name is read than is on file
_TURNING: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


@attrs.frozen
class PersonName:
    """A person's name as the agency has it on file."""

    first: str
    last: str
    middle: str = ""
    suffix: str = ""

    def __attrs_post_init__(self) -> None:
        check_fields(self)

    @property
    def full(self) -> str:
        """First, middle and last name and suffix, with single spaces."""
        return " ".join(part for part in (self.first, self.middle, self.last, self.suffix) if part)


@attrs.frozen
class Person:
    """A person on file.

    `ssn_index` is the blind index of the SSN, by which the person is found without reading it.
    `email` is the address on file, the only one to which codes and assigned passwords are sent.
    """

    person_id: str
    name: PersonName
    birth_date: date
    ssn: Ssn | None = None
    ssn_index: str | None = None
    irn: Irn | None = None
    client_id: ClientId | None = None
    email: Secret | None = None


def faults_of_name(where: str, name: PersonName) -> Iterator[Fault]:
    """Everything that keeps a name from being put on file; the name itself is not repeated."""
    names = [text for text in (name.first, name.last) if len(text) <= _LONGEST_PART]
    if not all(map(str.strip, names)):
        yield Fault(where, "a blank part", "a first and a last name")
    elif not all(map(is_readable, names)):
        yield Fault(where, "a part without a letter", "a first and a last name")
    for part, text in (
        ("first", name.first),
        ("last", name.last),
        ("middle", name.middle),
        ("suffix", name.suffix),
    ):
        if len(text) > _LONGEST_PART:  # what is too long is read no further
            yield Fault(f"{where}, {part}", f"{len(text)} characters", f"{_LONGEST_PART} or fewer")
        elif any(map(_is_control, text)):
            yield Fault(f"{where}, {part}", "a control character or a line break", "printable text")


def _is_control(character: str) -> bool:
    turns = unicodedata.bidirectional(character) in _TURNING
    return turns or unicodedata.category(character) in _CONTROLS
