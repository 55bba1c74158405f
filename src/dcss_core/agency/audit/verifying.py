"""Verifying: what the log is compared with, and what is missing to compare it with.

Decides which checkpoints are believed. Invariants: whatever stands in a sink and is no checkpoint of this
agency is damage; a sink that can't be read, or is empty when it should not be, is named, for a log that was
compared with nothing is not sound.
"""

from collections.abc import Mapping, Sequence

import attrs

from dcss_core.agency.audit.pruning import years_kept
from dcss_core.agency.audit.publishing import is_due
from dcss_core.agency.audit.reading import apparent_size, each_record, own_checkpoint
from dcss_core.agency.work.resources import Resources
from dcss_core.audit.checkpoint import Checkpoint
from dcss_core.audit.damage import Damage, DamageKind
from dcss_core.audit.signed_note import NoteRefused
from dcss_core.audit.verification import LogVerification, Progress, verify_log
from dcss_core.errors import DcssError, InvariantError
from dcss_core.ports.checkpoint_sink import CheckpointSink


def verify(
    resources: Resources,
    sinks: Mapping[str, CheckpointSink],
    checkpoints: Sequence[str],
    progress: Progress | None,
) -> LogVerification:
    """Read the whole log and compare it with the checkpoints of every sink and with those given."""
    # The sinks are read before the log, so none of them can know more than the log does.
    notes, unread, empty = _held(sinks)
    believed = {note: own_checkpoint(resources, note) for note in dict.fromkeys([*checkpoints, *notes])}
    signed = [each for each in believed.values() if isinstance(each, Checkpoint)]
    not_compared = unread
    if empty and (signed or _first_is_due(resources)):
        why = "it holds no checkpoint, though the log was to be signed by now; was it emptied?"
        not_compared += [f"{name}: {why}" for name in empty]
    found = verify_log(
        each_record(resources),
        signed,
        jurisdiction=resources.jurisdiction.key,
        size=apparent_size(resources),
        now=resources.now(),
        years_kept=years_kept(resources),
        progress=progress,
    )
    refused = tuple(
        Damage(DamageKind.BAD_SIGNATURE, None, each.reason)
        for each in believed.values()
        if isinstance(each, NoteRefused)
    )
    return attrs.evolve(found, damage=found.damage + refused, not_compared=tuple(not_compared))


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
