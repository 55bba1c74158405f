"""Identity check: whether a database is opened with the keys and jurisdiction it was made with.

Decides at opening, before anything starts. Invariants: a database keeps the jurisdiction it was made
for and a value sealed with its keys; another ring or another jurisdiction is refused; a database into which
an import was begun and not finished is nobody's; what its decoys are made with is drawn once, so that they
outlive a master key.
"""

from typing import Final

import attrs

from dcss_core.agency.work.records import keep
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork, version_of
from dcss_core.base.secret import Secret
from dcss_core.errors import BackendError, ConfigurationError, InvariantError
from dcss_core.ports.storage import Row

_NAME: Final = "agency"
_SEALED_WORDS: Final = "sealed with this agency's keys"


@attrs.frozen
class AgencyIdentity:
    """Whose database this is, and what it makes the decoys of security questions with.

    `decoys` is None in a database that was not opened since it keeps them itself.
    """

    name: str
    jurisdiction: str
    sealed: Secret
    decoys: Secret | None = None


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
        kept = _marked(work, resources)
        if kept is None:
            decoys = work.sealer.new_decoys()
            identity = AgencyIdentity(_NAME, resources.jurisdiction.key, Secret(_SEALED_WORDS), decoys)
            work.insert(AGENCY_IDENTITY, [identity])
        elif kept.record.decoys is None:
            # as they were: decoys that change, where real questions do not, would tell which is which
            decoys = work.sealer.decoys_of_oldest()
            work.replace(AGENCY_IDENTITY, kept, attrs.evolve(kept.record, decoys=decoys))

    kept = resources.read(lambda work: _marked(work, resources))
    if kept is None or kept.record.decoys is None:
        resources.write(mark)


def identity_of(work: UnitOfWork) -> Kept[AgencyIdentity]:
    """Whose database this is; raises InvariantError for one that is marked no longer."""
    kept = work.get(AGENCY_IDENTITY, _NAME)
    if kept is None:
        raise InvariantError("the database does not say any more whose it is; was a record deleted by hand?")
    return kept


def decoys_of(work: UnitOfWork) -> Secret:
    """What decoys are made with here."""
    decoys = identity_of(work).record.decoys
    return work.sealer.decoys_of_oldest() if decoys is None else decoys


def _marked(work: UnitOfWork, resources: Resources) -> Kept[AgencyIdentity] | None:
    if work.find(IMPORT_UNDER_WAY, ("name",), limit=1):
        raise ConfigurationError(
            "an import into this database was begun and is not finished; run the same import again: it "
            "goes on where it stopped"
        )
    row = work.transaction.get(AGENCY_IDENTITY.collection, _NAME)
    if row is None:
        return None
    kept = Kept(_opened(row, resources), version_of(row))
    jurisdiction, made_for = resources.jurisdiction.key, kept.record.jurisdiction
    if made_for != jurisdiction:
        raise ConfigurationError(
            f"this database was made for {made_for} and can't be opened as "
            f"{jurisdiction}; money posted under one state's rules can't be read under another's"
        )
    return kept


def _opened(row: Row, resources: Resources) -> AgencyIdentity:
    try:
        return AGENCY_IDENTITY.from_row(row, resources.sealer)
    except BackendError:  # the row was read already, so it is the seal that failed
        raise ConfigurationError(
            "the key ring has the right id but not the right key: what was sealed in this database "
            "does not open; use the key file it was made with"
        ) from None
