"""Remitter: an organisation that sends support, such as an employer, or somebody who pays for a payer.

Decides what it may be and which identifications it sends under. Invariants: an organisation has a name; of a
private payer none is kept; one that ended never sends people in again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.printable import faults_of_shown, shown_number
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret
from dcss_core.errors import ConflictError, Fault, InvalidInputError

_LONGEST_NAME: Final = 100
_LONGEST_IDENTIFICATION: Final = 10  # Nacha Operating Rules, company identification: positions 41 to 50
_MOST_IDENTIFICATIONS: Final = 50


class RemitterKind(Enum):
    """What a remitter is."""

    ORGANISATION = "organisation"
    PRIVATE_PAYER = "private_payer"


class RemitterState(Enum):
    """Whether people of a remitter may sign in."""

    ACTIVE = "active"
    ENDED = "ended"


class RemitterAct(Enum):
    """What is done to a remitter."""

    OPEN = "open"
    CHANGE = "change"
    INVITE = "invite"
    END = "end"


REMITTER_STATES: Final = StateTable(
    "a remitter",
    RemitterState,
    RemitterAct,
    (
        (None, RemitterAct.OPEN, RemitterState.ACTIVE),
        (RemitterState.ACTIVE, RemitterAct.CHANGE, RemitterState.ACTIVE),
        (RemitterState.ACTIVE, RemitterAct.INVITE, RemitterState.ACTIVE),
        (RemitterState.ACTIVE, RemitterAct.END, RemitterState.ENDED),
    ),
)


@attrs.frozen
class Remitter:
    """A remitter as it is stored; its identifications stand by themselves (`RemitterIdentification`)."""

    remitter_id: str
    kind: RemitterKind
    name: Secret | None
    state: RemitterState
    opened_at: datetime
    ended_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        is_organisation = self.kind is RemitterKind.ORGANISATION
        check_invariants(
            self,
            (is_organisation is (self.name is not None), "an organisation has a name, nobody else"),
            ((self.state is RemitterState.ENDED) is (self.ended_at is not None), "it ended at some time"),
        )


@attrs.frozen
class RemitterIdentification:
    """Under what one remitter sends: in an ACH file the company identification of a batch."""

    identification: str
    remitter_id: str


def after(remitter: Remitter, act: RemitterAct) -> RemitterState:
    """The state of a remitter after an act; raises ConflictError where that can't be done to it."""
    if act is not RemitterAct.END and remitter.kind is RemitterKind.PRIVATE_PAYER:
        raise ConflictError("a private payer is one person, who has no name here and invites nobody")
    return REMITTER_STATES.next_state(remitter.state, act)


def read_identifications(sends_as: Sequence[str], name: str | None = None) -> tuple[str, ...]:
    """The identifications as they are kept, each once, and in order; `name` is judged with them.

    Raises InvalidInputError with every fault.
    """
    read = tuple(sorted({each.strip() for each in sends_as}))
    faults = [*_faults_of_identifications(read), *(_faults_of_name(name) if name is not None else ())]
    if faults:
        raise InvalidInputError("this remitter can't be kept", faults=faults)
    return read


def _faults_of_identifications(read: Sequence[str]) -> Iterator[Fault]:
    if not 1 <= len(read) <= _MOST_IDENTIFICATIONS:
        found = f"{shown_number(len(read))} identifications"
        yield Fault("sends_as", found, f"1 to {_MOST_IDENTIFICATIONS}")
        return
    expected = f"1 to {_LONGEST_IDENTIFICATION} printable characters of ASCII, as a batch header has them"
    for each in read:
        if not (0 < len(each) <= _LONGEST_IDENTIFICATION and each.isascii() and each.isprintable()):
            yield Fault("sends_as", f"{shown_number(len(each))} characters", expected)


def _faults_of_name(name: str) -> Iterator[Fault]:
    if not 1 <= len(name.strip()) <= _LONGEST_NAME:
        found = f"{shown_number(len(name.strip()))} characters"
        yield Fault("name", found, f"1 to {_LONGEST_NAME}")
        return
    yield from faults_of_shown("name", name)
