"""A damaged file, or one that is no remittance, is refused whole."""

import json

import pytest

from dcss_core import Actor, errors

pytestmark = pytest.mark.on_every_storage


@pytest.fixture
def refused(agency, opened_case, books, last_number):
    """Has the agency refuse a file; gives the refusal and the audit entries it made."""

    def done(content):
        before, number = books(agency), last_number(agency)
        with pytest.raises(errors.RemittanceRefusedError) as refusal:
            agency.payments.receive(content, by=Actor.system("remittance"))
        entries = [entry for _, entry in agency.audit.entries(after=number, by=Actor.system("audit"))]
        assert books(agency) == before, "a refused file posted something"
        return refusal.value, entries

    return done


def test_a_damaged_file_is_refused_with_every_fault_and_the_refusal_is_audited(refused, file_of, sent):
    content = file_of(sent("150.00"), sent("50.00"))
    # the class of the batch, the pay date of the second addenda, and the total of the file
    damaged = content.replace(b"CCD", b"CXD", 1)
    second = damaged.rindex(b"*260105*")
    damaged = damaged[:second] + b"*261305*" + damaged[second + 8 :]
    damaged = damaged.replace(b"000000020000", b"000000020001")
    refusal, entries = refused(damaged)
    assert [fault.where.split(",")[0] for fault in refusal.faults] == [
        "record 2 (batch header)",
        "record 6 (addenda)",
        "record 7 (batch control)",
        "record 8 (file control)",
    ]
    (entry,) = entries
    assert entry.kind == "remittance_refused"
    assert json.loads(entry.details)["faults"] == 4


def test_a_file_cut_off_in_transmission_is_refused(refused, file_of, sent):
    content = file_of(sent("150.00"), sent("50.00"))
    refusal, _ = refused(content[: len(content) // 4])
    assert refusal.faults


@pytest.mark.parametrize(
    "name", ["mixed-tax-and-debit-trimmed", "returns-mixed-class", "notification-of-change"]
)
def test_a_file_of_debits_or_returns_is_refused(refused, sample, name):
    refusal, (entry,) = refused(sample(name))
    assert "no remittance" in str(refusal)
    assert entry.kind == "remittance_refused"


def test_one_debit_among_credits_refuses_the_whole_file(refused, file_of, sent):
    refusal, _ = refused(file_of(sent("150.00"), sent("50.00", code="27")))
    (fault,) = refusal.faults
    assert (fault.where, fault.found) == ("entry with trace number 121042880000002", "a debit (payment)")


@pytest.mark.parametrize("content", [b"", b"not a payment file", b"PK\x03\x04" + b"\x00" * 200])
def test_what_is_no_payment_file_at_all_is_refused(refused, content):
    refused(content)


def test_a_mended_file_is_taken_after_its_refusal(agency, refused, file_of, sent):
    content = file_of(sent("150.00"))
    refused(content.replace(b"CCD", b"CXD", 1))
    assert len(agency.payments.receive(content, by=Actor.system("remittance")).receipts) == 1


def test_a_refusal_repeats_no_ssn(refused, file_of, sent):
    damaged = file_of(sent("150.00")).replace(b"*901028765*", b"*9010287X5*")
    refusal, entries = refused(damaged)
    assert "0287" not in str(refusal) + "".join(entry.details for entry in entries)
