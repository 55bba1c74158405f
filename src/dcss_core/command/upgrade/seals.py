"""Seals: sealed values of a former version are opened, and sealed anew for where they stand now.

Decides nothing of how: a value is bound to the version of its record, and a record begins at version 1 again.
Invariant: a value that does not open is never carried over; so the key ring is known to open every one.
"""

from typing import Any

import attrs

from dcss_core.agency.work.records import Records
from dcss_core.agency.work.sealing import Sealer
from dcss_core.command.upgrade.shapes import FormerCollection, place_of
from dcss_core.ports.storage import VERSION, Row, Scalar


@attrs.define
class Seals:
    """Opens and seals rows, and counts the values it sealed."""

    sealer: Sealer
    sealed: int = 0

    def opened(self, former: FormerCollection, row: Row) -> dict[str, Scalar]:
        """A row as it was stored, with its sealed values open.

        Raises BackendError for a value that was changed or moved, ConfigurationError for a key that the ring
        lacks.
        """
        opened = dict(row)
        for field in former.sealed:
            value = row[field]
            if isinstance(value, bytes):
                place = place_of(former.name, field, row[former.collection.key], row[VERSION])
                opened[field] = self.sealer.open(value, place)
        return opened

    def open_again(self, records: Records[Any], row: Row) -> dict[str, Scalar]:
        """A row of the present version, with its sealed values open."""
        opened = dict(row)
        for column in records.columns.values():
            value = row[column.field.name]
            if column.sealed and isinstance(value, bytes):
                key, version = row[records.collection.key], row[VERSION]
                place = place_of(records.collection.name, column.field.name, key, version)
                opened[column.field.name] = self.sealer.open(value, place)
        return opened

    def closed(self, records: Records[Any], row: Row, version: int) -> dict[str, Scalar]:
        """A row as it is to be stored, at a version of its record."""
        collection = records.collection
        closed = dict(row)
        for column in records.columns.values():
            value = row[column.field.name]
            if column.sealed and isinstance(value, str):
                place = place_of(collection.name, column.field.name, row[collection.key], version)
                closed[column.field.name] = self.sealer.seal(value, place)
                self.sealed += 1
        return closed
