"""The audit trail: where entries of the audit log are kept, and how a verb writes its own.

Decides what a verb adds to its transaction: its entries, and one row that says they wait for their numbers.
Invariants: everything one transaction writes down is one act, under an id that nobody else can have; no row,
no lock and no number is shared with another verb.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from dcss_core.agency.work.records import keep
from dcss_core.agency.work.sealing import Sealer
from dcss_core.audit.actor import Actor
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.entry_id import RANDOM_BYTES, act_of
from dcss_core.audit.events import CommitUnanswered
from dcss_core.audit.numbering import NumberedLeaf, QueuedAct
from dcss_core.audit.written_entry import SALT_BYTES, WrittenEntry, written
from dcss_core.ports.storage import Transaction

AUDIT_ENTRIES: Final = keep(WrittenEntry, "audit_entries", indexes=(("subject",),), log=True, stream="act")
AUDIT_QUEUE: Final = keep(QueuedAct, "audit_queue", key="act")
AUDIT_LOG: Final = keep(NumberedLeaf, "audit_log", unique=(("act", "line"),), log=True)


def write_act(transaction: Transaction, sealer: Sealer, entries: Sequence[AuditEntry], turn: int) -> bytes:
    """Write the entries of one act, of which there is at least one, and have them wait; its id."""
    random = sealer.randomness.token_bytes(RANDOM_BYTES + SALT_BYTES * len(entries))
    act = act_of(turn, random[:RANDOM_BYTES])
    _write(transaction, act, entries, random[RANDOM_BYTES:])
    return act


def give_up_act(
    transaction: Transaction, sealer: Sealer, act: bytes, at: datetime, asking: Actor | None
) -> None:
    """Take the id of an act whose commit was not answered, and say so, so that it can't be saved any more.

    Raises DuplicateKeyError when it was saved after all, or given up before.
    """
    event = CommitUnanswered(act.hex())
    entry = AuditEntry.of(event, at=at, actor=asking or Actor.system("storage"))
    _write(transaction, act, [entry], sealer.randomness.token_bytes(SALT_BYTES))


def was_saved(transaction: Transaction, sealer: Sealer, act: bytes) -> bool | None:
    """Whether an act was saved; False when its id was taken to give it up, None when nobody has it yet."""
    row = transaction.get(AUDIT_ENTRIES.collection, (act, 1))
    return None if row is None else AUDIT_ENTRIES.from_row(row, sealer).kind != CommitUnanswered.kind


def _write(transaction: Transaction, act: bytes, entries: Sequence[AuditEntry], salts: bytes) -> None:
    # Rows, and no records: the fields of these two are stored as they are.
    new = written(act, entries, salts)
    transaction.append(AUDIT_ENTRIES.collection, new.entries, begins=True)
    transaction.insert(AUDIT_QUEUE.collection, [{"act": act, "leaves": new.leaves}])
