"""Exporting: everything an agency's database holds, as files of JSON lines.

Decides what belongs to an export: every collection of the agency, and nothing that one storage alone knows.
Invariants: all of it is of one snapshot, during which others go on writing; the same agency gives the same
bytes, whatever storage it is in; what is sealed is copied as it is, or sealed anew under the key that was
named; an export that was not finished has no name.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import attrs

from dcss_core.agency.work.database_mark import AGENCY_IDENTITY, IMPORT_UNDER_WAY
from dcss_core.agency.work.shapes import written_collections
from dcss_core.agency.work.trail.act import AUDIT_LOG
from dcss_core.audit.merkle_tree import EMPTY_ROOT
from dcss_core.audit.numbering import NumberedLeaf, tree_after
from dcss_core.base.expected_types import checked_as
from dcss_core.errors import ConfigurationError, Fault, InvariantError
from dcss_core.moving.every_record import sealed_fields
from dcss_core.moving.held_agency import jurisdiction_in, prepare_held
from dcss_core.moving.manifest import ExportedCollection, Manifest
from dcss_core.moving.new_folder import NewFolder, named_folder, new_folder
from dcss_core.moving.opened_storage import is_missing, opened
from dcss_core.moving.paging import written_pages
from dcss_core.moving.reports import MoveReport, Progress, report_of
from dcss_core.moving.resealing import Resealing, resealing
from dcss_core.moving.row_text import MOST_VERSION, RowText
from dcss_core.ports.keys import KeyRing
from dcss_core.ports.storage import SEQUENCE, Collection, Row, Storage, Transaction

MANIFEST: Final = "manifest.json"
MANIFEST_HASH: Final = "manifest.json.sha256"


@checked_as(ConfigurationError)
def export_agency(
    storage: str | Storage,
    folder: str | Path,
    *,
    keys: KeyRing | str | Path | None = None,
    rewrap: str | None = None,
    plugins: Iterable[object] = (),
    progress: Progress | None = None,
) -> MoveReport:
    """Write everything that an agency's database holds into a new folder.

    `storage` is the URL of the database, or a storage that is open. Sealed values stay as they are; with
    `rewrap` they are opened with `keys` and sealed anew under the key of that name. `progress` is told how
    many rows are written, of how many.

    Raises ConfigurationError for a database of another version or of no agency, a folder that is there
    already, or a key that is missing; InvariantError for what can't be read; BackendError where the storage
    or the disk fails. Nothing is left in the folder's place then.
    """
    extra = tuple(plugins)
    sealed_anew, path = resealing(keys, rewrap, extra), named_folder(folder)
    if is_missing(storage):
        raise ConfigurationError("there is no database at this URL; name the one to export")
    with opened(storage, extra) as store:
        prepare_held(store)
        with new_folder(path) as new:
            with store.transaction(writes=False) as snapshot:
                manifest = _Exporting(snapshot, new, sealed_anew, progress).run()
            _write_manifest(new, manifest)
    return report_of(path, manifest)


def exported_collections() -> tuple[Collection, ...]:
    """The collections of an export, in the order of their names."""
    under_way = IMPORT_UNDER_WAY.collection.name
    return tuple(each for name, each in written_collections().items() if name != under_way)


def audit_log_of(snapshot: Transaction) -> tuple[int, str | None]:
    """How many entries of the audit log are numbered, and the root of their tree by its last record."""
    last = snapshot.find(AUDIT_LOG.collection, (SEQUENCE,), descending=True, limit=1)
    return audit_log_with(last[0] if last else None)


def audit_log_with(row: Mapping[str, Any] | None) -> tuple[int, str | None]:
    """What `audit_log_of` gives for a log with this last record."""
    if row is None:
        return 0, EMPTY_ROOT.hex()
    leaf = NumberedLeaf(row["act"], row["line"], row["nodes"], row["peaks"])
    try:
        return row[SEQUENCE], tree_after(row[SEQUENCE], leaf).root().hex()
    except InvariantError:  # a damaged log is exported as it is; verifying it says what is wrong
        return row[SEQUENCE], None


@attrs.define
class _Exporting:
    """One export, of one snapshot."""

    snapshot: Transaction
    new: NewFolder
    sealed_anew: Resealing | None
    progress: Progress | None
    _total: int = attrs.field(default=0, init=False)
    _done: int = attrs.field(default=0, init=False)
    _last: tuple[Any, ...] | None = attrs.field(default=None, init=False)
    _seal: bytes = attrs.field(default=b"", init=False)

    def run(self) -> Manifest:
        jurisdiction = jurisdiction_in(self.snapshot)
        if self.progress is not None:
            self._total = sum(self.snapshot.count(each, each.key_fields) for each in exported_collections())
        exported = tuple(map(self._write, exported_collections()))
        return Manifest(jurisdiction, self._seal, *audit_log_of(self.snapshot), exported)

    def _write(self, collection: Collection) -> ExportedCollection:
        text = RowText(collection, sealed_fields(collection.name))
        exported = ExportedCollection(collection, text.sealed, 0, 0, "")
        whole = sha256()
        with self.new.file(exported.file) as file:
            self._last = None
            for count, lines in written_pages(self.snapshot, text, self._prepared):
                file.write(lines)
                whole.update(lines)
                exported = attrs.evolve(exported, rows=exported.rows + count, size=exported.size + len(lines))
                self._step(f"writing {collection.name}", count)
        return attrs.evolve(exported, sha256=whole.hexdigest())

    def _prepared(self, text: RowText, rows: Sequence[Row]) -> Sequence[Row]:
        if text.collection.log:
            self._check_numbers(text, rows)
        if self.sealed_anew is not None:
            rows = [self.sealed_anew.row(text, row) for row in rows]
        if text.sealed and any(text.version_of(row) > MOST_VERSION for row in rows):
            raise ConfigurationError(
                f"a record of {text.collection.name} was replaced more than {MOST_VERSION:,} times, and its "
                "seals are bound to that; export with the keys, and have them sealed anew (rewrap)"
            )
        if text.collection is AGENCY_IDENTITY.collection:
            seal = rows[0]["sealed"]
            assert isinstance(seal, bytes)
            self._seal = seal
        return rows

    def _check_numbers(self, text: RowText, rows: Sequence[Row]) -> None:
        for row in rows:
            key = text.key_of(row)
            if not text.follows(key, self._last):
                name = text.collection.name
                raise InvariantError(
                    "an entry of a log was deleted by hand, so that no import could number the others; "
                    "nothing was exported. Keep the database as it is, and copy it with its own tools",
                    faults=[Fault(name, f"number {key[-1]} where it does not belong", "no gap")],
                )
            self._last = key

    def _step(self, what: str, rows: int) -> None:
        self._done += rows
        if self.progress is not None:
            self.progress(what, self._done, self._total)


def _write_manifest(new: NewFolder, manifest: Manifest) -> None:
    with new.file(MANIFEST) as file:
        file.write(manifest.text.encode())
    with new.file(MANIFEST_HASH) as file:  # as `sha256sum --check` reads it
        file.write(f"{manifest.digest}  {MANIFEST}\n".encode())
