"""SequenceReport: what one run of the sequencer numbered."""

import attrs


@attrs.frozen
class SequenceReport:
    """How many entries got their numbers, and how long the log is now.

    `is_at_work_elsewhere` says that another sequencer was at it and this one left it the rest.
    """

    numbered: int
    size: int
    is_at_work_elsewhere: bool = False
