"""VouchedIdentity: who somebody is, as an issuer outside says it and the host has verified.

Decides what an assertion may be. Invariants: it names the issuer's own id of the person, and a number or an
identifier by which the agency knows them; nothing of it shows itself.
"""

from datetime import date, datetime
from typing import Final

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.people.itin import Itin
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.users.full_name import is_too_long_to_read
from dcss_core.users.sign_in.session import Assurance

_LONGEST: Final = 255  # OpenID Connect Core 1.0 §2: `sub` has 255 ASCII characters at most


@attrs.frozen(repr=False)
class VouchedIdentity:
    """One assertion of an issuer that the rules list, whose signature and audience the host has verified.

    `subject` is the issuer's own id of the person, which never changes; `assertion_id` is this assertion's,
    which is good once; `at` is when the issuer signed them in. `number` or `identifier` is given, or both.
    `assurance` is what the issuer says of the sign-in; it is believed as far as the rules say. Raises
    InvalidInputError with every fault.
    """

    issuer: str
    subject: Secret
    assertion_id: Secret
    at: datetime
    full_name: str
    birth_date: date
    number: Ssn | Itin | None = None
    identifier: Irn | ClientId | None = None
    assurance: Assurance = Assurance.AAL1

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        faults = [
            Fault(name, f"{len(value.reveal())} characters", f"1 to {_LONGEST}")
            for name, value in (("subject", self.subject), ("assertion_id", self.assertion_id))
            if not 1 <= len(value.reveal()) <= _LONGEST
        ]
        if self.at.tzinfo is None:
            faults.append(Fault("at", "an instant without a time zone", "an aware instant"))
        if not self.full_name.strip() or is_too_long_to_read(self.full_name):
            faults.append(Fault("full_name", f"{len(self.full_name)} characters", "a full name"))
        if self.number is None and self.identifier is None:
            faults.append(Fault("number", "nothing", "an SSN, an ITIN, an IRN or a Client ID"))
        if faults:
            raise InvalidInputError("this vouches for nobody", faults=faults)
