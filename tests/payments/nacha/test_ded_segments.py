"""Which DED segments an entry carries."""

import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import InvalidInputError
from dcss_core.payments.nacha import PaymentAddenda, StandardEntryClass, deds_of, read_file

DED = "DED*CS*0004567890*260105*24369*900010001*N\\"


def addenda(*texts: str) -> tuple[PaymentAddenda, ...]:
    return tuple(PaymentAddenda(Secret(text)) for text in texts)


def test_a_ccd_addenda_that_begins_with_ded_is_one_segment(make_entry):
    (ded,) = deds_of(make_entry(remittance=DED), StandardEntryClass.CCD)
    assert ded.case_identifier == "0004567890"


@pytest.mark.parametrize("text", ["TXP*1*2\\", "CASE 4567890", "X " + DED, ""])
def test_other_addenda_carry_none(make_entry, text):
    assert deds_of(make_entry(addenda=addenda(text)), StandardEntryClass.CCD) == ()


def test_ctx_segments_are_found_across_the_addenda_they_are_cut_by(sample):
    batch = read_file(sample("ctx-one-deposit-for-two-cases")).batches[0]
    deds = deds_of(batch.entries[0], batch.header.standard_entry_class)
    assert [(ded.case_identifier, str(ded.amount), ded.ncp_name) for ded in deds] == [
        ("0004567890", "243.69", "DOE,JOH"),
        ("0004567891", "150.00", "MONTGOMAL"),
    ]


def test_ctx_segments_may_be_padded_to_the_end_of_their_addenda(make_entry):
    entry = make_entry(addenda=addenda("ST*820*0001\\", DED, DED.replace("890*", "891*"), "SE*3*0001\\"))
    deds = deds_of(entry, StandardEntryClass.CTX)
    assert [ded.case_identifier for ded in deds] == ["0004567890", "0004567891"]


def test_a_blank_at_the_cut_between_two_addenda_is_part_of_the_segment(make_entry):
    head = "DED*CS*AB CD*260105*24369*900010001*N\\"
    filler = "N" * (80 - len("DED*CS*AB ") - 4) + "\\" + "X\\\\"  # puts the blank on position 80
    stream = filler + head
    entry = make_entry(addenda=addenda(stream[:80].rstrip(" "), stream[80:]))
    assert stream[79] == " "
    assert [ded.case_identifier for ded in deds_of(entry, StandardEntryClass.CTX)] == ["AB CD"]


def test_a_broken_segment_of_a_hand_made_entry_is_refused(make_entry):
    with pytest.raises(InvalidInputError, match="DED09"):
        deds_of(make_entry(remittance=DED[:-1] + "***X\\"), StandardEntryClass.CCD)
