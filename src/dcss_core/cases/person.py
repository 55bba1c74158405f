"""Person: somebody the agency knows, whatever their roles in whatever cases.

Invariants: one record per person; a role is never a property of the person, so that the same person
can be noncustodial parent in one case and custodial parent or child in another.
"""

from datetime import date

import attrs

from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn


@attrs.frozen
class PersonName:
    """A person's name as the agency has it on file."""

    first: str
    last: str
    middle: str = ""
    suffix: str = ""

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
