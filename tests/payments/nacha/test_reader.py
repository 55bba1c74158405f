"""Whole files: what is read from them, in which outward forms, and what is refused outright."""

from datetime import date, time

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core.base.money import Money
from dcss_core.errors import RemittanceRefusedError
from dcss_core.payments.nacha import (
    NachaFile,
    NotificationOfChange,
    ReturnAddenda,
    ServiceClass,
    TransactionCode,
    deds_of,
    read_file,
    write_file,
)

SAMPLES = [
    "ccdplus-ded-employer-to-sdu",
    "ctx-one-deposit-for-two-cases",
    "mixed-tax-and-debit-trimmed",
    "notification-of-change",
    "ppd-reversal",
    "ppd-sdu-to-family-with-prenote",
    "returns-mixed-class",
]


def entries_of(file: NachaFile):
    return [entry for batch in file.batches for entry in batch.entries]


def test_an_employers_remittance_is_read_to_its_amounts_and_a_termination_notice(employer_file):
    file = read_file(employer_file)
    entries = entries_of(file)
    assert [str(entry.amount) for entry in entries] == ["243.69", "150.00", "50.77", "0.00"]
    assert entries[3].transaction_code is TransactionCode.CHECKING_CREDIT_REMITTANCE_ONLY
    deds = [ded for entry in entries for ded in deds_of(entry, file.batches[0].header.standard_entry_class)]
    assert [ded.is_employment_terminated for ded in deds] == [False, False, False, True]
    assert [ded.amount for ded in deds] == [entry.amount for entry in entries]


def test_headers_are_read_field_by_field(employer_file):
    file = read_file(employer_file)
    assert file.header.immediate_destination == " 231380104"
    assert (file.header.creation_date, file.header.creation_time) == (date(2026, 1, 5), time(9, 15))
    assert file.header.origin_name == "ACME PAYROLL INC"
    header = file.batches[0].header
    assert header.company_entry_description == "CHILD SUPP"
    assert header.effective_entry_date == date(2026, 1, 7)
    assert (header.settlement_day, header.originating_bank, header.batch_number) == (None, "12104288", 1)


def test_an_entry_is_read_field_by_field(employer_file):
    entry = entries_of(read_file(employer_file))[0]
    assert entry.receiving_bank.value == "231380104"
    assert entry.account_number.reveal() == "000123456789"
    assert entry.identification_number == "123456789"
    assert entry.receiver_name == "STATE SDU"
    assert entry.trace_number == "121042880000001"


def test_returned_entries_say_why_and_which(sample):
    file = read_file(sample("returns-mixed-class"))
    bounced, deceased = [entry.addenda[0] for entry in entries_of(file)]
    assert isinstance(bounced, ReturnAddenda)
    assert (bounced.reason_code, bounced.original_trace_number) == ("R01", "231380100000041")
    assert (deceased.reason_code, deceased.date_of_death) == ("R15", date(2026, 2, 27))
    assert [batch.header.service_class for batch in file.batches] == [ServiceClass.MIXED] * 2
    assert (file.control.total_debit, file.control.total_credit) == (Money("250.00"), Money("243.69"))


def test_a_company_identification_justified_to_the_right_in_the_control_is_the_same_company(sample):
    batch = read_file(sample("returns-mixed-class")).batches[0]
    assert batch.header.company_identification == "900000001"
    assert batch.control.company_identification == " 900000001"


def test_a_notification_of_change_gives_the_corrected_account_as_a_secret(sample):
    (entry,) = entries_of(read_file(sample("notification-of-change")))
    (change,) = entry.addenda
    assert isinstance(change, NotificationOfChange)
    assert change.change_code == "C01"
    assert change.corrected_data.reveal() == "9000005679"


def test_remittance_text_that_is_no_ded_stays_as_it_is(sample):
    credit, debit = entries_of(read_file(sample("mixed-tax-and-debit-trimmed")))
    assert credit.addenda[0].payment_related_information.reveal().startswith("TXP*123456789*941*")
    assert debit.addenda == ()
    assert str(debit.amount) == "5001.25"


def test_the_message_authentication_code_is_kept(sample):
    assert (
        read_file(sample("mixed-tax-and-debit-trimmed")).batches[0].control.message_authentication_code == "1"
    )


# --- outward forms ------------------------------------------------------------------------------
FORMS = {
    "as it stands": lambda content: content,
    "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
    "no final newline": lambda content: content.rstrip(b"\n"),
    "a blank line at the end": lambda content: content + b"\n",
    "one line": lambda content: b"".join(line.ljust(94) for line in content.splitlines()),
    "one line and a newline": lambda content: (
        b"".join(line.ljust(94) for line in content.splitlines()) + b"\n"
    ),
    "no filler": lambda content: b"".join(
        line for line in content.splitlines(keepends=True) if line.rstrip() != b"9" * 94
    ),
    "blanks trimmed": lambda content: b"\n".join(line.rstrip() for line in content.splitlines()) + b"\n",
    "one line, last record trimmed, no filler": lambda content: b"".join(
        line.ljust(94) for line in content.splitlines() if line != b"9" * 94
    ).rstrip(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_of_any_outward_form_is_written_as_the_same_bytes(sample, name, form):
    content = FORMS[form](sample(name))
    assert write_file(read_file(content)) == content


@pytest.mark.parametrize("form", FORMS)
def test_the_outward_form_does_not_change_what_is_read(sample, form):
    content = sample("ccdplus-ded-employer-to-sdu")
    plain, formed = read_file(content), read_file(FORMS[form](content))
    assert (formed.header, formed.batches, formed.control) == (plain.header, plain.batches, plain.control)


# --- refused outright ---------------------------------------------------------------------------
@pytest.mark.parametrize("content", [b"", b"\n", b"   \r\n"], ids=["nothing", "a newline", "blanks"])
def test_an_empty_file_is_refused_as_empty(content):
    with pytest.raises(RemittanceRefusedError, match="is empty") as refused:
        read_file(content)
    assert len(refused.value.faults) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"case,amount\n123,243.69\n" * 50,
        b"PK\x03\x04" + bytes(range(256)) * 20,
        b"1" * 500,
        "é".encode() * 300,
    ],
    ids=["a table", "a zip", "ones", "UTF-8 letters"],
)
def test_what_is_no_payment_file_gets_one_clear_fault(content):
    with pytest.raises(RemittanceRefusedError, match="not a Nacha payment file") as refused:
        read_file(content)
    assert len(refused.value.faults) == 1


def test_a_file_larger_than_the_bound_is_refused_before_it_is_read(employer_file):
    with pytest.raises(RemittanceRefusedError, match="too large"):
        read_file(employer_file, largest_bytes=len(employer_file) - 1)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=600) | st.binary(max_size=600).map(lambda tail: b"101" + tail))
def test_any_bytes_are_read_or_refused(content):
    read_or_refuse(content)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(SAMPLES), byte=st.integers(0, 255))
def test_a_file_with_one_byte_changed_is_read_or_refused_and_never_rewritten_differently(
    sample, data, name, byte
):
    content = bytearray(sample(name))
    content[data.draw(st.integers(0, len(content) - 1))] = byte
    read_or_refuse(bytes(content))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    name=st.sampled_from(SAMPLES),
    piece=st.binary(max_size=200),
    form=st.sampled_from(list(FORMS)),
)
def test_a_file_with_a_piece_cut_out_and_another_put_in_is_read_or_refused(sample, data, name, piece, form):
    content = FORMS[form](sample(name))
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, len(content)))
    read_or_refuse(content[:begin] + piece + content[end:])


def read_or_refuse(content: bytes) -> None:
    file, faults = None, ()
    try:
        file = read_file(content)
    except RemittanceRefusedError as refused:
        faults = refused.faults
    assert write_file(file) == content if file else faults
