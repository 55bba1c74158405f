"""The DED segment: read as senders write it, written as the convention prescribes it."""

from datetime import date

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.base.secret import Secret
from dcss_core.errors import InvalidInputError
from dcss_core.payments.nacha import Ded, DedApplication, MedicalSupport, read_ded, write_ded

FULL = "DED*CS*0004567890*260105*24369*900010001*N*DOE,JOH*1300000*Y\\"


def read(text: str) -> Ded:
    ded = read_ded(text)
    assert isinstance(ded, Ded), ded
    return ded


def faults(text: str) -> list[str]:
    found = read_ded(text)
    assert isinstance(found, tuple)
    return [str(fault) for fault in found]


def with_element(place: int, text: str) -> str:
    elements = FULL[:-1].split("*")
    elements[place] = text
    return "*".join(elements) + "\\"


def test_every_element_is_read():
    assert read(FULL) == Ded(
        application=DedApplication.INCOME_WITHHOLDING,
        case_identifier="0004567890",
        pay_date=date(2026, 1, 5),
        amount=Money("243.69"),
        ssn=Secret("900010001"),
        medical_support=MedicalSupport.NOT_AVAILABLE,
        ncp_name="DOE,JOH",
        fips=LocatorCode("1300000"),
        is_employment_terminated=True,
    )


def test_optional_elements_may_be_dropped_at_the_end_or_left_empty():
    short = read("DED*CS*1*260105*5077*900010001*W\\")
    assert (short.ncp_name, short.fips, short.is_employment_terminated) == ("", None, False)
    assert read("DED*CS*1*260105*5077*900010001*W***\\") == short
    assert read("DED*CS*1*260105*0*900010001*W***Y\\").is_employment_terminated


def test_blanks_may_follow_the_segment():
    assert read(FULL.ljust(80)) == read(FULL)


@pytest.mark.parametrize("code", ["CS", "II", "IT", "IO", "RI", "RT", "RO"])
def test_every_application_identifier_of_the_convention_is_read(code):
    assert read(with_element(1, code)).application.value == code


@pytest.mark.parametrize(
    ("cents", "dollars"),
    [("0", "0.00"), ("5", "0.05"), ("0000024369", "243.69"), ("9999999999", "99999999.99")],
)
def test_the_amount_is_cents_zero_filled_or_not(cents, dollars):
    assert str(read(with_element(4, cents)).amount) == dollars


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("260105", date(2026, 1, 5)),
        ("20260105", date(2026, 1, 5)),
        ("691231", date(2069, 12, 31)),
        ("700101", date(1970, 1, 1)),
        ("280229", date(2028, 2, 29)),
    ],
)
def test_the_pay_date_has_six_or_eight_digits_and_the_pivot_is_1970(text, day):
    assert read(with_element(3, text)).pay_date == day


@pytest.mark.parametrize("case", ["1", "0" * 19 + "1", "AB-12 345/6", " 7"])
def test_the_case_identifier_is_kept_exactly(case):
    assert read(with_element(2, case)).case_identifier == case


@pytest.mark.parametrize("ssn", ["000000000", "666010001", "900010001"])
def test_whether_nine_digits_can_be_an_ssn_is_not_judged(ssn):
    assert read(with_element(5, ssn)).ssn.reveal() == ssn


def test_free_form_names_and_n_for_termination_are_read_but_not_written():
    ded = read(with_element(7, "John Q. Doe")[:-2] + "N\\")
    assert (ded.ncp_name, ded.is_employment_terminated) == ("John Q. Doe", False)
    with pytest.raises(InvalidInputError, match="DED07 noncustodial parent name: found a free-form name"):
        write_ded(ded)
    assert write_ded(attrs.evolve(ded, ncp_name="DOE,JOH")) == FULL.replace("*Y\\", "\\")


@pytest.mark.parametrize(
    ("place", "text", "expected"),
    [
        (1, "cs", "DED01 application identifier: found 'cs', expected one of CS, II, IT, IO, RI, RT, RO"),
        (
            2,
            "",
            "DED02 case identifier: found nothing, "
            "expected 1 to 20 printable characters, as on the withholding order",
        ),
        (
            2,
            "   ",
            "DED02 case identifier: found blanks, "
            "expected 1 to 20 printable characters, as on the withholding order",
        ),
        (
            2,
            "1" * 21,
            f"DED02 case identifier: found characters shaped '{'9' * 21}', "
            "expected 1 to 20 printable characters, as on the withholding order",
        ),
        (
            3,
            "260229",
            "DED03 pay date: found characters shaped '999999', "
            "expected a day of the calendar as YYMMDD, or YYYYMMDD in CTX",
        ),
        (
            4,
            "243.69",
            "DED04 payment amount: found characters shaped '999.99', "
            "expected 1 to 10 digits, the amount in cents",
        ),
        (
            4,
            "1" * 11,
            f"DED04 payment amount: found characters shaped '{'9' * 11}', "
            "expected 1 to 10 digits, the amount in cents",
        ),
        (4, "-1", "DED04 payment amount: found '-1', expected 1 to 10 digits, the amount in cents"),
        (
            5,
            "900-01-0001",
            "DED05 noncustodial parent SSN: found characters shaped '999-99-9999', "
            "expected nine digits, without hyphens",
        ),
        (6, "X", "DED06 medical support indicator: found 'X', expected one of Y, N, W"),
        (
            8,
            "130000",
            "DED08 FIPS code: found characters shaped '999999', "
            "expected a federal locator code of 5 or 7 characters, as 13000 or 1300000",
        ),
        (9, "YES", "DED09 employment termination indicator: found 'YES', expected Y or nothing"),
    ],
)
def test_a_broken_element_is_named(place, text, expected):
    assert faults(with_element(place, text)) == [expected]


def test_every_fault_is_told_at_once():
    assert len(faults("DED*XX**999999*1.00*1*Z*\t*1*N*TOO*MANY")) == 10  # terminator, count, DED01-DED08


def test_missing_mandatory_elements_are_faults():
    assert [fault.split(":")[0] for fault in faults("DED*CS*1\\")] == [
        "DED03 pay date",
        "DED04 payment amount",
        "DED05 noncustodial parent SSN",
        "DED06 medical support indicator",
    ]


def test_text_after_the_terminator_and_another_segment_are_faults():
    assert faults(FULL + "DED*") == [
        "DED segment: found more text after the terminator, expected blanks only"
    ]
    assert faults("TXP*1\\") == ["DED segment: found another beginning, expected DED*"]


def test_a_segment_is_written_without_what_is_optional_and_absent():
    ded = read(FULL)
    assert write_ded(ded) == FULL
    bare = attrs.evolve(ded, ncp_name="", fips=None)
    assert write_ded(bare) == "DED*CS*0004567890*260105*24369*900010001*N***Y\\"
    last_dropped = attrs.evolve(bare, is_employment_terminated=False)
    assert write_ded(last_dropped) == "DED*CS*0004567890*260105*24369*900010001*N\\"


def test_a_ctx_segment_is_written_with_a_four_digit_year():
    assert write_ded(read(FULL), four_digit_year=True) == FULL.replace("*260105*", "*20260105*")


def test_the_longest_segment_has_79_characters():
    # 3 for DED, 9 separators, the terminator, and 2 + 20 + 6 + 10 + 9 + 1 + 10 + 7 + 1 for the elements
    longest = Ded(
        application=DedApplication.INCOME_WITHHOLDING,
        case_identifier="X" * 20,
        pay_date=date(2026, 1, 5),
        amount=Money("99999999.99"),
        ssn=Secret("900010001"),
        medical_support=MedicalSupport.AVAILABLE,
        ncp_name="MONTGOMALI",
        fips=LocatorCode("1300000"),
        is_employment_terminated=True,
    )
    assert len(write_ded(longest)) == 79


def test_what_can_not_be_written_is_told_at_once_and_without_the_ssn():
    broken = attrs.evolve(
        read(FULL),
        case_identifier="1*2",
        amount=Money("-1.00"),
        ssn=Secret("900-01-0001"),
        pay_date=date(2070, 1, 1),
    )
    with pytest.raises(InvalidInputError) as refused:
        write_ded(broken)
    assert [fault.where[:5] for fault in refused.value.faults] == ["DED02", "DED03", "DED04", "DED05"]
    assert "0001" not in str(refused.value)


deds = st.builds(
    Ded,
    application=st.sampled_from(DedApplication),
    case_identifier=st.text(
        st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="*\\"), min_size=1, max_size=20
    ).filter(str.strip),
    pay_date=st.dates(date(1970, 1, 1), date(2069, 12, 31)),
    amount=st.integers(0, 10**10 - 1).map(Money.from_cents),
    ssn=st.from_regex(r"\A9[0-9]{2}0[1-9][0-9]{4}\Z").filter(str.isascii).map(Secret),
    medical_support=st.sampled_from(MedicalSupport),
    ncp_name=st.sampled_from(["", "DOE,JOH", "MONTGOMALI", "LEE,"]),
    fips=st.sampled_from([None, LocatorCode("13000"), LocatorCode("1300000"), LocatorCode("80CAN00")]),
    is_employment_terminated=st.booleans(),
)


@given(ded=deds)
def test_what_is_written_is_read_back_equal_and_fits_an_addenda(ded):
    text = write_ded(ded)
    assert len(text) <= 79
    assert read(text) == ded


@given(
    text=st.text(max_size=90) | st.text("DED*CSN0123456789\\ ", max_size=90).map(lambda rest: "DED*" + rest)
)
def test_any_text_is_read_or_answered_with_faults(text):
    assert read_ded(text)
