"""RemittanceFile: a payment file that was taken, and how far its entries are posted.

Decides what is left to do of a file, so that whoever receives it again goes on where the last one stopped.
Invariants: `file_id` is the SHA-256 of the bytes, which are kept in parts as evidence; a file is received
once every entry is posted, or was by another file; all entries count from the day the file came, however late
the last of them is posted.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import Enum
from typing import ClassVar, Final, Self

import attrs

from dcss_core.base.events import Event
from dcss_core.base.money import Money
from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.distribution.posted_hash import hash_of

PART_BYTES: Final = 1024 * 1024
"""So much of a file is kept in one record, and so in one transaction."""


class FileStatus(OrderedEnum):
    """Whether all of a file is posted."""

    RECEIVING = "receiving"
    RECEIVED = "received"


class FileAct(Enum):
    """What is done to a file."""

    TAKE = "take"
    POST = "post"
    FINISH = "finish"


FILE_STATES: Final = StateTable(
    "a payment file",
    FileStatus,
    FileAct,
    (
        (None, FileAct.TAKE, FileStatus.RECEIVING),
        (FileStatus.RECEIVING, FileAct.POST, FileStatus.RECEIVING),
        (FileStatus.RECEIVING, FileAct.FINISH, FileStatus.RECEIVED),
    ),
)


@attrs.frozen(kw_only=True)
class RemittanceFile:
    """A file that was taken, and what became of its first `done` entries.

    `entries` counts what is posted or reported: one deposit for two cases is two. `received` is what its
    receipts come to, `held` the part that was held when it came in; `seen_before` counts entries whose
    receipt another file had brought.
    """

    file_id: str
    received_at: datetime
    received_on: date
    remitter: str
    size: int
    entries: int
    total: Money
    status: FileStatus
    done: int = 0
    receipts: int = 0
    received: Money = Money.ZERO
    held: Money = Money.ZERO
    employment_ends: int = 0
    seen_before: int = 0

    def __attrs_post_init__(self) -> None:
        is_received = self.status is FileStatus.RECEIVED
        check_invariants(
            self,
            (self.size > 0, "it has bytes"),
            (self.total.cents >= 0, "its total is zero or more"),
            (self.entries >= 0, "the number of its entries is zero or more"),
            (self.entries > 0 or not self.total, "without an entry it brings nothing"),
            (0 <= self.done <= self.entries, "no more is done than there is"),
            (not is_received or self.done == self.entries, "it is received when all of it is done"),
            (
                all(
                    0 <= each <= self.done for each in (self.receipts, self.employment_ends, self.seen_before)
                ),
                "each entry done is a receipt, a report, both or one that came before",
            ),
            (
                Money.ZERO <= self.held <= self.received <= self.total,
                "what is held was received, and what was received was sent",
            ),
            (
                not is_received or self.seen_before > 0 or self.received == self.total,
                "all of it is received unless some came before",
            ),
        )

    @property
    def parts(self) -> int:
        """In how many parts its bytes are kept."""
        return -(-self.size // PART_BYTES)

    def posted(self, entries: int, receipts: Sequence[Receipt], *, reports: int, seen_before: int) -> Self:
        """The file after its next entries were posted."""
        done = self.done + entries
        act = FileAct.FINISH if done == self.entries else FileAct.POST
        held = [receipt.amount for receipt in receipts if receipt.status is ReceiptStatus.HELD]
        return attrs.evolve(
            self,
            status=FILE_STATES.next_state(self.status, act),
            done=done,
            receipts=self.receipts + len(receipts),
            received=self.received + Money.total(receipt.amount for receipt in receipts),
            held=self.held + Money.total(held),
            employment_ends=self.employment_ends + reports,
            seen_before=self.seen_before + seen_before,
        )


@attrs.frozen
class RemittancePart:
    """A part of the bytes of a file, which are ASCII; numbered from 1."""

    part_id: str
    file_id: str
    number: int
    content: Secret


@attrs.frozen
class RemittanceReceived(Event):
    """A file was taken; its entries are being posted. `recorded` is the hash of what is recorded of it."""

    kind: ClassVar[str] = "remittance_received"
    about: ClassVar[tuple[str, str]] = ("remittance", "file_id")
    file_id: str
    entries: int
    total: Money
    recorded: str

    @classmethod
    def of(cls, file: RemittanceFile) -> Self:
        """The event of a file that was taken."""
        return cls(file.file_id, file.entries, file.total, recorded(file))


@attrs.frozen
class RemittancePosted(Event):
    """Every entry of a file is posted; its figures are those of the file."""

    kind: ClassVar[str] = "remittance_posted"
    about: ClassVar[tuple[str, str]] = ("remittance", "file_id")
    file_id: str
    receipts: int
    received: Money
    held: Money
    employment_ends: int
    seen_before: int

    @classmethod
    def of(cls, file: RemittanceFile) -> Self:
        """The event of a file whose last entry was posted."""
        return cls(
            file.file_id, file.receipts, file.received, file.held, file.employment_ends, file.seen_before
        )


@attrs.frozen
class RemittanceReceivedAgain(Event):
    """A file that was taken before came once more; nothing was posted."""

    kind: ClassVar[str] = "remittance_received_again"
    about: ClassVar[tuple[str, str]] = ("remittance", "file_id")
    file_id: str


@attrs.frozen
class RemittanceRefused(Event):
    """A file was refused whole; nothing was posted."""

    kind: ClassVar[str] = "remittance_refused"
    about: ClassVar[tuple[str, str]] = ("remittance", "file_id")
    file_id: str
    faults: int


def file_id_of(content: bytes | bytearray) -> str:
    """The id of a file: SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def part_of(file: RemittanceFile, content: bytes, number: int) -> RemittancePart:
    """A part of the bytes of a file."""
    cut = content[(number - 1) * PART_BYTES : number * PART_BYTES]
    return RemittancePart(f"{file.file_id}/{number}", file.file_id, number, Secret(cut.decode("ascii")))


def content_of(file: RemittanceFile, parts: Iterable[RemittancePart]) -> bytes | None:
    """The bytes of a file, from its parts in order; None where these are not all of them, or others."""
    content = bytearray()
    for number, part in enumerate(parts, start=1):
        if part.number != number:
            return None
        content += part.content.reveal().encode("utf-8", "surrogatepass")
    return bytes(content) if file_id_of(content) == file.file_id else None


def recorded(file: RemittanceFile) -> str:
    """The hash of what is known of a file when it is taken, which never changes."""
    return hash_of(
        [
            file.file_id,
            file.received_at.isoformat(),
            file.received_on.isoformat(),
            file.remitter,
            file.size,
            file.entries,
            file.total.cents,
        ]
    )
