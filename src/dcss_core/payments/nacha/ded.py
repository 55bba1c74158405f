r"""Ded: the child-support segment that says what a payment is for (`DED*CS*...\`).

Decides whether text is a DED segment: elements parted by `*`, closed by `\`, optional ones left
empty or dropped at the end. What some senders add is read too (a free-form name, `N` as DED09, a
date of eight digits, empty elements at the end) but never written. Whether the nine digits are a
Social Security number that can exist is not judged here: they identify a case only together with
the case identifier. Invariant: no fault quotes more than three characters of a segment.
Source: Nacha Child Support Application Banking Convention; X12 segment DED.
"""

from collections.abc import Callable
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import attrs

from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.payments.nacha.ded_name import is_ded_name
from dcss_core.payments.nacha.fault_log import shape
from dcss_core.payments.nacha.field_kinds import Code, Misfit
from dcss_core.payments.nacha.short_date import calendar_day, read_short_date, write_short_date

SEPARATOR: Final = "*"
TERMINATOR: Final = "\\"
BEGINNING: Final = "DED*"


class DedApplication(Enum):
    """DED01: who pays, and what for."""

    INCOME_WITHHOLDING = "CS"  # the only one an employer uses
    INTERSTATE_INCOME_WITHHOLDING = "II"
    INTERSTATE_TAX_OFFSET = "IT"
    INTERSTATE_OTHER = "IO"
    COST_RECOVERY_INCOME_WITHHOLDING = "RI"
    COST_RECOVERY_TAX_OFFSET = "RT"
    COST_RECOVERY_OTHER = "RO"


class MedicalSupport(Enum):
    """DED06: whether the employer offers the noncustodial parent family medical coverage."""

    AVAILABLE = "Y"
    NOT_AVAILABLE = "N"
    NOT_APPLICABLE = "W"


@attrs.frozen(kw_only=True)
class Ded:
    """One DED segment.

    `case_identifier` is kept exactly as sent, leading zeros included. `amount` is what was withheld;
    it may differ from what was transmitted. `ncp_name` is empty where the sender left it out.
    """

    application: DedApplication
    case_identifier: str
    pay_date: date
    amount: Money
    ssn: Secret
    medical_support: MedicalSupport
    ncp_name: str = attrs.field(default="", repr=False)
    fips: LocatorCode | None = None
    is_employment_terminated: bool = False


def read_ded(text: str) -> Ded | tuple[Fault, ...]:
    """Read a DED segment, or say everything that keeps it from being one; blanks may follow it."""
    segment, terminator, rest = text.partition(TERMINATOR)
    faults = []
    if not terminator:
        segment = segment.rstrip(" ")
        faults.append(Fault("DED segment", "no terminator", f"{TERMINATOR} after the last element"))
    if rest.strip(" "):
        faults.append(Fault("DED segment", "more text after the terminator", "blanks only"))
    identifier, *elements = segment.split(SEPARATOR)
    if identifier != "DED":
        return (*faults, Fault("DED segment", "another beginning", BEGINNING))
    if len(elements) > len(_ELEMENTS):
        faults.append(Fault("DED segment", f"{len(elements)} elements", f"at most {len(_ELEMENTS)}"))
    elements += [""] * (len(_ELEMENTS) - len(elements))
    values: dict[str, Any] = {}
    for (name, where, read), element in zip(_ELEMENTS, elements, strict=False):
        value = read(element)
        if isinstance(value, Misfit):
            faults.append(Fault(where, value.found, value.expected))
        else:
            values[name] = value
    return tuple(faults) or Ded(**values)


def write_ded(ded: Ded, *, four_digit_year: bool = False) -> str:
    r"""Write a DED segment as the convention prescribes it: at most 79 characters, `\` included.

    `four_digit_year` is for CTX with X12 4010 or later, where the pay date has eight digits; the
    segment may then have 81 characters. Raises InvalidInputError with every fault.
    """
    elements = [
        ded.application.value,
        ded.case_identifier,
        f"{ded.pay_date:%Y%m%d}" if four_digit_year else write_short_date(ded.pay_date) or "",
        str(ded.amount.cents),
        ded.ssn.reveal(),
        ded.medical_support.value,
        ded.ncp_name,
        ded.fips.value if ded.fips else "",
        "Y" if ded.is_employment_terminated else "",
    ]
    faults = []
    for (_, where, read), element in zip(_ELEMENTS, elements, strict=True):
        value = read(element)
        if isinstance(value, Misfit):
            faults.append(Fault(where, value.found, value.expected))
    if ded.ncp_name and not is_ded_name(ded.ncp_name):
        faults.append(
            Fault("DED07 noncustodial parent name", "a free-form name", "the form ded_name() makes")
        )
    if faults:
        raise InvalidInputError("this can't be written as a DED segment", faults=faults)
    while not elements[-1]:
        elements.pop()
    return SEPARATOR.join(["DED", *elements]) + TERMINATOR


def _read_case_identifier(element: str) -> str | Misfit:
    if not 1 <= len(element) <= 20 or element.isspace() or not _is_plain(element):
        return Misfit(shape(element), "1 to 20 printable characters, as on the withholding order")
    return element


# All payments of a payroll have the same day.
@lru_cache(maxsize=1024)
def _read_pay_date(element: str) -> date | Misfit:
    day = None
    if len(element) == 8 and _is_digits(element):
        day = calendar_day(int(element[:4]), int(element[4:6]), int(element[6:]))
    elif len(element) == 6:
        day = read_short_date(element)
    return day or Misfit(shape(element), "a day of the calendar as YYMMDD, or YYYYMMDD in CTX")


def _read_amount(element: str) -> Money | Misfit:
    if not 1 <= len(element) <= 10 or not _is_digits(element):
        return Misfit(shape(element), "1 to 10 digits, the amount in cents")
    return Money.from_cents(int(element))


def _read_ssn(element: str) -> Secret | Misfit:
    if len(element) != 9 or not _is_digits(element):
        return Misfit(shape(element), "nine digits, without hyphens")
    return Secret(element)


def _read_name(element: str) -> str | Misfit:
    return element if _is_plain(element) else Misfit(shape(element), "printable ASCII characters")


def _read_fips(element: str) -> LocatorCode | Misfit | None:
    if not element:
        return None
    # the length comes first, so that nine digits never get into the cache
    code = _locator_code(element) if len(element) in (5, 7) else None
    return code or Misfit(shape(element), "a federal locator code of 5 or 7 characters, as 13000 or 1300000")


@lru_cache(maxsize=1024)
def _locator_code(element: str) -> LocatorCode | None:
    try:
        code = LocatorCode(element)
    except InvalidInputError:
        return None
    return code if len(code.value) == len(element) else None


def _read_termination(element: str) -> bool | Misfit:
    if element in ("", "N", "Y"):
        return element == "Y"
    return Misfit(shape(element), "Y or nothing")


def _is_plain(element: str) -> bool:
    return element.isascii() and element.isprintable() and not {SEPARATOR, TERMINATOR} & set(element)


def _is_digits(element: str) -> bool:
    return element.isascii() and element.isdigit()


_ELEMENTS: Final[tuple[tuple[str, str, Callable[[str], object]], ...]] = (
    ("application", "DED01 application identifier", Code(DedApplication).read),
    ("case_identifier", "DED02 case identifier", _read_case_identifier),
    ("pay_date", "DED03 pay date", _read_pay_date),
    ("amount", "DED04 payment amount", _read_amount),
    ("ssn", "DED05 noncustodial parent SSN", _read_ssn),
    ("medical_support", "DED06 medical support indicator", Code(MedicalSupport).read),
    ("ncp_name", "DED07 noncustodial parent name", _read_name),
    ("fips", "DED08 FIPS code", _read_fips),
    ("is_employment_terminated", "DED09 employment termination indicator", _read_termination),
)
