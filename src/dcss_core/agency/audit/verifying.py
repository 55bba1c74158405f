"""Verifying: what the log is compared with, and what is missing to compare it with.

Decides which checkpoints are believed. Invariants: whatever stands in a sink and is no checkpoint of this
agency is damage; a sink that can't be read, or is empty when it should not be, is named, for a log that was
compared with nothing is not sound.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import attrs

from dcss_core.agency.audit.pruning import told_later, years_kept
from dcss_core.agency.audit.publishing import is_due
from dcss_core.agency.audit.reading import (
    apparent_size,
    each_record,
    entry_at,
    own_checkpoint,
    with_nodes,
)
from dcss_core.agency.audit.waiting import damage_of_what_waits
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.act import AUDIT_LOG
from dcss_core.agency.work.trail.reading import log_size
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit import verification
from dcss_core.audit.checkpoint import Checkpoint, origin_of
from dcss_core.audit.damage import Damage, DamageKind
from dcss_core.audit.merkle_tree import peaks_of
from dcss_core.audit.signed_note import NoteRefused
from dcss_core.audit.verification import (
    LogVerification,
    Progress,
    RangeStart,
    VerifiedRange,
    verify_log,
)
from dcss_core.base.printable import shown_number
from dcss_core.errors import DcssError, Fault, InvalidInputError, InvariantError
from dcss_core.ports.checkpoint_sink import CheckpointSink


def verify(
    resources: Resources,
    sinks: Mapping[str, CheckpointSink],
    checkpoints: Sequence[str],
    verified: Sequence[VerifiedRange],
    progress: Progress | None,
) -> LogVerification:
    """Read the log after the ranges that were verified, and compare all of it with every checkpoint."""
    _check_order(verified)
    resources.number_what_waits()
    # The sinks are read before the log, so none of them can know more than the log does.
    notes, unread, empty = _held(sinks)
    believed = _believed(resources, [*checkpoints, *notes])
    signed = _signed(believed)
    not_compared = unread
    if empty and (signed or _first_is_due(resources)):
        why = "it holds no checkpoint, though the log was to be signed by now; was it emptied?"
        not_compared += [f"{name}: {why}" for name in empty]
    found = verify_log(
        each_record(resources, verified[-1].last if verified else None),
        signed,
        jurisdiction=resources.jurisdiction.key,
        size=apparent_size(resources),
        now=resources.now(),
        years_kept=years_kept(resources),
        told_later=partial(told_later, resources),
        verified=verified,
        stored_peaks=partial(_stored_peaks, resources),
        progress=progress,
    )
    refused = tuple(
        Damage(DamageKind.BAD_SIGNATURE, None, each.reason)
        for each in believed
        if isinstance(each, NoteRefused)
    )
    waiting, damaged = damage_of_what_waits(resources, log_is_sound=not found.damage)
    return attrs.evolve(
        found,
        damage=(*found.damage, *damaged, *refused),
        not_compared=(*not_compared, *found.not_compared),
        waiting=waiting,
    )


def verify_range(
    resources: Resources,
    sinks: Mapping[str, CheckpointSink],
    checkpoints: Sequence[str],
    records: tuple[int, int],
    progress: Progress | None,
) -> VerifiedRange:
    """Read the records from one number to another, and compare them with the checkpoints of those sizes."""
    resources.number_what_waits()
    first, last = records
    size = apparent_size(resources)
    if not 1 <= first <= last <= size:
        fault = Fault(
            "first, last",
            f"{shown_number(first)}, {shown_number(last)}",
            f"numbers in order, from 1 to {size}",
        )
        raise InvalidInputError("the log has no such range", faults=[fault])
    notes, _, _ = _held(sinks)
    return verification.verify_range(
        each_record(resources, first - 1 if first > 1 else None),
        _signed(_believed(resources, [*checkpoints, *notes])),
        jurisdiction=resources.jurisdiction.key,
        first=first,
        last=last,
        start=resources.read(partial(_start_of, resources=resources, first=first)),
        now=resources.now(),
        years_kept=years_kept(resources),
        progress=progress,
    )


def _start_of(work: UnitOfWork, *, resources: Resources, first: int) -> RangeStart:
    if first == 1:
        return RangeStart()
    leaf, peaks = with_nodes(work, lambda read: (read(0, 0), peaks_of(read, first - 1)))
    origin = origin_of(resources.jurisdiction.key, leaf)
    return RangeStart(tuple(peaks), origin, entry_at(work, first - 1).at)


def _stored_peaks(resources: Resources, size: int) -> tuple[bytes, ...] | None:
    def look(work: UnitOfWork) -> tuple[bytes, ...] | None:
        peaks = with_nodes(work, lambda read: peaks_of(read, size))
        leaf = work.get(AUDIT_LOG, size)
        if leaf is None or (leaf.record.peaks is None and log_size(work) == size):
            return None
        return tuple(peaks) if leaf.record.peaks in (None, b"".join(peaks[:-1])) else None

    try:
        return resources.read(look)
    except (InvariantError, InvalidInputError):  # a record is missing, or can't be read
        return None


def _check_order(verified: Sequence[VerifiedRange]) -> None:
    due = 1
    for place, each in enumerate(verified, start=1):
        if each.first != due:
            fault = Fault(f"range {place}", f"one that begins at {each.first}", f"one that begins at {due}")
            raise InvalidInputError("ranges are given in order, from the first record on", faults=[fault])
        due = each.last + 1


def _believed(resources: Resources, notes: Sequence[str]) -> list[Checkpoint | NoteRefused]:
    return [own_checkpoint(resources, note) for note in dict.fromkeys(notes)]


def _signed(believed: Sequence[Checkpoint | NoteRefused]) -> list[Checkpoint]:
    return [each for each in believed if isinstance(each, Checkpoint)]


def _held(sinks: Mapping[str, CheckpointSink]) -> tuple[list[str], list[str], list[str]]:
    """What the sinks hold, why some can't be read, and which hold nothing."""
    notes: list[str] = []
    unread: list[str] = []
    empty: list[str] = []
    for name, sink in sinks.items():
        try:
            published = sink.published()
        except DcssError as error:  # whatever a plugin raises, it has become one
            unread.append(f"{name}: {error}")
            continue
        notes += published
        if not published:
            empty.append(name)
    return notes, unread, empty


def _first_is_due(resources: Resources) -> bool:
    try:
        return resources.read(lambda work: is_due(work, 0))
    except InvariantError:  # a record that can't be read is there nevertheless
        return True
