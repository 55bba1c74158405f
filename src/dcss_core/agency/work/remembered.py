"""Remembered: which values read from text are kept, so that the next record with the same text shares them.

Decides it from the declared type; of a record that holds a Secret nothing at all is kept. Invariants: how
much is kept is bounded; what is or holds a Secret, and what `repr` does not show, is never kept; a kept value
can't change, so nobody can tell whether it was made for their record. The text is the whole key: what is read
depends on nothing else.
"""

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs

from dcss_core.base.money import Money

LONGEST: Final = 1_000
"""The longest JSON text that is kept, in characters; longer ones are the lists that grow and change."""

_HOW_MANY: Final = 2_048  # of each type: half a MB of case numbers, 2 MB of JSON as it usually is
_PLAIN: Final = (str, int, bool, date, datetime, Money, NoneType)
_FROZEN: Final = Money.__setattr__  # attrs gives the same one to each frozen class


@cache
def may_be_remembered(declared: Any) -> bool:
    """Whether values of this type can't change, hold no Secret and are shown by `repr` wholly."""
    if declared in _PLAIN or (isinstance(declared, type) and issubclass(declared, Enum)):
        return True
    if get_origin(declared) in (tuple, Union, UnionType):
        return all(may_be_remembered(part) for part in get_args(declared) if part is not Ellipsis)
    if not attrs.has(declared) or declared.__setattr__ is not _FROZEN:
        return False
    hints = get_type_hints(declared)
    return all(each.repr is True and may_be_remembered(hints[each.name]) for each in attrs.fields(declared))


@cache
def remembered(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """The same reading, with one memory for whoever reads so; an error is never kept."""
    return lru_cache(_HOW_MANY)(read)
