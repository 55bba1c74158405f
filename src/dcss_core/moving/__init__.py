"""Moving: an agency's database as files that any backend can be filled from, and verified.

An export is a folder of JSON lines with a manifest of hashes; an import fills an empty database from one and
reads all of it back. Both work on every storage, and what comes out of another one is the same agency.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.moving.exporting import export_agency as export_agency
    from dcss_core.moving.importing import import_agency as import_agency
    from dcss_core.moving.reports import AgencyVerification as AgencyVerification, MoveReport as MoveReport
    from dcss_core.moving.verifying import verify_agency as verify_agency
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "exporting": "export_agency",
            "importing": "import_agency",
            "reports": "AgencyVerification MoveReport",
            "verifying": "verify_agency",
        },
    )
