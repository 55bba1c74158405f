"""ParticipantOnFile: what registration and recovery compare a person's particulars with."""

from datetime import date

import attrs

from dcss_core.base.ssn import Ssn


@attrs.frozen(repr=False)
class ParticipantOnFile:
    """The person whom the IRN or Client ID names, as far as registration compares them."""

    person_id: str
    first: str
    last: str
    middle: str
    birth_date: date
    ssn: Ssn | None
