"""What was found in the books, in words for staff.

Decides the wording only; `payments.verification` decides what can be found.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from dcss_core.payments.verification.finding import Finding, FindingKind

_SENTENCES: Final[Mapping[FindingKind, str]] = {
    FindingKind.UNREADABLE: "What is stored there can't be read.",
    FindingKind.GAP: "Postings or lines are missing, or there is one too many.",
    FindingKind.UNBALANCED: "The postings of a journal entry do not sum to zero, or were not made together.",
    FindingKind.RECEIPT: "A receipt, its lines and its postings do not agree in amounts or days.",
    FindingKind.LINES: "Lines of a distribution and the postings made by them do not agree.",
    FindingKind.ACCOUNT: "What the account owes or holds, or whom it pays, is not what the books say.",
    FindingKind.CHARGES: "What was charged is not what the obligations say for these months.",
    FindingKind.TOTALS: "The totals of the books are not what all postings come to.",
    FindingKind.FILE: "A payment file, its bytes and the receipts that it brought do not agree.",
    FindingKind.CHANGED: "What is stored is not what the audit log says was recorded.",
    FindingKind.MISSING: "The audit log speaks of something that is not there.",
    FindingKind.NOT_IN_LOG: "The audit log does not speak of it.",
    FindingKind.LIKENESS: "What it has in common with others is not known; one alike would be posted.",
    FindingKind.NO_CASE: "It is of a case, or of a receipt, that is not there.",
}


def finding_in_words(kind: FindingKind) -> str:
    """What does not agree, as one plain sentence."""
    return _SENTENCES[kind]


@attrs.frozen
class BooksVerification:
    """What a verification of the books found.

    `cases`, `held`, `files` and `entries` say how many cases, receipts without a case, payment files and
    entries of the audit log were looked at. `unfinished` counts files whose last entries are not posted yet:
    no damage, but receive them again. `waiting` counts acts that have no number in the audit log yet: what
    they recorded was not compared with it.
    """

    cases: int
    held: int
    files: int
    entries: int
    unfinished: int
    findings: tuple[Finding, ...]
    waiting: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether everything agrees."""
        return not self.findings

    def __str__(self) -> str:
        cases = "1 case" if self.cases == 1 else f"{self.cases} cases"
        told = [
            f"books of {cases}: {'sound' if self.is_sound else 'NOT SOUND'}",
            f"  {self.held} receipts without a case, {self.files} payment files and {self.entries} entries "
            "of the audit log were compared",
        ]
        if self.unfinished:
            told.append(f"  {self.unfinished} payment files are half received; receive them again")
        if self.waiting:
            told.append(
                f"  {self.waiting} acts wait for their numbers in the audit log; verify again after that"
            )
        told += [f"  {_told(finding)}" for finding in self.findings]
        return "\n".join(told)


def _told(finding: Finding) -> str:
    more = f" (and {finding.places - 1} more)" if finding.places > 1 else ""
    return f"{finding.where}{more}: {finding_in_words(finding.kind)}"
