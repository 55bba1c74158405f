"""Person: somebody the agency knows, whatever their roles in whatever cases.

Invariants: one record per person; a role is never a property of the person, so that the same person
can be noncustodial parent in one case and custodial parent or child in another.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.base.printable import faults_of_shown, is_readable
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault

_LONGEST_PART: Final = 100
_NEEDED: Final = "a first and a last name; of somebody with one name only, that one and an empty text"


@attrs.frozen
class PersonName:
    """A person's name as the agency has it on file.

    `last` holds all last names, as `de la Cruz Rivera`. What is added to them, as Jr. or III, stands in
    `suffix` and never in `last`. Of somebody with one legal name, `first` or `last` is empty, whichever it
    is not.
    """

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

    `ssn` is the Social Security number, or the ITIN of somebody who has none. `ssn_index` is its blind index,
    by which the person is found without reading it.
    `email` is the address on file, the only one to which codes and assigned passwords are sent.
    """

    person_id: str
    name: PersonName
    birth_date: date
    ssn: TaxpayerNumber | None = None
    ssn_index: str | None = None
    irn: Irn | None = None
    client_id: ClientId | None = None
    email: Secret | None = None


def faults_of_name(where: str, name: PersonName) -> Iterator[Fault]:
    """Everything that keeps a name from being put on file; the name itself is not repeated."""
    given = [part for part in (name.first, name.last) if part and len(part) <= _LONGEST_PART]
    if not (name.first or name.last) or not all(map(str.strip, given)):
        yield Fault(where, "a blank part", _NEEDED)
    elif not all(map(is_readable, given)):
        yield Fault(where, "a part without a letter", _NEEDED)
    for part, text in (
        ("first", name.first),
        ("last", name.last),
        ("middle", name.middle),
        ("suffix", name.suffix),
    ):
        if len(text) > _LONGEST_PART:  # what is too long is read no further
            yield Fault(f"{where}, {part}", f"{len(text)} characters", f"{_LONGEST_PART} or fewer")
            continue
        yield from faults_of_shown(f"{where}, {part}", text)
