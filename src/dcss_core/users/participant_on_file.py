"""ParticipantOnFile: what registration and recovery compare a person's particulars with."""

from datetime import date

import attrs

from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.users.full_name import names_match


@attrs.frozen(repr=False)
class ParticipantOnFile:
    """The person whom the IRN or Client ID names, as far as registration compares them."""

    person_id: str
    first: str
    last: str
    middle: str
    birth_date: date
    ssn: TaxpayerNumber | None
    suffix: str = ""

    def is_named(self, full_name: str) -> bool:
        """Whether a full name as typed is this person's."""
        return names_match(
            full_name, first=self.first, last=self.last, middle=self.middle, suffix=self.suffix
        )
