"""Verifying: an agency's database is opened with its keys, and everything that can be proven is.

Decides what is run: the comparison with an export, if one is named, and the verifications of the audit log
and of the books. Invariant: a database that no agency was ever opened on stays as it is.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dcss_core.audit.actor import Actor
from dcss_core.base.expected_types import checked_as
from dcss_core.errors import ConfigurationError
from dcss_core.moving.comparing import differences_from
from dcss_core.moving.held_agency import jurisdiction_in, prepare_held
from dcss_core.moving.new_folder import named_folder
from dcss_core.moving.opened_storage import is_missing, opened
from dcss_core.moving.reports import AgencyVerification, Progress
from dcss_core.moving.whole_export import looked_through
from dcss_core.opening.opening import open_agency
from dcss_core.ports.clock import Clock
from dcss_core.ports.keys import KeyRing

_AUDITOR = Actor.system("audit")


@checked_as(ConfigurationError)
def verify_agency(
    storage: str,
    *,
    keys: KeyRing | str | Path,
    against: str | Path | None = None,
    checkpoint_sinks: Sequence[str] = (),
    breach_check: str | None = None,
    plugins: Iterable[object] = (),
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> AgencyVerification:
    """Open an agency's database with its keys, and verify the audit log and the books.

    `against` is the folder of an export. Every row is compared with it first, since opening an agency changes
    the database. `checkpoint_sinks` hold what was signed of the log, to compare it with.
    `breach_check` is needed where the rules take no password without one. `progress` is told what is being
    done.

    Raises ConfigurationError for a database of no agency or another version, or keys that do not open it;
    InvariantError for a damaged export; BackendError where the storage fails.
    """
    export = None if against is None else looked_through(named_folder(against), progress)
    if is_missing(storage):
        raise ConfigurationError("there is no database at this URL; name the one to verify")
    extra = tuple(plugins)
    with opened(storage, extra) as store:
        prepare_held(store)
        with store.transaction(writes=False) as snapshot:
            jurisdiction = jurisdiction_in(snapshot)
            differences = None if export is None else differences_from(snapshot, export.manifest, progress)
    with open_agency(
        storage,
        jurisdiction=jurisdiction,
        keys=keys,
        channels=None,
        breach_check=breach_check,
        checkpoint_sinks=checkpoint_sinks,
        plugins=extra,
        clock=clock,
    ) as agency:
        log = agency.audit.verify(by=_AUDITOR, progress=_said("verifying the audit log", progress))
        books = agency.payments.verify(by=_AUDITOR, progress=_said("verifying the books", progress))
    return AgencyVerification(jurisdiction, log, books, differences)


def _said(what: str, progress: Progress | None) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, of: progress(what, done, of)
