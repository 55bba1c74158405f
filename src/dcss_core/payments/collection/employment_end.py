"""The end of employment, as an employer reports it in a payment file."""

from datetime import date
from typing import ClassVar, Self

import attrs

from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.payments.distribution.posted_hash import hash_of


@attrs.frozen
class EmploymentEndReport:
    """An employer's word that a parent no longer works there (DED09 = Y)."""

    report_id: str
    file_id: str
    received_on: date
    remitter: str
    case_as_sent: str | None
    case_number: CaseNumber | None
    pay_date: date | None


@attrs.frozen
class EmploymentEndReported(Event):
    """An employer reported that employment ended; `recorded` is the hash of the whole report."""

    kind: ClassVar[str] = "employment_end_reported"
    about: ClassVar[tuple[str, str]] = ("report", "report_id")
    report_id: str
    case_number: CaseNumber | None
    recorded: str

    @classmethod
    def of(cls, report: EmploymentEndReport) -> Self:
        """The event of a report that came in."""
        return cls(report.report_id, report.case_number, recorded=_hash_of(report))


def _hash_of(report: EmploymentEndReport) -> str:
    return hash_of(
        [
            report.report_id,
            report.file_id,
            report.received_on.isoformat(),
            report.remitter,
            report.case_as_sent,
            None if report.case_number is None else str(report.case_number),
            None if report.pay_date is None else report.pay_date.isoformat(),
        ]
    )
