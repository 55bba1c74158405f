"""KeyRing: the agency's master keys, the first of which is current, and what is left of those it retired.

Decides which key encrypts (the first) and which may decrypt (all that are not retired). Invariants: a key id
is never used twice, not even after its key was retired; a key has 32 bytes and never shows itself; of a
retired key nothing secret is left, so that it opens nothing, and what it signed counts up to a size of the
audit log alone. Keys for each purpose (sealing fields, indexing an SSN, peppering passwords) are derived from
the master keys and are never equal.
"""

import re
from collections.abc import Iterator
from typing import Final, Self

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError

_KEY_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,15}", re.ASCII)
_KEY_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PUBLIC_BYTES: Final = 32


@attrs.frozen
class MasterKey:
    """One master key: an id that may be stored beside what it sealed, and 32 bytes as hex.

    `signs_nothing_after` is for a key that somebody else may have and that still opens something: a signed
    statement about more entries of the audit log than these is not believed, although this key made it. The
    current key can have no such bound. Raises ConfigurationError for what is none of these.
    """

    key_id: str
    key_hex: Secret
    signs_nothing_after: int | None = None

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        _check_id(self.key_id)
        if not _KEY_HEX.fullmatch(self.key_hex.reveal()):
            raise ConfigurationError(f"key '{self.key_id}' must be 64 hexadecimal digits (32 random bytes)")
        _check_bound(self.key_id, self.signs_nothing_after)


@attrs.frozen
class RetiredKey:
    """What is left of a key that was retired: its id, and the public half that its signatures are read with.

    They count for as many entries of the audit log as `signs_nothing_after` says. Raises ConfigurationError
    for a public key that has not 32 bytes, or a bound that is no size of a log.
    """

    key_id: str
    public_key: bytes
    signs_nothing_after: int

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        _check_id(self.key_id)
        if len(self.public_key) != _PUBLIC_BYTES:
            raise ConfigurationError(f"the public key of '{self.key_id}' must have {_PUBLIC_BYTES} bytes")
        _check_bound(self.key_id, self.signs_nothing_after)


@attrs.frozen
class KeyRing:
    """Master keys in order: the first seals, all open; and the keys that were retired.

    Raises ConfigurationError when empty or ambiguous, or when the first key may not sign.
    """

    keys: tuple[MasterKey, ...]
    retired: tuple[RetiredKey, ...] = ()

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        if not self.keys:
            raise ConfigurationError("a key ring holds at least one key; make one with create_key_file()")
        ids = [*self._ids()]
        if len(set(ids)) != len(ids):
            raise ConfigurationError("two keys of the ring have the same id; each id names one key")
        if self.current.signs_nothing_after is not None:
            raise ConfigurationError(
                f"key '{self.current.key_id}' is the current one, so it signs the audit log and can have no "
                "bound; put a new key before it"
            )

    @property
    def current(self) -> MasterKey:
        """The key that seals what is written now."""
        return self.keys[0]

    def with_id(self, key_id: str) -> MasterKey:
        """The key that sealed something earlier; raises ConfigurationError when the ring lacks it."""
        for key in self.keys:
            if key.key_id == key_id:
                return key
        if self.was_retired(key_id):
            raise ConfigurationError(
                f"the data was sealed with key '{key_id}', which was retired and opens nothing any more; "
                "it must have come from a backup"
            )
        raise ConfigurationError(
            f"the data was sealed with key '{key_id}', which this key ring does not hold; "
            "open the agency with the ring that was used before"
        )

    def was_retired(self, key_id: str) -> bool:
        """Whether a key of this id was retired."""
        return any(key.key_id == key_id for key in self.retired)

    def with_ready(self, key: MasterKey) -> Self:
        """The ring with one more key, which opens and does not seal yet.

        Raises ConfigurationError for an id that was used before.
        """
        return attrs.evolve(self, keys=(*self.keys, key))

    def with_current(self, key_id: str) -> Self:
        """The ring in which one of its keys is the current one.

        Raises ConfigurationError for one that it does not hold, or that may not sign for ever.
        """
        key = self._held(key_id)
        return attrs.evolve(self, keys=(key, *(each for each in self.keys if each is not key)))

    def with_bound(self, key_id: str, signs_nothing_after: int) -> Self:
        """The ring in which what a key signed counts up to a size of the audit log alone.

        Raises ConfigurationError for the current key, and for one that it does not hold.
        """
        key = self._held(key_id)
        bound = attrs.evolve(key, signs_nothing_after=signs_nothing_after)
        return attrs.evolve(self, keys=tuple(bound if each is key else each for each in self.keys))

    def with_retired(self, retired: RetiredKey) -> Self:
        """The ring in which one of its keys is retired.

        Raises ConfigurationError for the current key, and for one that it does not hold.
        """
        if retired.key_id == self.current.key_id:
            raise ConfigurationError(
                f"key '{retired.key_id}' is the current one; put a new key before it, and reseal"
            )
        key = self._held(retired.key_id)
        left = tuple(each for each in self.keys if each is not key)
        return attrs.evolve(self, keys=left, retired=(*self.retired, retired))

    def _held(self, key_id: str) -> MasterKey:
        for key in self.keys:
            if key.key_id == key_id:
                return key
        known = ", ".join(f"'{key.key_id}'" for key in self.keys)
        raise ConfigurationError(f"this key ring holds no key of that id; it holds {known}")

    def _ids(self) -> Iterator[str]:
        yield from (key.key_id for key in self.keys)
        yield from (key.key_id for key in self.retired)


def _check_id(key_id: str) -> None:
    if not _KEY_ID.fullmatch(key_id):
        raise ConfigurationError("a key id is 1 to 16 lower-case letters, digits and hyphens, as 'k2026'")


def _check_bound(key_id: str, bound: int | None) -> None:
    if bound is not None and bound < 0:
        raise ConfigurationError(f"key '{key_id}' signs nothing after a size of the audit log, 0 or more")
