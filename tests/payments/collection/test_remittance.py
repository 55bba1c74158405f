"""Which files are money received, and what their entries say."""

from datetime import date
from pathlib import Path

import attrs
import pytest

from dcss_core.base.money import Money
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.base.secret import Secret
from dcss_core.errors import RemittanceRefusedError
from dcss_core.payments.collection.remittance import read_remittance
from dcss_core.payments.nacha import (
    BatchHeader,
    Entry,
    FileHeader,
    PaymentAddenda,
    ServiceClass,
    StandardEntryClass,
    TransactionCode,
    build_file,
    write_file,
)

SAMPLES = Path(__file__).parents[1] / "nacha" / "samples"


def sample(name):
    return (SAMPLES / f"{name}.ach").read_bytes()


def told(entry):
    return entry.case_as_sent, str(entry.amount), str(entry.stated_amount), str(entry.pay_date)


@pytest.fixture
def file_of():
    """The bytes of a file with one batch of entries, each an amount and the text of its addenda."""

    def built(*entries, entry_class=StandardEntryClass.CCD, code="22", **header):
        file_header = FileHeader(
            immediate_destination=" 231380104",
            immediate_origin="1121042882",
            creation_date=date(2026, 1, 5),
            **header,
        )
        batch_header = BatchHeader(
            service_class=ServiceClass.MIXED,
            company_name="ACME PAYROLL INC",
            company_identification="1123456789",
            standard_entry_class=entry_class,
            company_entry_description="CHILD SUPP",
            effective_entry_date=date(2026, 1, 7),
            originating_bank="12104288",
        )
        made = [
            Entry(
                transaction_code=TransactionCode(code),
                receiving_bank=RoutingNumber("231380104"),
                account_number=Secret("0123456789"),
                amount=Money(amount),
                receiver_name="STATE SDU",
                addenda=tuple(PaymentAddenda(Secret(text)) for text in texts),
            )
            for amount, *texts in entries
        ]
        return write_file(build_file(file_header, [(batch_header, made)]))

    return built


def ded(case, cents, *, application="CS", ended=False):
    end = "***Y" if ended else ""
    return f"DED*{application}*{case}*260105*{cents}*900010001*N{end}\\"


# --- what is read --------------------------------------------------------------------------------------


def test_an_employers_file_says_for_each_entry_the_case_the_amount_and_the_pay_date():
    remittance = read_remittance(sample("ccdplus-ded-employer-to-sdu"))
    assert [told(entry) for entry in remittance.entries] == [
        ("0004567890", "243.69", "243.69", "2026-01-05"),
        ("0004567891", "150.00", "150.00", "2026-01-05"),
        ("0004567892", "50.77", "50.77", "2026-01-05"),
        ("0004567893", "0.00", "0.00", "2026-01-05"),
    ]
    assert [entry.employment_ended for entry in remittance.entries] == [False, False, False, True]
    assert remittance.total == Money("444.46")  # 243.69 + 150.00 + 50.77


def test_a_deposit_for_two_cases_becomes_an_entry_for_each():
    """CTX: one entry of 393.69, two DED segments that run across the addenda (X12 820)."""
    remittance = read_remittance(sample("ctx-one-deposit-for-two-cases"))
    assert [told(entry) for entry in remittance.entries] == [
        ("0004567890", "243.69", "243.69", "2026-03-02"),
        ("0004567891", "150.00", "150.00", "2026-03-02"),
    ]
    assert len({entry.receipt_id for entry in remittance.entries}) == 2
    assert remittance.total == Money("393.69")


def test_two_parts_of_one_deposit_for_the_same_case_are_no_duplicates(file_of):
    twice = ded("A1", 5000) + ded("A1", 5000)  # 68 characters: one addenda
    (one, two) = read_remittance(file_of(("100.00", twice), entry_class=StandardEntryClass.CTX)).entries
    assert (one.occurrence, two.occurrence) == (1, 1)
    assert one.receipt_id != two.receipt_id


def test_a_deposit_whose_parts_do_not_sum_to_it_is_one_entry_for_no_case(file_of):
    """Whose money it is can't be told; that employment ended can."""
    parts = ded("A1", 5000) + ded("A2", 0, ended=True)
    money, ended = read_remittance(file_of(("60.00", parts), entry_class=StandardEntryClass.CTX)).entries
    assert told(money) == (None, "60.00", "50.00", "None")
    assert (ended.case_as_sent, ended.amount, ended.employment_ended) == ("A2", Money.ZERO, True)


@pytest.mark.parametrize(
    ("application", "other"),
    [("CS", False), ("II", False), ("IO", False), ("IT", True), ("RI", True), ("RT", True), ("RO", True)],
)
def test_a_tax_offset_or_a_recovery_of_costs_is_no_support_from_income(file_of, application, other):
    content = file_of(("10.00", ded("A1", 1000, application=application)))
    (entry,) = read_remittance(content).entries
    assert entry.has_other_purpose is other


def test_an_entry_without_a_child_support_addendum_names_no_case(file_of):
    (entry,) = read_remittance(file_of(("10.00", "RMR*IV*0123456789*PI*1000\\"))).entries
    assert told(entry) == (None, "10.00", "None", "None")


def test_a_prenote_is_passed_over(file_of):
    content = file_of(("0.00",), code="23", entry_class=StandardEntryClass.PPD)
    assert list(read_remittance(content).entries) == []


# --- what is the same payment --------------------------------------------------------------------------


def test_the_same_entry_in_another_file_is_the_same_payment(file_of):
    one = file_of(("10.00", ded("A1", 1000)))
    other = file_of(("10.00", ded("A1", 1000)), file_id_modifier="B")
    assert one != other
    assert list(read_remittance(one).entries) == list(read_remittance(other).entries)


@pytest.mark.parametrize("other", [ded("A2", 1000), ded("A1", 1000).replace("260105", "260112")])
def test_another_case_or_pay_date_is_another_payment(file_of, other):
    files = (read_remittance(file_of(("10.00", text))) for text in (ded("A1", 1000), other))
    one, two = (entry.receipt_id for file in files for entry in file.entries)
    assert one != two


def test_equal_entries_of_one_file_are_counted(file_of):
    from dcss_core.payments.nacha import read_file

    once = read_file(file_of(("10.00", ded("A1", 1000))))
    batch = once.batches[0]
    twice = write_file(
        build_file(once.header, [(batch.header, batch.entries), (batch.header, batch.entries)])
    )
    assert [entry.occurrence for entry in read_remittance(twice).entries] == [1, 2]


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["mixed-tax-and-debit-trimmed", "notification-of-change", "returns-mixed-class", "ppd-reversal"],
)
def test_a_file_that_takes_money_out_or_sends_it_back_is_refused_whole(name):
    with pytest.raises(RemittanceRefusedError, match="no remittance") as refused:
        read_remittance(sample(name))
    assert refused.value.faults


def test_every_debit_of_a_file_is_named(file_of):
    with pytest.raises(RemittanceRefusedError) as refused:
        read_remittance(file_of(("10.00",), ("11.00",), code="27"))
    assert [(fault.where, fault.found) for fault in refused.value.faults] == [
        ("entry with trace number 121042880000001", "a debit (payment)"),
        ("entry with trace number 121042880000002", "a debit (payment)"),
    ]


@pytest.mark.parametrize("byte", [0x00, 0x7F, 0x80, 0xA0, 0xE9, 0xFF])
def test_no_byte_that_is_not_printable_ascii_gets_in(byte):
    """The bytes of a file that was taken are kept as ASCII text."""
    content = sample("ccdplus-ded-employer-to-sdu")
    for position in range(0, 12 * 95 - 1, 7):
        damaged = content[:position] + bytes([byte]) + content[position + 1 :]
        with pytest.raises(RemittanceRefusedError):
            read_remittance(damaged)


def test_an_entry_shows_no_ssn():
    for entry in read_remittance(sample("ccdplus-ded-employer-to-sdu")).entries:
        assert "98765432" not in repr(attrs.evolve(entry))


# --- large files ---------------------------------------------------------------------------------------


def test_the_entries_of_a_file_that_is_not_kept_are_those_of_one_that_is(file_of, monkeypatch):
    """They are made anew each time they are gone through, with the same ids and counts."""
    from dcss_core.payments.collection import remittance

    both = (sample("ctx-one-deposit-for-two-cases"), sample("ccdplus-ded-employer-to-sdu"))
    kept = [list(read_remittance(content).entries) for content in both]
    monkeypatch.setattr(remittance, "_KEPT", 0)
    for content, entries in zip(both, kept, strict=True):
        anew = read_remittance(content).entries
        assert list(anew) == list(anew) == entries
        assert len(anew) == len(entries)


def test_a_debit_is_told_only_when_the_file_is_sound(file_of):
    """Else the sender would mend one fault and meet the next."""
    content = file_of(("10.00",), ("11.00",), code="27")
    with pytest.raises(RemittanceRefusedError, match="damaged"):
        read_remittance(content.replace(b"CHILD SUPP", b"CHILD S\xe9PP", 1))
