"""What of the log can be asked for: a record by its sort and id, at its longest and one more."""

from datetime import date

import pytest

from dcss_core.audit.export_request import ExportReason, ExportRequest, is_subject
from dcss_core.base.dates import DateRange
from dcss_core.errors import InvalidInputError


def asked(subject="case:1", period=None, reference="26-1234"):
    return ExportRequest(subject, period, ExportReason.SUBPOENA, reference)


@pytest.mark.parametrize(("length", "is_one"), [(6, True), (119, True), (120, True), (121, False)])
def test_the_name_of_a_record_has_120_characters_at_most(length, is_one):
    subject = "case:" + "1" * (length - 5)
    assert is_subject(subject) is is_one
    if is_one:
        assert asked(subject).subject == subject
    else:
        with pytest.raises(InvalidInputError) as refused:
            asked(subject)
        assert [fault.where for fault in refused.value.faults] == ["subject"]


@pytest.mark.parametrize(
    "subject", ["", "case:", "case", "case: 1", "case:1 ", "Case:1", "case:ä", "case:1\n"]
)
def test_what_names_no_record_is_refused(subject):
    assert not is_subject(subject)


@pytest.mark.parametrize(
    ("reference", "is_one"),
    [("1", True), ("1" * 3 + "-" * 37, True), ("1" * 3 + "-" * 38, False), ("-1", False)],
)
def test_the_number_of_a_file_has_40_characters_at_most(reference, is_one):
    if is_one:
        assert asked(reference=reference).reference == reference
    else:
        with pytest.raises(InvalidInputError, match="reference"):
            asked(reference=reference)


def test_a_record_or_a_period_or_both_are_asked_for():
    days = DateRange(date(2026, 1, 7), date(2026, 1, 9))
    assert asked(period=days)
    assert asked(subject=None, period=days)
    with pytest.raises(InvalidInputError) as refused:
        asked(subject=None)
    assert [(fault.where, fault.found) for fault in refused.value.faults] == [("subject, period", "neither")]


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(InvalidInputError) as refused:
        asked(subject="nobody", reference="Doe")
    assert [fault.where for fault in refused.value.faults] == ["reference", "subject"]
