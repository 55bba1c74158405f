"""Resealing: sealed values are opened, and sealed anew under the key that was named.

Decides what is sealed anew: every field that holds sealed values, and no other. Invariants: a value that does
not open stops the export; each is sealed for version 1, at which its record begins in the next storage.

What else depends on a key keeps it, and stays findable and verifiable only with a ring that still holds it:
blind indexes of Social Security numbers (a person is found by the index of each key of the ring), peppers of
password hashes and answers (the person alone knows what was hashed), and signatures of the audit log.
`agency.keys` retires a key.
"""

from collections.abc import Iterable
from typing import Final

import attrs

from dcss_core.agency.work.database_mark import AGENCY_IDENTITY
from dcss_core.agency.work.sealing import Sealer, place_of
from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.moving.row_text import RowText
from dcss_core.opening.key_source import Keys, read_keys
from dcss_core.opening.machine import SystemRandomness
from dcss_core.ports.keys import KeyRing
from dcss_core.ports.storage import VERSION, Collection, Row, Scalar

_FIRST_VERSION: Final = 1


@attrs.frozen
class Resealing:
    """Opens with every key of a ring, and seals with the first."""

    sealer: Sealer

    def row(self, text: RowText, row: Row) -> Row:
        """A row whose sealed values are sealed anew, for version 1.

        Raises ConfigurationError for a key that the ring lacks, or that is another one of the same name;
        BackendError for a value that was changed or moved.
        """
        if not text.sealed:
            return row
        try:
            return self._sealed_anew(text, row)
        except BackendError:
            if text.collection is not AGENCY_IDENTITY.collection:
                raise
            raise ConfigurationError(
                "the key ring has the right id but not the right key: what was sealed in this database does "
                "not open; use the key file it was made with"
            ) from None

    def _sealed_anew(self, text: RowText, row: Row) -> Row:
        sealed: dict[str, Scalar] = {name: self._anew(text.collection, name, row) for name in text.sealed}
        return {**row, **sealed, VERSION: _FIRST_VERSION}

    def _anew(self, collection: Collection, field: str, row: Row) -> bytes | None:
        value, key = row[field], row[collection.key]
        if not isinstance(value, bytes):
            return None
        plain = self.sealer.open(value, place_of(collection.name, field, key, row[VERSION]))
        return self.sealer.seal(plain, place_of(collection.name, field, key, _FIRST_VERSION))


def resealing(keys: Keys | None, name: str | None, plugins: Iterable[object]) -> Resealing | None:
    """How to seal anew under the key of this name; None where nothing is to be sealed anew.

    Raises ConfigurationError for a name without keys, or keys that hold none of the name.
    """
    if name is None:
        return None
    if keys is None:
        raise ConfigurationError("what is sealed is opened and sealed anew with the agency's keys; name them")
    ring = read_keys(keys, plugins)
    first = next((key for key in ring.keys if key.key_id == name), None)
    if first is None:
        raise ConfigurationError(f"the key ring holds no key '{name}'; name one of its keys to seal under")
    others = tuple(key for key in ring.keys if key is not first)
    return Resealing(Sealer(KeyRing((first, *others)), SystemRandomness()))
