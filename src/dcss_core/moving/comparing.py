"""Comparing: whether a database holds what an export holds, to the last byte.

Decides by writing every row as the export has it and hashing that. Invariants: each collection is read whole,
from one snapshot; a difference names the collection and never a value.
"""

from collections.abc import Iterator
from hashlib import sha256

from dcss_core.agency.work.database_mark import AGENCY_IDENTITY
from dcss_core.errors import Fault
from dcss_core.moving.exporting import audit_log_of
from dcss_core.moving.manifest import Manifest
from dcss_core.moving.paging import written_pages
from dcss_core.moving.reports import Progress
from dcss_core.moving.row_text import RowText
from dcss_core.ports.storage import Transaction


def may_be_the_same(snapshot: Transaction, manifest: Manifest) -> bool:
    """Whether a database is of the agency and has as many rows: what can be seen without reading it."""
    return _seal_of(snapshot) == manifest.seal and all(
        snapshot.count(each.collection, each.collection.key_fields) == each.rows
        for each in manifest.collections
    )


def differences_from(
    snapshot: Transaction, manifest: Manifest, progress: Progress | None
) -> tuple[Fault, ...]:
    """Where a database differs from an export; nothing when all of it is the same."""
    return tuple(_differences(snapshot, manifest, progress))


def _differences(snapshot: Transaction, manifest: Manifest, progress: Progress | None) -> Iterator[Fault]:
    done = 0
    for exported in manifest.collections:
        rows, digest = 0, sha256()
        for count, lines in written_pages(snapshot, RowText(exported.collection, exported.sealed)):
            digest.update(lines)
            rows += count
            done += count
            if progress is not None:
                progress(f"reading {exported.collection.name} back", done, manifest.rows)
        if rows != exported.rows:
            yield Fault(exported.collection.name, f"{rows:,} rows", f"{exported.rows:,}")
        elif digest.hexdigest() != exported.sha256:
            yield Fault(exported.collection.name, "other rows", "those of the export")
    if _seal_of(snapshot) != manifest.seal:
        yield Fault(AGENCY_IDENTITY.collection.name, "another agency's seal", "the one in the manifest")
    size, root = audit_log_of(snapshot)
    if (size, root) != (manifest.audit_entries, manifest.audit_root):
        expected = f"{manifest.audit_entries:,} under {manifest.audit_root}"
        yield Fault("audit log", f"{size:,} entries under the root {root}", expected)


def _seal_of(snapshot: Transaction) -> object:
    identity = AGENCY_IDENTITY.collection
    found = snapshot.find(identity, identity.key_fields, limit=1)
    return found[0]["sealed"] if found else None
