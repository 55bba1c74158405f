"""FormerVersion: a version that databases were made by, and how one of them becomes the present one.

Invariants: each collection of a version is converted once; the audit log comes first, by which the others are
judged; a version that is listed here is never taken out of the list, nor its shapes changed.
"""

from collections.abc import Callable, Iterator
from typing import Final

import attrs

from dcss_core.command.upgrade import version_1, version_2
from dcss_core.command.upgrade.conversion import AsItWas, Conversion
from dcss_core.command.upgrade.numbered_entries import numbered_entries
from dcss_core.command.upgrade.payments import FilesInParts, PostingsInStreams, ReceiptsAlike
from dcss_core.command.upgrade.sending import LeasesOfWork, LettersToRecipients
from dcss_core.command.upgrade.shapes import FormerCollection
from dcss_core.ports.storage import Transaction


@attrs.frozen
class FormerVersion:
    """One version; `number` is what people call it.

    `has_acts` says whether entries of its audit log stand in acts, and may wait for their numbers. `audited`
    is what none of its verbs wrote without an entry.
    """

    number: int
    collections: tuple[FormerCollection, ...]
    has_acts: bool
    audited: tuple[FormerCollection, ...]
    of_log: Callable[[Transaction], tuple[Conversion, ...]]
    of_others: Callable[[Transaction], tuple[Conversion, ...]]

    def collection(self, name: str) -> FormerCollection:
        """One of its collections."""
        return next(former for former in self.collections if former.name == name)

    @property
    def identity(self) -> FormerCollection:
        """Where it says whose database it is."""
        return self.collection("agency_identity")

    @property
    def log(self) -> FormerCollection:
        """Where the numbers of its audit log are."""
        return self.collection("audit_log")

    @property
    def entries(self) -> FormerCollection:
        """Where the entries of its audit log are, numbered or not."""
        return self.collection("audit_entries") if self.has_acts else self.log

    def conversions_but_of_log(self, old: Transaction) -> Iterator[Conversion]:
        """The conversion of each collection but the audit log's, and but whose database it is."""
        changed = self.of_others(old)
        yield from changed
        done = {self.identity, *(each.former for each in (*self.of_log(old), *changed))}
        yield from (AsItWas(former) for former in self.collections if former not in done)


FORMER_VERSIONS: Final = (
    FormerVersion(
        1,
        version_1.EVERY_COLLECTION,
        has_acts=False,
        audited=(
            version_1.ACCOUNTS,
            version_1.CASES,
            version_1.REMITTANCE_FILES,
            version_1.RECEIPTS,
            version_1.POSTINGS,
        ),
        of_log=lambda old: (numbered_entries(old),),
        of_others=lambda old: (
            FilesInParts(old),
            ReceiptsAlike(old),
            PostingsInStreams(),
            LettersToRecipients(version_1.OUTBOX),
        ),
    ),
    FormerVersion(
        2,
        version_2.EVERY_COLLECTION,
        has_acts=True,
        audited=(
            version_2.ACCOUNTS,
            version_2.CASES,
            version_2.REMITTANCE_FILES,
            version_2.RECEIPTS,
            version_2.POSTINGS,
        ),
        of_log=lambda old: (AsItWas(version_2.AUDIT_ENTRIES), AsItWas(version_2.AUDIT_LOG)),
        of_others=lambda old: (
            LettersToRecipients(version_2.OUTBOX),
            LeasesOfWork(version_2.SEQUENCER_LEASE),
        ),
    ),
)
"""The oldest first."""

AT_ONCE: Final = {former.name: former.at_once for each in FORMER_VERSIONS for former in each.collections}
"""How many rows of a collection are read at once."""
