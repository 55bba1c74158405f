"""NachaFile: a payment file as a value, with the facts of its outward form.

Invariant: a file that was read is written again as the same bytes.
"""

import attrs

from dcss_core.payments.nacha.batch_control import BatchControl
from dcss_core.payments.nacha.batch_header import BatchHeader
from dcss_core.payments.nacha.entry import Entry
from dcss_core.payments.nacha.file_control import FileControl
from dcss_core.payments.nacha.file_header import FileHeader


@attrs.frozen
class FileLayout:
    """How the records of a file stand in its bytes.

    `separator` parts two records: a new line, or nothing in the one-line form; `ending` follows the
    last one. `is_filled` says that records of nines complete the last block of ten.
    `trimmed` lists the records that lost blanks at their end: number and length.
    """

    separator: str = "\n"
    ending: str = "\n"
    is_filled: bool = True
    trimmed: tuple[tuple[int, int], ...] = ()


@attrs.frozen
class Batch:
    """The entries of one originator between a batch header and a batch control."""

    header: BatchHeader
    entries: tuple[Entry, ...]
    control: BatchControl


@attrs.frozen
class NachaFile:
    """A whole payment file: header, batches, control, and how it was laid out."""

    header: FileHeader
    batches: tuple[Batch, ...]
    control: FileControl
    layout: FileLayout = FileLayout()
