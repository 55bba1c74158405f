"""What a run of the retention job deleted, counted by collection."""

import attrs

from dcss_core.audit.retention_report import RetentionReport


def test_what_was_deleted_of_a_collection_adds_up_and_leaves_the_others():
    report = RetentionReport().counting("sessions", 3).counting("outbox", 1).counting("sessions", 2)
    assert report == RetentionReport({"sessions": 5, "outbox": 1})
    assert dict(report.deleted) == {"sessions": 5, "outbox": 1}
    assert report.records == 6


def test_a_collection_of_which_nothing_was_deleted_is_not_named():
    counted = RetentionReport().counting("sessions", 1)
    assert counted.counting("outbox", 0) is counted
    assert dict(RetentionReport().counting("sessions", 0).deleted) == {}


def test_counting_leaves_an_earlier_report_and_whether_it_is_complete():
    begun = attrs.evolve(RetentionReport(), is_complete=False)
    more = begun.counting("sessions", 1)
    assert (dict(begun.deleted), dict(more.deleted), more.is_complete) == ({}, {"sessions": 1}, False)
