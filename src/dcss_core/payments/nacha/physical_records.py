"""The records of a file as they stand in its bytes.

Decides how bytes are cut into records of 94 characters and put together again: parted by LF or
CRLF or not at all, with or without a new line at the end, records with or without the blanks at
their end. Invariant: cutting and joining gives the same bytes.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from dcss_core.errors import Fault, RemittanceRefusedError
from dcss_core.payments.nacha.fault_log import FaultLog
from dcss_core.payments.nacha.nacha_file import FileLayout
from dcss_core.payments.nacha.record_layout import RECORD_LENGTH

FILLER: Final = "9" * RECORD_LENGTH
BLOCKING_FACTOR: Final = 10
# The library's own bound against input that would exhaust memory: about 1.4 million records.
LARGEST_FILE_BYTES: Final = 128 * 1024 * 1024

_SIZE_BLOCKING_FORMAT: Final = "094101"  # positions 35-40 of every file header
_BEGINNING: Final = "101"


@attrs.frozen
class PhysicalRecords:
    """The records, filled up with blanks to 94 characters, and how they stood in the file.

    `unusable` are the numbers of records that are too long to be read.
    """

    records: Sequence[str]
    unusable: frozenset[int]
    separator: str
    ending: str
    trimmed: tuple[tuple[int, int], ...]


def split_records(content: bytes, largest_bytes: int, log: FaultLog) -> PhysicalRecords:
    """Cut a file into its records; raises RemittanceRefusedError for what is no Nacha file at all."""
    _check_is_payment_file(content, largest_bytes)
    text = content.decode("latin-1")  # one character a byte; fields judge which of them they accept
    body = text.rstrip("\r\n")
    ending = text[len(body) :]
    if "\n" in body:
        separator, lines = _split_lines(body, log)
    else:
        separator = ""
        lines = [body[start : start + RECORD_LENGTH] for start in range(0, len(body), RECORD_LENGTH)]
    unusable, trimmed = [], []
    for number, line in enumerate(lines, 1):
        if len(line) > RECORD_LENGTH:
            unusable.append(number)
            log.add(number, f"record {number}", f"{len(line)} characters", f"{RECORD_LENGTH}")
        elif 0 < len(line) < RECORD_LENGTH:
            trimmed.append((number, len(line)))
    for number, _ in trimmed:
        lines[number - 1] = lines[number - 1].ljust(RECORD_LENGTH)
    return PhysicalRecords(lines, frozenset(unusable), separator, ending, tuple(trimmed))


def join_records(records: Sequence[str], layout: FileLayout) -> bytes:
    """Put records of 94 ASCII characters together as the layout says."""
    lines = list(records)
    if layout.is_filled:
        lines.extend([FILLER] * missing_filler(len(lines)))
    for number, length in layout.trimmed:
        # without a separator only the last record may be shorter than the others
        may_be_short = layout.separator or number == len(lines)
        if number <= len(lines) and may_be_short and lines[number - 1][length:].isspace():
            lines[number - 1] = lines[number - 1][:length]
    return (layout.separator.join(lines) + layout.ending).encode("ascii")


def missing_filler(records: int) -> int:
    """How many records of nines complete the last block."""
    return -records % BLOCKING_FACTOR


def _split_lines(body: str, log: FaultLog) -> tuple[str, list[str]]:
    lines = body.split("\n")
    if not lines[0].endswith("\r"):
        separator, last_with_cr = "\n", 0
    else:
        separator, last_with_cr = "\r\n", len(lines) - 1
    for number, line in enumerate(lines, 1):
        has_cr = line.endswith("\r")
        if number < len(lines) and has_cr != (number <= last_with_cr):
            ends = {True: "CRLF", False: "LF"}
            log.add(
                number, f"record {number}, line end", ends[has_cr], f"{ends[not has_cr]} as after record 1"
            )
        if has_cr:
            lines[number - 1] = line[:-1]
    return separator, lines


def _check_is_payment_file(content: bytes, largest_bytes: int) -> None:
    if len(content) > largest_bytes:
        fault = Fault("file", f"{len(content)} bytes", f"at most {largest_bytes}; send it in several files")
        raise RemittanceRefusedError("this payment file is too large", faults=[fault])
    if not content.strip():
        fault = Fault("file", "nothing", "a file header, batches and a file control")
        raise RemittanceRefusedError("this payment file is empty", faults=[fault])
    start = content[:RECORD_LENGTH].decode("latin-1")
    # Either sign will do, so that damage to one of them does not hide the other faults.
    if not start.startswith(_BEGINNING) and start[34:40] != _SIZE_BLOCKING_FORMAT:
        fault = Fault("record 1", "other text", f"a file header, which begins with {_BEGINNING}")
        raise RemittanceRefusedError(
            "this is not a Nacha payment file; send the file as the bank gave it, not zipped or encrypted",
            faults=[fault],
        )
