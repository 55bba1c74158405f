"""Postings and lines are numbered within their case; money whose case is not known has its own stream."""

import pytest

from dcss_core import Actor, CaseNumber
from dcss_core.agency.filing.payments import DISTRIBUTION_LINES, POSTINGS
from dcss_core.payments.ledger.ledger import Place
from dcss_core.ports.storage import SEQUENCE

pytestmark = pytest.mark.on_every_storage

REMITTANCE = Actor.system("remittance")


@pytest.fixture
def numbered(agency):
    """The entries of a log by stream: their numbers, in order."""

    def read(records, stream):
        found = agency.payments._resources.read(
            lambda work: work.find(records, (records.stream_attribute, SEQUENCE))
        )
        numbers = {}
        for kept in found:
            numbers.setdefault(str(getattr(kept.record, stream)), []).append(kept.version)
        return numbers

    return read


@pytest.fixture
def two_cases(agency, family, intake):
    agency.cases.open(family("0004567890", "900010001"), by=intake)
    agency.cases.open(family("0004567891", "900010002"), by=intake)


def test_each_case_numbers_its_own_postings_and_lines_without_a_gap(
    agency, two_cases, file_of, sent, numbered
):
    entries = [
        sent(f"{10 + turn}.00", case=f"000456789{turn % 2}", ssn=f"90001000{turn % 2 + 1}")
        for turn in range(6)
    ]
    agency.payments.receive(file_of(*entries), by=REMITTANCE, entries_at_once=1, pause_seconds=0)
    postings, lines = numbered(POSTINGS, "stream"), numbered(DISTRIBUTION_LINES, "case_number")
    assert set(postings) == set(lines) == {"0004567890", "0004567891"}
    for numbers in (*postings.values(), *lines.values()):
        assert numbers == list(range(1, len(numbers) + 1))
    # two for what fell due; two to take each payment in, four to give it out: once a case, and three times
    assert {len(numbers) for numbers in postings.values()} == {2 + 3 * (2 + 4)}
    assert {len(numbers) for numbers in lines.values()} == {3}


def test_money_of_no_case_stands_in_a_stream_of_its_receipt(
    agency, two_cases, file_of, sent, clerk, numbered
):
    batch = agency.payments.receive(
        file_of(sent("5.00", case="0009999999"), sent("7.00", case="0009999998")), by=REMITTANCE
    )
    ids = {each.receipt_id for each in batch.receipts}
    assert numbered(POSTINGS, "stream") == {receipt_id: [1, 2] for receipt_id in ids}
    # identified, it moves on in the stream of its case, and its own is as it was
    agency.payments.identify(batch.receipts[0].receipt_id, CaseNumber("0004567890"), by=clerk)
    streams = numbered(POSTINGS, "stream")
    assert {stream: streams[stream] for stream in ids} == {receipt_id: [1, 2] for receipt_id in ids}
    assert len(streams["0004567890"]) == 2 + 2 + 4
    assert agency.payments.verify(by=Actor.system("audit")).is_sound


def test_a_case_that_is_opened_with_arrears_begins_its_stream_with_them(agency, opened_case, numbered):
    assert numbered(POSTINGS, "stream") == {str(opened_case): [1, 2]}
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert (str(balances[Place.CHARGED]), str(balances[Place.OWED])) == ("-50.00", "50.00")
