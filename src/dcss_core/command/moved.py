"""What is said of an export and of an import alike."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcss_core.moving import AgencyVerification, MoveReport


def lines_of(report: "MoveReport", seconds: float) -> list[str]:
    """What was moved, for people."""
    root = report.audit_root or "UNKNOWN, since the last record does not hold its tree"
    return [
        f"  agency         {report.jurisdiction}",
        f"  rows           {report.all_rows:,}, {report.megabytes} MB",
        f"  audit log      {report.audit_entries:,} entries under the root {root}",
        f"  manifest       sha256 {report.digest}",
        f"  time           {seconds:.1f} s",
    ]


def document_of(report: "MoveReport", seconds: float) -> Mapping[str, Any]:
    """What was moved, for programs."""
    return {
        "folder": str(report.folder),
        "jurisdiction": report.jurisdiction,
        "rows": dict(report.rows),
        "bytes": report.size,
        "audit_log": {"entries": report.audit_entries, "root": report.audit_root},
        "manifest_sha256": report.digest,
        "seconds": round(seconds, 3),
    }


def verification_of(found: "AgencyVerification") -> Mapping[str, Any]:
    """What a verification found, for programs."""
    log, books, differences = found.log, found.books, found.differences
    return {
        "sound": found.is_sound,
        "audit_log": {
            "entries": log.size,
            "waiting": log.waiting,
            "root": log.root.hex(),
            "damage": [str(each) for each in log.damage],
            "not_compared": list(log.not_compared),
            "signed": log.signed_size,
        },
        "books": {
            "cases": books.cases,
            "findings": [
                {"kind": each.kind.value, "where": each.where, "places": each.places}
                for each in books.findings
            ],
        },
        "differences": None if differences is None else [str(each) for each in differences],
    }
