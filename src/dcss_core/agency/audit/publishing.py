"""Publishing: how the size and root of the audit log leave the reach of whoever can change the log.

Decides when a checkpoint is due and whether it may be signed. Invariants: a sink gets a checkpoint only if
the log still begins with the longest one the sink holds, for a log must not sign what contradicts what it
signed before (C2SP tlog-checkpoint); a log whose contents were erased without a permitted pruning is signed
for nobody; one sink's failure stops no other.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from dcss_core.agency.audit.pruning import unproven_pruning
from dcss_core.agency.audit.reading import checkpoint_of, entry_at, own_checkpoint, with_nodes
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.reading import log_size
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.checkpoint import Checkpoint, sign_checkpoint
from dcss_core.audit.checkpoint_interval import CheckpointInterval
from dcss_core.audit.merkle_tree import tree_hash
from dcss_core.audit.publish_report import PublishReport, SinkReport
from dcss_core.base.clocks.wrong_clock import is_too_far_ahead
from dcss_core.errors import DcssError
from dcss_core.ports.checkpoint_sink import CheckpointSink

_CONTRADICTED: Final = (
    "the log does not begin with the {size} records that were signed before; nothing was signed for this "
    "sink. Run agency.audit.verify(by=…) and keep the database as it is"
)


@attrs.frozen
class Held:
    """The longest checkpoint a sink holds, None for none; or why it can't be told."""

    checkpoint: Checkpoint | None = None
    failure: str | None = None

    @property
    def size(self) -> int:
        """How many entries it holds signed."""
        return 0 if self.checkpoint is None else self.checkpoint.size


def publish(resources: Resources, sinks: Mapping[str, CheckpointSink]) -> PublishReport:
    """Sign the log as it is numbered and hand the checkpoint to every sink."""
    resources.number_what_waits()
    return _publish(resources, sinks, {name: held_by(resources, sink) for name, sink in sinks.items()})


def publish_if_due(resources: Resources, sinks: Mapping[str, CheckpointSink]) -> PublishReport:
    """Publish to the sinks for which it is due: so many entries, or one so old, are not vouched for."""
    resources.number_what_waits()
    held = {name: held_by(resources, sink) for name, sink in sinks.items()}

    def due(work: UnitOfWork) -> tuple[int, list[str]]:
        behind = [name for name, each in held.items() if each.failure or is_due(work, each.size)]
        return log_size(work), behind

    size, names = resources.read(due)
    if not names:
        return PublishReport(None, size)
    return _publish(resources, {name: sinks[name] for name in names}, held)


def is_due(work: UnitOfWork, signed: int) -> bool:
    """Whether a sink that holds so many records signed is to be given another checkpoint."""
    size = log_size(work)
    if size <= signed:
        return size < signed  # a log that became shorter must be told of
    interval = CheckpointInterval.from_rules(work.rules)
    is_many = size - signed >= interval.entries
    first = entry_at(work, signed + 1).at
    return is_many or first + interval.age <= work.now or is_too_far_ahead(first, work.now)


def _publish(
    resources: Resources, sinks: Mapping[str, CheckpointSink], held: Mapping[str, Held]
) -> PublishReport:
    def signed(work: UnitOfWork) -> tuple[Checkpoint | None, dict[str, str | None], str | None]:
        size = log_size(work)
        checkpoint = checkpoint_of(work, resources.jurisdiction.key, size) if size else None
        objections = {name: _objection(work, checkpoint, held[name]) for name in sinks}
        return checkpoint, objections, unproven_pruning(resources, work)

    checkpoint, objections, refusal = resources.read(signed)
    if checkpoint is None or refusal is not None:
        failed = tuple(SinkReport(name, why or refusal) for name, why in objections.items() if why or refusal)
        return PublishReport(None, 0 if checkpoint is None else checkpoint.size, failed, refusal)
    note = sign_checkpoint(checkpoint, resources.sealer.audit_signing_key())
    reports = tuple(
        SinkReport(name, objections[name] or _handed_over(sink, note, held[name].checkpoint == checkpoint))
        for name, sink in sinks.items()
    )
    return PublishReport(note, checkpoint.size, reports)


def _objection(work: UnitOfWork, checkpoint: Checkpoint | None, held: Held) -> str | None:
    """Why a sink can't be given this checkpoint."""
    before = held.checkpoint
    if held.failure is not None or before is None:
        return held.failure
    goes_on = (
        checkpoint is not None
        and checkpoint.size >= before.size
        and with_nodes(work, lambda read: tree_hash(read, before.size)) == before.root
    )
    return None if goes_on else _CONTRADICTED.format(size=before.size)


def _handed_over(sink: CheckpointSink, note: str, is_held: bool) -> str | None:
    if is_held:
        return None
    try:
        sink.publish(note)
    except DcssError as error:  # whatever a plugin raises, it has become one
        return str(error)
    return None


def held_by(resources: Resources, sink: CheckpointSink) -> Held:
    """What a sink holds."""
    try:
        published = sink.published()
    except DcssError as error:
        return Held(failure=str(error))
    if not published:
        return Held()
    for note in sorted(published, key=_claimed_size, reverse=True):
        checkpoint = own_checkpoint(resources, note)
        if isinstance(checkpoint, Checkpoint):
            return Held(checkpoint)
    return Held(failure="it holds texts, but no checkpoint that can be believed; is it another log's sink?")


def _claimed_size(note: str) -> int:
    """The size a note says it is about; 0 when it says none."""
    lines = note.split("\n", 2)
    return int(lines[1]) if len(lines) == 3 and lines[1].isdecimal() and len(lines[1]) < 20 else 0
