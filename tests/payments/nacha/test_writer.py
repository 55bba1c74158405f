"""Writing: the same bytes for what was read, a clear refusal for what can't be written."""

import attrs
import pytest

from dcss_core.base.money import Money
from dcss_core.base.secret import Secret
from dcss_core.errors import InvalidInputError
from dcss_core.payments.nacha import (
    FileLayout,
    NachaFile,
    PaymentAddenda,
    ReturnAddenda,
    StandardEntryClass,
    TransactionCode,
    build_file,
    read_file,
    write_file,
)


def refusal(file: NachaFile) -> list[str]:
    with pytest.raises(InvalidInputError, match="can't be written") as refused:
        write_file(file)
    return [str(fault) for fault in refused.value.faults]


def test_a_text_that_is_too_long_is_refused_and_never_cut(file_header, batch_header, make_entry):
    entry = make_entry(receiver_name="X" * 23, account_number=Secret("1" * 18))
    assert refusal(build_file(file_header, [(batch_header, [entry])])) == [
        "record 3 (entry detail), positions 13-29, account number: found 18 characters, expected at most 17",
        "record 3 (entry detail), positions 55-76, receiver name: found 23 characters, expected at most 22",
    ]


def test_an_amount_that_does_not_fit_and_a_negative_one_are_refused(file_header, batch_header, make_entry):
    entries = [make_entry("100000000.00"), make_entry("-0.01")]
    expected = "expected an amount from 0.00 that fits 10 digits of cents"
    assert refusal(build_file(file_header, [(batch_header, entries)])) == [
        f"record 3 (entry detail), positions 30-39, amount: found 100000000.00, {expected}",
        f"record 4 (entry detail), positions 30-39, amount: found -0.01, {expected}",
    ]


def test_a_value_of_the_wrong_type_is_refused(file_header, batch_header, make_entry):
    entry = make_entry(amount="243.69", account_number="0123456789", trace_number="x" * 15)
    entry = attrs.evolve(entry, amount=24369)
    built = build_file(file_header, [(batch_header, [make_entry()])])
    batch = attrs.evolve(built.batches[0], entries=(entry,))
    assert refusal(attrs.evolve(built, batches=(batch,))) == [
        "record 3 (entry detail), positions 13-29, account number: found a value of type str, "
        "expected a Secret",
        "record 3 (entry detail), positions 30-39, amount: found a value of type int, expected Money",
        "record 3 (entry detail), positions 80-94, trace number: "
        "found characters shaped 'AAAAAAAAAAAAAAA', expected 15 digits",
    ]


def test_a_letter_that_is_not_ascii_is_refused(file_header, batch_header, make_entry):
    assert refusal(build_file(file_header, [(batch_header, [make_entry(receiver_name="PEÑA ANA")])])) == [
        "record 3 (entry detail), positions 55-76, receiver name: "
        "found character 0xD1 as number 3 of the field, expected printable ASCII characters only"
    ]


def test_a_year_that_two_digits_can_not_say_is_refused(file_header, batch_header, make_entry):
    header = attrs.evolve(file_header, creation_date=file_header.creation_date.replace(year=2070))
    assert refusal(build_file(header, [(batch_header, [make_entry()])])) == [
        "record 1 (file header), positions 24-29, creation date: "
        "found 2070-01-05, expected a day of the years 1970 to 2069"
    ]


def test_entries_changed_without_their_control_are_refused(employer_file):
    file = read_file(employer_file)
    batch = file.batches[0]
    raised = attrs.evolve(batch.entries[0], amount=Money("243.70"))
    changed = attrs.evolve(batch, entries=(raised, *batch.entries[1:]))
    assert refusal(attrs.evolve(file, batches=(changed,))) == [
        "record 11 (batch control), positions 33-44, total credit: "
        "found 444.46, expected 444.47, the credits of the batch",
        "record 12 (file control), positions 44-55, total credit: found 444.46, "
        "expected 444.47, the credits of the file",
    ]


def test_a_broken_ded_segment_is_refused(file_header, batch_header, make_entry):
    entry = make_entry(remittance="DED*CS*1*260105*24369*90001000*N\\")
    assert refusal(build_file(file_header, [(batch_header, [entry])])) == [
        "record 4 (addenda), DED05 noncustodial parent SSN: "
        "found characters shaped '99999999', expected nine digits, without hyphens"
    ]


def test_a_file_without_batches_is_refused(file_header):
    assert refusal(build_file(file_header, [])) == [
        "file: found no batch, expected at least one batch (5, 6, 8)"
    ]


def test_trimming_never_cuts_text(file_header, batch_header, make_entry):
    layout = FileLayout(trimmed=((3, 80), (5, 55)))  # record 3 is an entry with a trace number up to 94
    file = build_file(file_header, [(batch_header, [make_entry()])], layout=layout)
    lines = write_file(file).split(b"\n")
    assert [len(line) for line in lines[:6]] == [94, 94, 94, 94, 55, 94]


def test_in_the_one_line_form_only_the_last_record_is_trimmed(file_header, batch_header, make_entry):
    layout = FileLayout(separator="", ending="", is_filled=False, trimmed=((1, 80), (5, 55)))
    content = write_file(build_file(file_header, [(batch_header, [make_entry()])], layout=layout))
    assert len(content) == 4 * 94 + 55


def test_addenda_carry_the_last_seven_digits_of_their_entrys_trace_number(
    file_header, batch_header, make_entry
):
    entry = make_entry(remittance="FREE TEXT", trace_number="121042881234567")
    content = write_file(build_file(file_header, [(batch_header, [entry])]))
    assert content.split(b"\n")[3] == b"705" + b"FREE TEXT".ljust(80) + b"00011234567"


def test_the_trace_number_of_a_returned_entry_is_kept(file_header, batch_header, make_entry):
    entry = make_entry(
        transaction_code=TransactionCode.CHECKING_CREDIT_RETURN,
        trace_number="121042880000077",
        addenda=(
            ReturnAddenda(
                reason_code="R03",
                original_trace_number="231380100000042",
                original_receiving_bank="12104288",
                addenda_information=Secret("NO ACCOUNT"),
            ),
        ),
    )
    header = attrs.evolve(batch_header, standard_entry_class=StandardEntryClass.PPD)
    content = write_file(build_file(file_header, [(header, [entry])]))
    assert content.split(b"\n")[3] == (
        b"799R03231380100000042      12104288" + b"NO ACCOUNT".ljust(44) + b"121042880000077"
    )


def test_a_ctx_entry_says_how_many_addenda_follow(file_header, batch_header, make_entry):
    addenda = tuple(PaymentAddenda(Secret(f"PART {part}")) for part in range(1, 13))
    header = attrs.evolve(batch_header, standard_entry_class=StandardEntryClass.CTX)
    content = write_file(build_file(file_header, [(header, [make_entry(addenda=addenda)])]))
    lines = content.decode().split("\n")
    assert lines[2][54:78] == "0012STATE SDU           "[:24]
    assert lines[14] == "705" + "PART 12".ljust(80) + "00120000001"
