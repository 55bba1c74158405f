"""Remarks on a payment file, in words for staff.

Decides the wording only; `payments.collection` decides which remarks there are.
"""

from collections.abc import Mapping
from typing import Final

from dcss_core.payments.collection.remark import Remark, RemarkKind

_SENTENCES: Final[Mapping[RemarkKind, str]] = {
    RemarkKind.LAST_DAY_TO_SEND_NOT_KNOWN: (
        "The day by which the families must be paid is not known: "
        "the rule '{rule}' does not say yet which of the days after {on} are holidays."
    ),
    RemarkKind.OWN_LOCATOR_NOT_KNOWN: (
        "Whether the entries with a locator code are addressed to this state is not known: "
        "the rule '{rule}' says nothing for {on}."
    ),
    RemarkKind.ADDRESSED_ELSEWHERE: (
        "Entries addressed to {locator}, which is not this state's: {entries}. "
        "Ours is {own_locator}: tell the remitter."
    ),
}


def remark_in_words(remark: Remark) -> str:
    """The remark as one or two plain sentences."""
    return _SENTENCES[remark.kind].format(
        rule=remark.rule,
        on=remark.on,
        locator=remark.locator,
        entries=remark.entries,
        own_locator=remark.own_locator,
    )
