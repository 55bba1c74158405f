"""Importing: an empty database is filled from an export, and becomes the agency that was exported.

Decides which database may be filled, and when it may be opened. Invariants: nothing is written before every
line of the export was looked at, and nothing into a database that holds anything; transactions are bounded,
and what was committed is never written again; until all of it was read back and came to the hashes of the
export, a mark says that an import is under way, with which no agency opens the database; the import of a
killed process goes on where it stopped; two at once don't mix.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from dcss_core.agency.work.database_mark import IMPORT_UNDER_WAY
from dcss_core.agency.work.shapes import written_collections
from dcss_core.base.expected_types import checked_as
from dcss_core.errors import ConfigurationError, ConflictError, InvariantError, StaleVersionError
from dcss_core.moving.comparing import differences_from, may_be_the_same
from dcss_core.moving.held_shapes import compared
from dcss_core.moving.manifest import ExportedCollection
from dcss_core.moving.new_folder import named_folder
from dcss_core.moving.opened_storage import opened
from dcss_core.moving.paging import MOST_BYTES, MOST_ROWS
from dcss_core.moving.reports import MoveReport, Progress, report_of
from dcss_core.moving.whole_export import WholeExport, looked_through
from dcss_core.ports.storage import SEQUENCE, VERSION, Collection, Row, Scalar, Storage, Transaction

_NAME: Final = "import"
_MARK: Final = IMPORT_UNDER_WAY.collection


@checked_as(ConfigurationError)
def import_agency(
    folder: str | Path,
    storage: str | Storage,
    *,
    plugins: Iterable[object] = (),
    progress: Progress | None = None,
) -> MoveReport:
    """Fill an empty database from an export, and read all of it back.

    `storage` is the URL of the database, or a storage that is open. A database that holds what the export
    holds already is left as it is, and the report says so. `progress` is told how many rows are done, of how
    many.

    Raises ConfigurationError for what is no export, an export of another version or a database that is not
    empty; InvariantError for a damaged export, with every fault; ConflictError where another import is at
    work; BackendError where the storage fails: the same import is run again then, and goes on.
    """
    export = looked_through(named_folder(folder), progress)
    with opened(storage, plugins) as store:
        _prepare(store)
        importing = _begun(store, export, progress)
        if importing is not None:
            importing.run()
        elif not _is_there(store, export, progress):
            raise ConfigurationError(
                "the database is not empty, and an import fills an empty one only; name a new database"
            )
    return report_of(export.folder, export.manifest, is_new=importing is not None)


def _prepare(store: Storage) -> None:
    collections = tuple(written_collections().values())
    _, differences = compared(store, collections)
    if differences:
        raise ConfigurationError(
            "this database holds something of another version, or of another application; name a new one",
            faults=differences,
        )
    store.prepare(collections)


def _begun(store: Storage, export: WholeExport, progress: Progress | None) -> "_Importing | None":
    """The import, from its beginning or from where it stopped; None for a database that holds something."""
    digest = export.manifest.digest
    with store.transaction(writes=True) as transaction:
        mark = transaction.get(_MARK, _NAME)
        if mark is None:
            if any(_holds_anything(transaction, each) for each in written_collections().values()):
                return None
            first: dict[str, Scalar] = {"name": _NAME, "export": digest, "collection": "", "rows": 0}
            transaction.insert(_MARK, [first])
            mark = {**first, VERSION: 1}
    if mark["export"] != digest:
        raise ConfigurationError(
            "the import of another export into this database is not finished; go on with that one, or name a "
            "new database"
        )
    return _Importing(store, export, progress, mark)


def _holds_anything(transaction: Transaction, collection: Collection) -> bool:
    return bool(transaction.find(collection, collection.key_fields, limit=1))


def _is_there(store: Storage, export: WholeExport, progress: Progress | None) -> bool:
    with store.transaction(writes=False) as snapshot:
        return may_be_the_same(snapshot, export.manifest) and not differences_from(
            snapshot, export.manifest, progress
        )


@attrs.frozen
class _Batch:
    """Rows that are written in one transaction, each with the version its seals are bound to."""

    rows: list[dict[str, Scalar]]
    versions: list[int]


@attrs.define
class _Importing:
    """One import; `mark` is the row that says how far it has come."""

    store: Storage
    export: WholeExport
    progress: Progress | None
    mark: Row
    _done: int = attrs.field(default=0, init=False)

    def run(self) -> None:
        """Write what is missing, read everything back and let the database be opened."""
        for exported in self.export.manifest.collections:
            begins_with = self._rows_there(exported)
            self._step(exported, begins_with)
            for batch in _batches(self.export.rows(exported, begins_with)):
                self._save(exported, batch)
                self._step(exported, len(batch.rows))
        with self.store.transaction(writes=False) as snapshot:
            differences = differences_from(snapshot, self.export.manifest, self.progress)
        if differences:
            raise InvariantError(
                "what was read back is not what the export holds; the database can't be used, make a new one "
                "and look who else writes to it",
                faults=differences,
            )
        self._finish()

    def _rows_there(self, exported: ExportedCollection) -> int:
        """How many rows of a collection a stopped import had written; collections come in order of names."""
        name, reached = exported.collection.name, str(self.mark["collection"])
        if name == reached:
            there = self.mark["rows"]
            assert isinstance(there, int)
            return there
        return exported.rows if name < reached else 0

    def _save(self, exported: ExportedCollection, batch: _Batch) -> None:
        collection = exported.collection
        there = self._rows_there(exported) if self.mark["collection"] == collection.name else 0
        with self.store.transaction(writes=True) as transaction:
            mark = self._moved_on(transaction, collection.name, there + len(batch.rows))
            if collection.log:
                _append(transaction, collection, batch.rows)
            else:
                _insert(transaction, collection, batch)
        self.mark = mark

    def _moved_on(self, transaction: Transaction, collection: str, rows: int) -> Row:
        version = self.mark[VERSION]
        assert isinstance(version, int)
        moved = {"name": _NAME, "export": self.mark["export"], "collection": collection, "rows": rows}
        try:
            transaction.replace(_MARK, moved, expected_version=version)
        except StaleVersionError:
            raise ConflictError("another import into this database is at work; let it finish") from None
        return {**moved, VERSION: version + 1}

    def _finish(self) -> None:
        with self.store.transaction(writes=True) as transaction:
            self._moved_on(transaction, "", 0)
            transaction.delete(_MARK, _MARK.key_fields, (_NAME,), limit=1)

    def _step(self, exported: ExportedCollection, rows: int) -> None:
        self._done += rows
        if self.progress is not None:
            self.progress(f"writing {exported.collection.name}", self._done, self.export.manifest.rows)


def _batches(rows: Iterator[tuple[dict[str, Scalar], int, int]]) -> Iterator[_Batch]:
    """Rows in batches of so many and so much, and of so many replacements."""
    batch, writes, size = _Batch([], []), 0, 0
    for row, version, length in rows:
        batch.rows.append(row)
        batch.versions.append(version)
        writes += version
        size += length
        if writes >= MOST_ROWS or size >= MOST_BYTES:
            yield batch
            batch, writes, size = _Batch([], []), 0, 0
    if batch.rows:
        yield batch


def _insert(transaction: Transaction, collection: Collection, batch: _Batch) -> None:
    transaction.insert(collection, batch.rows)
    for row, version in zip(batch.rows, batch.versions, strict=True):
        for expected in range(1, version):  # a seal is bound to it, and nothing else leads there
            transaction.replace(collection, row, expected_version=expected)


def _append(transaction: Transaction, log: Collection, rows: list[dict[str, Any]]) -> None:
    numbers = [row.pop(SEQUENCE) for row in rows]
    goes_on = next((place for place, number in enumerate(numbers) if number == 1), len(rows))
    given: list[int] = []
    if goes_on:
        given += transaction.append(log, rows[:goes_on])
    if goes_on < len(rows):
        given += transaction.append(log, rows[goes_on:], begins=True)
    if given != numbers:
        raise InvariantError(f"entries of {log.name} got other numbers than they had; nothing was saved")
