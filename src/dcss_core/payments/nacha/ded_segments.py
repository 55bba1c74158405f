r"""The DED segments that an entry's addenda carry.

Decides where a segment begins. In CCD and PPD an addenda that begins with `DED*` is one segment.
In CTX the addenda carry one X12 message, cut every 80 characters without regard to its segments.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from dcss_core.errors import Fault, InvalidInputError
from dcss_core.payments.nacha.addenda import PaymentAddenda
from dcss_core.payments.nacha.ded import BEGINNING, TERMINATOR, Ded, read_ded
from dcss_core.payments.nacha.entry import Entry
from dcss_core.payments.nacha.standard_entry_class import StandardEntryClass

_WIDTH: Final = 80  # positions of payment related information in one addenda


def deds_of(entry: Entry, standard_entry_class: StandardEntryClass) -> tuple[Ded, ...]:
    """The DED segments of an entry, in order; none where the addenda carry something else.

    Raises InvalidInputError for a broken segment, which no file that was read contains.
    """
    addenda = [one for one in entry.addenda if isinstance(one, PaymentAddenda)]
    read = [ded for _, ded in read_segments(addenda, standard_entry_class)]
    faults = [fault for ded in read if not isinstance(ded, Ded) for fault in ded]
    if faults:
        raise InvalidInputError("the addenda of this entry hold a broken DED segment", faults=faults)
    return tuple(ded for ded in read if isinstance(ded, Ded))


def read_segments(
    addenda: Sequence[PaymentAddenda], standard_entry_class: StandardEntryClass | None
) -> Iterator[tuple[int, Ded | tuple[Fault, ...]]]:
    """Read each DED segment, with the place (from 0) of the addenda in which it begins."""
    texts = [one.payment_related_information.reveal() for one in addenda]
    if standard_entry_class is StandardEntryClass.CTX:
        yield from _read_stream(texts)
        return
    for place, text in enumerate(texts):
        if text.startswith(BEGINNING):
            yield place, read_ded(text)


def _read_stream(texts: Sequence[str]) -> Iterator[tuple[int, Ded | tuple[Fault, ...]]]:
    stream = "".join(text.ljust(_WIDTH) for text in texts)
    begin = 0
    while begin < len(stream):
        end = stream.find(TERMINATOR, begin)
        end = len(stream) if end < 0 else end + 1
        segment = stream[begin:end].lstrip(" ")
        if segment.startswith(BEGINNING):
            yield (end - len(segment)) // _WIDTH, read_ded(segment)
        begin = end
