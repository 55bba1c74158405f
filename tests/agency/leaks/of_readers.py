"""Flows of whoever reads what all others left: the log, an export of it, and the agency's health."""

from datetime import date

import attrs

from dcss_core import Actor, DateRange
from dcss_core.audit import ExportReason

AUDIT = Actor.system("audit")


def readers_of(scene, officer):
    """Every flow of readers, by a records officer."""
    agency, day = scene.agency, DateRange(date(2026, 1, 1))

    def exported():
        return tuple(
            agency.audit.export(period=day, reason=ExportReason.SUBPOENA, reference="26-1", by=officer)
        )

    yield lambda: tuple(agency.audit.entries(by=AUDIT))
    yield lambda: agency.audit.verify(by=AUDIT)
    yield exported
    yield agency.health
    yield lambda: [agency, *(getattr(agency, area.name) for area in attrs.fields(type(agency)))]
