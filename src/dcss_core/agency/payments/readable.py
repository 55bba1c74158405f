"""Readable: reading what may have been changed by hand.

Decides what is a record that can't be read back, and what a storage that fails. Invariants: a storage that
fails is never taken for a record; a value of another type than was written, wherever it first shows, is a
record that can't be read, for nothing else in a reading of the books depends on what is stored; pages end,
whatever is stored, for each record stands behind the one before.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, Generic, TypeVar

import attrs

from dcss_core.agency.filing.payments import BOOK_TOTALS
from dcss_core.agency.work.records import R, Records
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.errors import BackendError, ConfigurationError, InvalidInputError, InvariantError

T = TypeVar("T")

_OF_A_VALUE: Final = (
    InvariantError,
    InvalidInputError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What is raised where a value of another type, or one that no record has, is read or worked with."""
_OF_A_SEAL: Final = (BackendError, ConfigurationError)
"""What is raised where a sealed value was changed, or a key is named that there never was."""


def readable(resources: Resources, look: Callable[[UnitOfWork], T]) -> T | None:
    """What was read on a snapshot; None where something of it is not as it was written.

    Raises BackendError for a storage that fails, and whatever is not about what is stored.
    """
    looking = _Looking(look)
    try:
        return resources.read(looking.at)
    except (*_OF_A_VALUE, *_OF_A_SEAL) as error:
        if error is not looking.unreadable:
            raise
        return None


def check_ascending(
    records: Records[R], fields: tuple[str, ...], page: Sequence[Kept[R]], after: Kept[R] | None
) -> None:
    """Refuse a page whose records do not stand each behind the one before, by these fields.

    A value that is spelled otherwise than it was written may stand elsewhere than it reads, and what goes on
    behind it would begin at the same record for ever. Raises InvariantError.
    """
    in_order = [*page] if after is None else [after, *page]
    places = [tuple(records.stored(name, getattr(kept.record, name)) for name in fields) for kept in in_order]
    if any(not before < behind for before, behind in pairwise(places)):
        raise InvariantError(f"{records.collection.name} stand in no order; were they changed by hand?")


@attrs.define
class _Looking(Generic[T]):
    """A look at the books, and why what is there could not be read."""

    look: Callable[[UnitOfWork], T]
    unreadable: Exception | None = attrs.field(default=None, init=False)

    def at(self, work: UnitOfWork) -> T:
        self.unreadable = None
        try:
            return self.look(work)
        except _OF_A_SEAL as error:
            # a transaction whose storage failed says so again; one that met a broken seal goes on
            work.count(BOOK_TOTALS, ("shard",))
            self.unreadable = error
            raise
        except _OF_A_VALUE as error:
            self.unreadable = error
            raise
