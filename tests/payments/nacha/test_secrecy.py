"""Social Security and account numbers never get out of a payment file by accident."""

import re

from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core.errors import RemittanceRefusedError
from dcss_core.payments.nacha import deds_of, read_file

SSNS = ["987654320", "987654321", "987654322", "987654323"]  # those of the employer's sample
ACCOUNT = "000123456789"


def test_nothing_secret_is_shown_by_a_file(employer_file):
    file = read_file(employer_file)
    batch = file.batches[0]
    shown = (
        repr(file)
        + str(file)
        + repr([deds_of(entry, batch.header.standard_entry_class) for entry in batch.entries])
    )
    assert not [secret for secret in [*SSNS, ACCOUNT, "DOE,JOH"] if secret in shown]


def test_neither_name_nor_number_of_the_receiver_is_shown(make_entry):
    shown = repr(make_entry(receiver_name="ROE JANE", identification_number="900010001"))
    assert "ROE" not in shown
    assert "900010001" not in shown


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), is_one_line=st.booleans())
def test_no_refusal_quotes_more_than_three_digits_of_an_ssn_in_a_row(employer_file, data, is_one_line):
    content = employer_file.replace(b"\n", b"") if is_one_line else employer_file
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, min(len(content), begin + 60)))
    piece = data.draw(st.sampled_from([b"", b"\n", b"6", b"705", b"9", b" " * 7]))
    told = ""
    try:
        read_file(content[:begin] + piece + content[end:])
    except RemittanceRefusedError as refused:
        told = str(refused)
    leaked = [run for run in re.findall(r"\d{4,}", told) for ssn in SSNS if run in ssn]
    assert not [run for run in leaked if set(run) != {"9"}]  # nines stand for any digit
