"""What the log says of itself is read again from its entries, and from nothing that is written otherwise."""

from datetime import UTC, date, datetime

import attrs
import pytest

from dcss_core.audit.actor import Actor
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.events import AuditLogExported, AuditLogPruned, RecordsDeleted
from dcss_core.audit.export_request import ExportReason

NOW = datetime(2026, 1, 9, 15, tzinfo=UTC)
PRUNED = AuditLogPruned(date(2026, 1, 8), through=4, entries=3)
EXPORTED = AuditLogExported(
    ExportReason.SUBPOENA, "26-1234", "case:1", date(2026, 1, 7), None, through=9, entries=2, digest="0a" * 32
)


def entry_of(event):
    return AuditEntry.of(event, at=NOW, actor=Actor.system("retention"))


both = pytest.mark.parametrize("event", [PRUNED, EXPORTED])


@both
def test_an_entry_tells_of_the_event_it_was_written_for(event):
    assert type(event).told_by(entry_of(event)) == event


def test_an_export_without_a_record_is_about_the_log():
    of_days = attrs.evolve(EXPORTED, about_record=None, end_day=date(2026, 1, 9))
    assert entry_of(of_days).subject == "log:audit"
    assert entry_of(EXPORTED).subject == "case:1"
    assert AuditLogExported.told_by(entry_of(of_days)) == of_days


RESPELLED = {
    "a blank": lambda details: details.replace(":", ": ", 1),
    "a blank at the end": lambda details: details + " ",
    "a number as a fraction": lambda details: details.replace('"entries":', '"entries":0.0e0'),
    "a field twice": lambda details: details.replace("{", '{"entries":9,', 1),
    "an escape": lambda details: details.replace('"log":"audit"', '"log":"\\u0061udit"'),
}


@both
@pytest.mark.parametrize("respelled", RESPELLED.values(), ids=RESPELLED)
def test_details_that_the_library_would_have_written_otherwise_tell_of_nothing(event, respelled):
    entry = entry_of(event)
    assert respelled(entry.details) != entry.details
    assert type(event).told_by(attrs.evolve(entry, details=respelled(entry.details))) is None


@both
@pytest.mark.parametrize("subject", ["case:2", "log:another", None])
def test_an_entry_about_another_record_tells_of_nothing(event, subject):
    assert type(event).told_by(attrs.evolve(entry_of(event), subject=subject)) is None


@both
@pytest.mark.parametrize("details", [None, "", "[]", "5", "null", '"text"', "{}", "[" * 100_000])
def test_what_has_other_details_tells_of_nothing(event, details):
    assert type(event).told_by(attrs.evolve(entry_of(event), details=details)) is None


@both
def test_an_entry_of_another_kind_tells_of_nothing(event):
    assert type(event).told_by(attrs.evolve(entry_of(event), kind="case_opened")) is None
    deleted = entry_of(RecordsDeleted("sessions", 4))
    assert type(event).told_by(deleted) is None
