"""Shapes of former versions, written down: how a collection was declared, and what of it was sealed.

Invariant: what stands here says nothing of the present records, so that it never changes with them.
"""

from collections.abc import Iterable
from typing import Final

import attrs

from dcss_core.ports.storage import Collection, Field, FieldKind

_SEALED: Final = "sealed"
MOST_AT_ONCE: Final = 1_000
"""Rows in one transaction: some 20 ms."""


@attrs.frozen
class FormerCollection:
    """A collection of a former version, its sealed fields, and how many of its rows are read at once."""

    collection: Collection
    sealed: tuple[str, ...] = ()
    at_once: int = MOST_AT_ONCE

    @property
    def name(self) -> str:
        """The collection's name."""
        return self.collection.name


def former(
    name: str,
    fields: str,
    *,
    key: str | None = None,
    unique: Iterable[str] = (),
    indexes: Iterable[str] = (),
    at_once: int = MOST_AT_ONCE,
) -> FormerCollection:
    """Write a collection down; a log is one without a key, and `at_once` is less where rows may be large.

    Fields are `name:kind` with blanks between, `?` behind the kind of an optional one; the kind `sealed` is
    bytes that are sealed. Unique keys and indexes name their fields with blanks between.
    """
    written = [word.partition(":")[::2] for word in fields.split()]
    collection = Collection(
        name,
        tuple(_field(field, kind) for field, kind in written),
        **({} if key is None else {"key": key}),
        unique=tuple(tuple(group.split()) for group in unique),
        indexes=tuple(tuple(group.split()) for group in indexes),
        log=key is None,
    )
    sealed = tuple(field for field, kind in written if kind.rstrip("?") == _SEALED)
    return FormerCollection(collection, sealed, at_once)


def _field(name: str, kind: str) -> Field:
    plain = kind.rstrip("?")
    return Field(name, FieldKind.BYTES if plain == _SEALED else FieldKind(plain), optional=plain != kind)
