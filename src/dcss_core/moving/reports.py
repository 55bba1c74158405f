"""Reports: what an export, an import and a verification came to."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import attrs

from dcss_core.audit.verification import LogVerification
from dcss_core.base.html.table import html_table
from dcss_core.errors import Fault
from dcss_core.moving.manifest import Manifest
from dcss_core.payments.views.findings import BooksVerification

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


@attrs.frozen
class MoveReport:
    """What was exported or imported.

    `folder` is where the export stands, and `digest` the SHA-256 of its manifest, which names the whole of
    it. `rows` says how many there are of each collection, `size` how many bytes. `audit_entries` and
    `audit_root` are those of the audit log; without a root its last record holds none. `is_new` is False
    where an import found everything there already.
    """

    folder: str
    digest: str
    jurisdiction: str
    rows: Mapping[str, int] = attrs.field(hash=False)
    size: int
    audit_entries: int
    audit_root: str | None
    is_new: bool = True

    @property
    def all_rows(self) -> int:
        """How many rows there are in all."""
        return sum(self.rows.values())

    @property
    def megabytes(self) -> str:
        """The size in millions of bytes, to one decimal place, a half rounded up; 0.1 at least."""
        tenths = max((self.size + 50_000) // 100_000, 1)
        return f"{tenths // 10:,}.{tenths % 10}"

    def __str__(self) -> str:
        return (
            f"{self.jurisdiction}: {self.all_rows:,} rows, {self.megabytes} MB, {self.audit_entries:,} "
            f"numbered entries of the audit log under the root {self.audit_root or 'UNKNOWN'}"
        )

    def _repr_html_(self) -> str:
        rows = [(name, f"{count:,}") for name, count in self.rows.items() if count]
        return html_table(str(self), ("collection", "rows"), rows, has_row_headings=True)


def report_of(export: Path, manifest: Manifest, *, is_new: bool = True) -> MoveReport:
    """The report on what a manifest says."""
    return MoveReport(
        folder=str(export),
        digest=manifest.digest,
        jurisdiction=manifest.jurisdiction,
        rows={each.collection.name: each.rows for each in manifest.collections},
        size=sum(each.size for each in manifest.collections),
        audit_entries=manifest.audit_entries,
        audit_root=manifest.audit_root,
        is_new=is_new,
    )


@attrs.frozen
class AgencyVerification:
    """What was found in an agency's database.

    `differences` says where it is not what an export holds; None where it was compared with none.
    """

    jurisdiction: str
    log: LogVerification
    books: BooksVerification
    differences: tuple[Fault, ...] | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return self.log.is_sound and self.books.is_sound and not self.differences

    def __str__(self) -> str:
        sound = "sound" if self.log.is_sound and self.books.is_sound else "NOT SOUND"
        lines = [
            f"{self.jurisdiction}: {sound}{', and NOT THE SAME as the export' if self.differences else ''}",
            str(self.log),
            str(self.books),
        ]
        if self.differences is not None:
            lines.append(f"compared with an export: {'the same' if not self.differences else 'NOT THE SAME'}")
            lines += [f"  {each}" for each in self.differences]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            ("audit log", "sound" if self.log.is_sound else "NOT SOUND"),
            ("books", "sound" if self.books.is_sound else "NOT SOUND"),
        ]
        if self.differences is not None:
            rows.append(("export", "NOT THE SAME" if self.differences else "the same"))
        return html_table(self.jurisdiction, ("part", "found"), rows, has_row_headings=True)
