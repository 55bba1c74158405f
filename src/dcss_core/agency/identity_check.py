"""Identity check: whether a database is opened with the keys and jurisdiction it was made with.

Decides at opening, before anything starts. Invariant: a database keeps the jurisdiction it was made
for and a value sealed with its keys; another ring or another jurisdiction is refused.
"""

from typing import Final

import attrs

from dcss_core.agency.records import keep
from dcss_core.agency.resources import Resources
from dcss_core.agency.unit_of_work import UnitOfWork
from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError, ConfigurationError

_SEALED_WORDS: Final = "sealed with this agency's keys"


@attrs.frozen
class AgencyIdentity:
    """Whose database this is."""

    name: str
    jurisdiction: str
    sealed: Secret


AGENCY_IDENTITY: Final = keep(AgencyIdentity, "agency_identity", key="name")


def check_identity(resources: Resources) -> None:
    """Mark a new database as this agency's; raises ConfigurationError when it is another's."""
    jurisdiction = resources.jurisdiction.key

    def verb(work: UnitOfWork) -> None:
        try:
            kept = work.get(AGENCY_IDENTITY, "agency")
        except BackendError:
            raise ConfigurationError(
                "the key ring has the right id but not the right key: what was sealed in this database "
                "does not open; use the key file it was made with"
            ) from None
        if kept is None:
            work.insert(AGENCY_IDENTITY, [AgencyIdentity("agency", jurisdiction, Secret(_SEALED_WORDS))])
        elif kept.record.jurisdiction != jurisdiction:
            raise ConfigurationError(
                f"this database was made for {kept.record.jurisdiction} and can't be opened as "
                f"{jurisdiction}; money posted under one state's rules can't be read under another's"
            )

    resources.write(verb)
