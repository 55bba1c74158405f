"""Manifest: what an export holds, and what its files must hash to.

Decides the format of `manifest.json`, which `docs/reference/export-format.md` describes. Invariants: it has
one spelling, and any other is refused; it says nothing of when, where or by whom it was written, so that the
same agency gives the same bytes.
"""

import json
from base64 import b64decode
from binascii import b2a_base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import attrs

from dcss_core.agency.work.shapes import collection_of
from dcss_core.base.json.strict_json import strict_json
from dcss_core.errors import ConfigurationError, InvalidInputError, InvariantError
from dcss_core.ports.storage import Collection

FORMAT: Final = 1


@attrs.frozen
class ExportedCollection:
    """One collection: its shape, which of its fields are sealed, and what its file holds."""

    collection: Collection
    sealed: tuple[str, ...]
    rows: int
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.collection.name}.jsonl"


@attrs.frozen
class Manifest:
    """What an export holds.

    `seal` is the value sealed with the agency's keys when its database was made, by which two exports of one
    agency are known as such. `audit_root` is None where the last record of the log does not hold its tree.
    """

    jurisdiction: str
    seal: bytes = attrs.field(repr=False)
    audit_entries: int
    audit_root: str | None
    collections: tuple[ExportedCollection, ...] = attrs.field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(each.rows for each in self.collections)

    @property
    def text(self) -> str:
        """The manifest as it is written."""
        document = {
            "format": FORMAT,
            "agency": {"jurisdiction": self.jurisdiction, "seal": _base64(self.seal)},
            "audit_log": {"entries": self.audit_entries, "root": self.audit_root},
            "collections": [_written(each) for each in self.collections],
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    @property
    def digest(self) -> str:
        """The SHA-256 of its text, which is the name of the whole export."""
        return sha256(self.text.encode()).hexdigest()


def read_manifest(text: str) -> Manifest:
    """Read a manifest.

    Raises ConfigurationError for one of a later format, InvariantError for what was never written as one.
    """
    try:
        document = strict_json(text)
        newer = document["format"]
    except (InvalidInputError, LookupError, TypeError):
        raise _no_manifest() from None
    if type(newer) is int and newer > FORMAT:
        raise ConfigurationError(
            f"this export has format {newer}, and this version reads format {FORMAT}; use the version of "
            "dcss-core that wrote it, or a later one"
        )
    try:
        manifest = _read(document)
        is_same = manifest.text == text
    except (InvalidInputError, LookupError, TypeError, ValueError, AttributeError):
        raise _no_manifest() from None
    if not is_same:
        raise _no_manifest()
    return manifest


def _no_manifest() -> InvariantError:
    return InvariantError("manifest.json is none that was written here; take another copy of the export")


def _read(document: Mapping[str, Any]) -> Manifest:
    return Manifest(
        _typed(str, document["agency"]["jurisdiction"]),
        b64decode(document["agency"]["seal"], validate=True),
        _count(document["audit_log"]["entries"]),
        None if document["audit_log"]["root"] is None else _digest(document["audit_log"]["root"]),
        tuple(map(_read_collection, _typed(list, document["collections"]))),
    )


def _read_collection(written: Mapping[str, Any]) -> ExportedCollection:
    _typed(bool, written["log"])  # else 1 would pass for true
    collection = collection_of(written)
    sealed = tuple(_typed(str, each) for each in _typed(list, written["sealed"]))
    return ExportedCollection(
        collection, sealed, _count(written["rows"]), _count(written["size"]), _digest(written["sha256"])
    )


def _written(each: ExportedCollection) -> dict[str, object]:
    collection = each.collection
    return {
        "name": collection.name,
        "rows": each.rows,
        "size": each.size,
        "sha256": each.sha256,
        "key": collection.key,
        "log": collection.log,
        "stream": collection.stream,
        "unique": sorted(collection.unique),
        "indexes": sorted(collection.indexes),
        "sealed": each.sealed,
        "fields": {field.name: str(field) for field in sorted(collection.fields, key=lambda it: it.name)},
    }


def _typed(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError("another type")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("no count")
    return value


def _digest(value: Any) -> str:
    if type(value) is not str or len(bytes.fromhex(value)) != sha256().digest_size:
        raise ValueError("no hash")
    return value


def _base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()
