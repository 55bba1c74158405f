"""Seals: sealed values of a former version are opened, and sealed anew for where they stand now.

Decides nothing of how: a value is bound to the version of its record, and a record begins at version 1 again.
Invariants: a value that does not open is never carried over, so the key ring is known to open every one; what
stands unsealed where a sealed value belongs is never sealed, for the agency's key would vouch for it.
"""

from typing import Any

import attrs

from dcss_core.agency.work.records import Records
from dcss_core.agency.work.sealing import Sealer, place_of
from dcss_core.command.upgrade.shapes import FormerCollection
from dcss_core.errors import InvariantError
from dcss_core.ports.storage import VERSION, Row, Scalar


@attrs.define
class Seals:
    """Opens and seals rows, and counts the values it sealed."""

    sealer: Sealer
    sealed: int = 0

    def opened(self, former: FormerCollection, row: Row) -> dict[str, Scalar]:
        """A row as it was stored, with its sealed values open.

        Raises BackendError for a value that was changed or moved, InvariantError for one that was never
        sealed, ConfigurationError for a key that the ring lacks.
        """
        return {**row, **{field: self.opened_value(former, field, row) for field in former.sealed}}

    def opened_value(self, former: FormerCollection, field: str, row: Row) -> str | None:
        """One sealed value of a row, open; None where there is none. Raises as `opened` does."""
        place = place_of(former.name, field, row[former.collection.key], row[VERSION])
        return self._opened(row[field], f"{former.name}.{field}", place)

    def open_again(self, records: Records[Any], row: Row) -> dict[str, Scalar]:
        """A row of the present version, with its sealed values open; raises as `opened` does."""
        collection, opened = records.collection, dict(row)
        for column in records.columns.values():
            if column.sealed:
                name = column.field.name
                place = place_of(collection.name, name, row[collection.key], row[VERSION])
                opened[name] = self._opened(row[name], f"{collection.name}.{name}", place)
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

    def _opened(self, value: Scalar, column: str, place: str) -> str | None:
        if value is None:
            return None
        if not isinstance(value, bytes):
            raise InvariantError(f"what stands in {column} was never sealed; was it written by hand?")
        return self.sealer.open(value, place)
