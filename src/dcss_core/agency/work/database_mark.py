"""Identity check: whether a database is opened with the keys and jurisdiction it was made with.

Decides at opening, before anything starts. Invariants: a database keeps the jurisdiction it was made
for and a value sealed with its keys; another ring or another jurisdiction is refused; a database into which
an import was begun and not finished is nobody's.
"""

from typing import Final

import attrs

from dcss_core.agency.work.records import keep
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.ports.storage import Row

_NAME: Final = "agency"
_SEALED_WORDS: Final = "sealed with this agency's keys"


@attrs.frozen
class AgencyIdentity:
    """Whose database this is."""

    name: str
    jurisdiction: str
    sealed: Secret


@attrs.frozen
class ImportUnderWay:
    """How far an import has come: of which export, by its manifest's hash, and so many rows of a collection.

    There is one from the first moment of an import until all of it was read back.
    """

    name: str
    export: str
    collection: str
    rows: int


AGENCY_IDENTITY: Final = keep(AgencyIdentity, "agency_identity", key="name")
IMPORT_UNDER_WAY: Final = keep(ImportUnderWay, "import_under_way", key="name")


def check_identity(resources: Resources) -> None:
    """Mark a new database as this agency's; raises ConfigurationError when it is another's.

    A database that is marked is only read, and no writer is waited for.
    """

    def mark(work: UnitOfWork) -> None:
        if not _is_marked(work, resources):  # by somebody else meanwhile
            identity = AgencyIdentity(_NAME, resources.jurisdiction.key, Secret(_SEALED_WORDS))
            work.insert(AGENCY_IDENTITY, [identity])

    if not resources.read(lambda work: _is_marked(work, resources)):
        resources.write(mark)


def _is_marked(work: UnitOfWork, resources: Resources) -> bool:
    if work.find(IMPORT_UNDER_WAY, ("name",), limit=1):
        raise ConfigurationError(
            "an import into this database was begun and is not finished; run the same import again: it "
            "goes on where it stopped"
        )
    row = work.transaction.get(AGENCY_IDENTITY.collection, _NAME)
    if row is None:
        return False
    jurisdiction, made_for = resources.jurisdiction.key, _opened(row, resources).jurisdiction
    if made_for != jurisdiction:
        raise ConfigurationError(
            f"this database was made for {made_for} and can't be opened as "
            f"{jurisdiction}; money posted under one state's rules can't be read under another's"
        )
    return True


def _opened(row: Row, resources: Resources) -> AgencyIdentity:
    try:
        return AGENCY_IDENTITY.from_row(row, resources.sealer)
    except BackendError:  # the row was read already, so it is the seal that failed
        raise ConfigurationError(
            "the key ring has the right id but not the right key: what was sealed in this database "
            "does not open; use the key file it was made with"
        ) from None
