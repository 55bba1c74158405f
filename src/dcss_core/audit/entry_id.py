"""EntryId: the name under which an entry is written, before it has a number.

Decides what an entry is called: the id of the act it belongs to (all that one transaction wrote down) and its
line in it. Invariants: an act's id can't be guessed, for it ends in 128 random bits; it begins with its turn,
which says nothing more than in which order the acts of one process are numbered, whatever their clock does.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import attrs

from dcss_core.errors import Fault, InvalidInputError

ACT_BYTES: Final = 24
RANDOM_BYTES: Final = 16
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_TURNS: Final = 1 << 16  # in one millisecond
_ALL_TURNS: Final = 1 << 64  # of 48 bits of milliseconds, until the year 10889
_WRITTEN: Final = re.compile(rf"([0-9a-f]{{{2 * ACT_BYTES}}})-([1-9]\d{{0,9}})", re.ASCII)


@attrs.frozen
class EntryId:
    """The id of an entry, written as `018cf0a1b2c3…-1`."""

    act: bytes
    line: int

    def __str__(self) -> str:
        return f"{self.act.hex()}-{self.line}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id; raises InvalidInputError for any other text."""
        match = _WRITTEN.fullmatch(text)
        if match is None:
            fault = Fault("entry id", "another text", "48 hexadecimal digits, '-' and a line from 1")
            raise InvalidInputError("this is no id of an audit entry", faults=[fault])
        return cls(bytes.fromhex(match[1]), int(match[2]))


def next_turn(last: int, now: datetime) -> int:
    """The turn of an act that begins now: after the last one of its process, by the clock if that goes on.

    It counts as a hybrid logical clock does: milliseconds times 65,536, or one more than before.
    """
    return max(last + 1, (now - _EPOCH) // _MILLISECOND * _TURNS)


def act_of(turn: int, random: bytes) -> bytes:
    """The id of the act with this turn, with 16 random bytes."""
    return (turn % _ALL_TURNS).to_bytes(ACT_BYTES - RANDOM_BYTES, "big") + random
