"""Finding remitters, their people and what they send under, for the verbs on them."""

from collections.abc import Sequence

from dcss_core.agency.callers.found import existing, nothing_found
from dcss_core.agency.filing.remitters import REMITTER_IDENTIFICATIONS, REMITTER_MEMBERS, REMITTERS
from dcss_core.agency.sending.inviting import invitations_of, waiting_at
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.errors import ConflictError
from dcss_core.users.remitters.member import RemitterMember
from dcss_core.users.remitters.remitter import Remitter, RemitterIdentification
from dcss_core.users.remitters.standing import RemitterOnFile

_MOST_IDENTIFICATIONS = 1_000
"""More than any remitter has."""


def remitter_named(work: UnitOfWork, remitter_id: str) -> Kept[Remitter]:
    """The remitter that staff named; raises NotFoundError, and that they named none stands in the log."""
    kept = work.get(REMITTERS, remitter_id)
    if kept is None:
        raise nothing_found(work, "remitter", "no remitter has this id")
    return kept


def members_of(work: UnitOfWork, remitter_id: str) -> tuple[RemitterMember, ...]:
    """Who signs in for a remitter, the first who joined first; whoever was ended is not among them."""
    found = work.find(REMITTER_MEMBERS, ("remitter_id", "joined_at"), (remitter_id,))
    return tuple(kept.record for kept in found)


def sends_as(work: UnitOfWork, remitter_id: str) -> tuple[str, ...]:
    """Under which identifications a remitter sends, in order."""
    found = work.find(REMITTER_IDENTIFICATIONS, ("remitter_id", "identification"), (remitter_id,))
    return tuple(kept.record.identification for kept in found)


def on_file(work: UnitOfWork, remitter_id: str) -> RemitterOnFile:
    """Everything that is on file of a remitter."""
    return RemitterOnFile.of(
        existing(work, REMITTERS, remitter_id).record,
        sends_as(work, remitter_id),
        members_of(work, remitter_id),
        waiting_at(invitations_of(work, remitter_id), work.now),
    )


def check_free(work: UnitOfWork, identifications: Sequence[str], of: str | None = None) -> None:
    """Raise ConflictError where another remitter sends under one of these."""
    kept = work.get_each(REMITTER_IDENTIFICATIONS, identifications)
    taken = [
        each.record.identification for each in kept if each is not None and each.record.remitter_id != of
    ]
    if taken:
        raise ConflictError(
            f"another remitter sends as {', '.join(taken)}; look it up, and end or change that one first"
        )


def save_identifications(work: UnitOfWork, remitter_id: str, identifications: Sequence[str]) -> None:
    """Have a remitter send under these and no others."""
    index = ("remitter_id", "identification")
    work.delete(REMITTER_IDENTIFICATIONS, index, (remitter_id,), limit=_MOST_IDENTIFICATIONS)
    work.insert(
        REMITTER_IDENTIFICATIONS, [RemitterIdentification(each, remitter_id) for each in identifications]
    )
