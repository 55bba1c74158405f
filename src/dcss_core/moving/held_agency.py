"""HeldAgency: whose database it is that is to be moved or verified.

Decides what is refused before anything is read of it. Invariant: a database that no agency of this version
was ever opened on stays as it is.
"""

from dcss_core.agency.work.database_mark import AGENCY_IDENTITY, IMPORT_UNDER_WAY
from dcss_core.agency.work.shapes import written_collections
from dcss_core.errors import ConfigurationError
from dcss_core.moving.held_shapes import compared
from dcss_core.moving.opened_storage import is_missing, opened
from dcss_core.ports.storage import Storage, Transaction


def prepare_held(store: Storage) -> None:
    """Prepare a storage that holds an agency; raises ConfigurationError for any other."""
    collections = tuple(written_collections().values())
    missing, differences = compared(store, collections)
    if differences:
        raise ConfigurationError(
            "this database is of another version of the library, or of another application; say `dcss db "
            "upgrade` for one of a version before",
            faults=differences,
        )
    if len(missing) == len(collections):
        raise _no_agency()
    store.prepare(collections)


def jurisdiction_in(snapshot: Transaction) -> str:
    """The jurisdiction that a database was made for.

    Raises ConfigurationError for one that is of no agency, or into which an import is under way.
    """
    under_way = IMPORT_UNDER_WAY.collection
    if snapshot.find(under_way, under_way.key_fields, limit=1):
        raise ConfigurationError("an import into this database is not finished; finish it first")
    identity = AGENCY_IDENTITY.collection
    found = snapshot.find(identity, identity.key_fields, limit=2)
    if len(found) != 1:
        raise _no_agency()
    return str(found[0]["jurisdiction"])


def jurisdiction_of(storage: str) -> str:
    """The jurisdiction that the database at a URL was made for, to open its agency by; as `prepare_held`.

    Raises ConfigurationError for a file that is not there.
    """
    if is_missing(storage):
        raise ConfigurationError("there is no database at this URL; name the one of an agency")
    with opened(storage, ()) as store:
        prepare_held(store)
        with store.transaction(writes=False) as snapshot:
            return jurisdiction_in(snapshot)


def _no_agency() -> ConfigurationError:
    return ConfigurationError("no agency was ever opened on this database; name the one of an agency")
