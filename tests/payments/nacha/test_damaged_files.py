"""A corpus of damaged files: each with every fault that its refusal lists, word for word.

The files are the samples with something changed; records and positions are counted from 1.
"""

from collections.abc import Callable

import pytest

from dcss_core.errors import RemittanceRefusedError
from dcss_core.payments.nacha import read_file

EMPLOYER, FAMILY = "ccdplus-ded-employer-to-sdu", "ppd-sdu-to-family-with-prenote"
RETURNS, CHANGE = "returns-mixed-class", "notification-of-change"
MIXED, CTX = "mixed-tax-and-debit-trimmed", "ctx-one-deposit-for-two-cases"
Damage = Callable[[list[str]], None]


def put(record: int, position: int, text: str) -> Damage:
    def damage(lines: list[str]) -> None:
        line = lines[record - 1].ljust(94)
        lines[record - 1] = line[: position - 1] + text + line[position - 1 + len(text) :]

    return damage


def drop(*records: int) -> Damage:
    def damage(lines: list[str]) -> None:
        for record in sorted(records, reverse=True):
            del lines[record - 1]

    return damage


def insert(before: int, line: str) -> Damage:
    return lambda lines: lines.insert(before - 1, line)


def both(*damages: Damage) -> Damage:
    def damage(lines: list[str]) -> None:
        for one in damages:
            one(lines)

    return damage


CORPUS: dict[str, tuple[str, Damage, list[str]]] = {
    # --- outward form
    "a record too long": (
        EMPLOYER,
        lambda lines: lines.__setitem__(2, lines[2] + "X"),
        ["record 3: found 95 characters, expected 94"],
    ),
    "an empty line within": (
        EMPLOYER,
        insert(5, ""),
        [
            "record 5, position 1, record type: found nothing, "
            "expected an entry (6), addenda (7) or the batch control (8)"
        ],
    ),
    "an entry cut short": (
        FAMILY,
        lambda lines: lines.__setitem__(3, lines[3][:84]),
        [
            "record 4 (entry detail), positions 80-94, trace number: "
            "found characters shaped '99999          ', "
            "expected 15 digits"
        ],
    ),
    "too few filler records": (FAMILY, drop(10), ["file: found 2 filler records, expected 3 or none"]),
    "a damaged filler record": (
        FAMILY,
        put(9, 40, "8"),
        [
            "record 9, position 1, record type: found '9', "
            "expected only filler records of 94 nines after the end of the batches"
        ],
    ),
    "one line end of the other kind": (
        EMPLOYER,
        lambda lines: lines.__setitem__(3, lines[3] + "\r"),
        ["record 4, line end: found CRLF, expected LF as after record 1"],
    ),
    # --- order
    "a damaged record type": (
        EMPLOYER,
        put(5, 1, "x"),
        [
            "record 5, position 1, record type: found 'x', "
            "expected an entry (6), addenda (7) or the batch control (8)"
        ],
    ),
    "no file header": (
        EMPLOYER,
        put(1, 1, "7"),
        ["record 1, position 1, record type: found '7', expected a file header (1)"],
    ),
    "a second file header": (
        FAMILY,
        insert(3, "1" + " " * 93),
        [
            "record 3, position 1, record type: found '1', "
            "expected an entry (6), addenda (7) or the batch control (8)"
        ],
    ),
    "a missing batch header": (
        FAMILY,
        drop(2),
        ["record 2, position 1, record type: found '6', expected a batch header (5)"],
    ),
    "a missing batch control": (
        FAMILY,
        drop(6),
        [
            "record 6, position 1, record type: found '9', "
            "expected a batch control (8) before the file control"
        ],
    ),
    "the next batch begins too early": (
        RETURNS,
        drop(5),
        ["record 5, position 1, record type: found '5', expected a batch control (8) before the next batch"],
    ),
    "a missing file control": (
        FAMILY,
        drop(7),
        ["file: found the end of the file, expected a file control (9)"],
    ),
    "cut off within a batch": (
        FAMILY,
        drop(6, 7),
        [
            "file: found the end of the file, expected a batch control (8)",
            "file: found the end of the file, expected a file control (9)",
        ],
    ),
    "a batch without entries": (
        FAMILY,
        drop(3, 4, 5),
        [
            "record 3, position 1, record type: found '8', "
            "expected at least one entry (6) before the batch control"
        ],
    ),
    "no batch at all": (
        FAMILY,
        drop(2, 3, 4, 5, 6),
        ["file: found no batch, expected at least one batch (5, 6, 8)"],
    ),
    "addenda before any entry": (
        EMPLOYER,
        drop(3),
        ["record 3, position 1, record type: found '7', expected an entry (6) before its addenda"],
    ),
    # --- fields
    "another priority": (
        EMPLOYER,
        put(1, 2, "02"),
        ["record 1 (file header), positions 2-3, priority code: found '02', expected '01'"],
    ),
    "another record size, blocking factor and format": (
        EMPLOYER,
        put(1, 35, "095112"),
        [
            "record 1 (file header), positions 35-37, record size: found '095', expected '094'",
            "record 1 (file header), positions 38-39, blocking factor: found '11', expected '10'",
            "record 1 (file header), position 40, format code: found '2', expected '1'",
        ],
    ),
    "a destination that is no bank": (
        EMPLOYER,
        put(1, 13, "5"),
        [
            "record 1 (file header), positions 4-13, immediate destination: found check digit 5, "
            "expected check digit 4 for these eight digits"
        ],
    ),
    "a day and a time that do not exist": (
        EMPLOYER,
        put(1, 24, "2602302400"),
        [
            "record 1 (file header), positions 24-29, creation date: found characters shaped '999999', "
            "expected a day of the calendar as YYMMDD",
            "record 1 (file header), positions 30-33, creation time: found characters shaped '9999', "
            "expected a time as HHMM or blanks",
        ],
    ),
    "a file id modifier in small letters": (
        EMPLOYER,
        put(1, 34, "a"),
        [
            "record 1 (file header), position 34, file id modifier: found 'a', "
            "expected a capital letter or a digit"
        ],
    ),
    "dates shifted by two positions": (
        MIXED,
        put(2, 64, "  26030316  "),
        [
            "record 2 (batch header), positions 70-75, effective entry date: "
            "found characters shaped '9999  ', "
            "expected a day of the calendar as YYMMDD or blanks"
        ],
    ),
    "an unknown service class": (
        FAMILY,
        put(2, 2, "299"),
        ["record 2 (batch header), positions 2-4, service class: found '299', expected one of 200, 220, 225"],
    ),
    "an unknown entry class": (
        FAMILY,
        put(2, 51, "PPX"),
        [
            "record 2 (batch header), positions 51-53, standard entry class: found 'PPX', "
            "expected one of CCD, COR, CTX, PPD, TEL, WEB; IAT, ADV and the other classes are not supported"
        ],
    ),
    "an international batch, whose entries are not judged": (
        FAMILY,
        both(put(2, 51, "IAT"), put(3, 4, "?????")),
        [
            "record 2 (batch header), positions 51-53, standard entry class: found 'IAT', "
            "expected one of CCD, COR, CTX, PPD, TEL, WEB; IAT, ADV and the other classes are not supported"
        ],
    ),
    "an accounting file, whose controls are not judged": (
        FAMILY,
        both(put(2, 2, "280"), put(2, 51, "ADV"), put(7, 32, "?????")),
        [
            "record 2 (batch header), positions 51-53, standard entry class: found 'ADV', "
            "expected one of CCD, COR, CTX, PPD, TEL, WEB; IAT, ADV and the other classes are not supported"
        ],
    ),
    "nobody's batch": (
        FAMILY,
        both(put(2, 5, " " * 16), put(2, 54, " " * 10), put(2, 76, "367"), put(2, 79, "7")),
        [
            "record 2 (batch header), positions 5-20, company name: found blanks, expected some text",
            "record 2 (batch header), positions 54-63, company entry description: found blanks, "
            "expected some text",
            "record 2 (batch header), positions 76-78, settlement day: found '367', "
            "expected 3 digits up to 366 or blanks",
            "record 2 (batch header), position 79, originator status: found '7', "
            "expected 1 (a bank) or 2 (a government)",
        ],
    ),
    "an unknown transaction code": (
        FAMILY,
        put(3, 2, "20"),
        [
            "record 3 (entry detail), positions 2-3, transaction code: found '20', "
            "expected a transaction code from 21 to 56"
        ],
    ),
    "a bank number with a wrong check digit": (
        FAMILY,
        put(3, 12, "3"),
        [
            "record 3 (entry detail), positions 4-12, receiving bank: found check digit 3, "
            "expected check digit 2 for these eight digits"
        ],
    ),
    "letters in an amount hide no other fault": (
        FAMILY,
        both(put(3, 36, "O3G9"), put(7, 2, "000002")),
        [
            "record 3 (entry detail), positions 30-39, amount: found characters shaped '999999A9A9', "
            "expected 10 digits, the amount in cents",
            "record 7 (file control), positions 2-7, batch count: found 2, expected 1, the number of batches",
        ],
    ),
    "a letter that is not ASCII": (
        FAMILY,
        put(5, 57, "É"),
        [
            "record 5 (entry detail), positions 55-76, receiver name: "
            "found character 0xC9 as number 3 of the field, expected printable ASCII characters only"
        ],
    ),
    "a tab": (
        EMPLOYER,
        put(2, 44, "\t"),
        [
            "record 2 (batch header), positions 41-50, company identification: "
            "found character 0x09 as number 4 of the field, expected printable ASCII characters only"
        ],
    ),
    "text in reserved positions": (
        FAMILY,
        put(7, 60, "X"),
        [
            "record 7 (file control), positions 56-94, reserved: "
            f"found characters shaped '    A{' ' * 34}', expected blanks"
        ],
    ),
    "a minute that does not exist": (
        EMPLOYER,
        put(1, 30, "2360"),
        [
            "record 1 (file header), positions 30-33, creation time: found characters shaped '9999', "
            "expected a time as HHMM or blanks"
        ],
    ),
    "a damaged header is not quoted by its control": (
        FAMILY,
        both(put(2, 5, "\t"), put(2, 80, "23138011")),
        [
            "record 2 (batch header), positions 5-20, company name: "
            "found character 0x09 as number 1 of the field, expected printable ASCII characters only",
            "record 6 (batch control), positions 80-87, originating bank: found 23138010, "
            "expected another, as in the batch header",
        ],
    ),
    # --- entries and addenda
    "addenda in TEL": (
        EMPLOYER,
        put(2, 51, "TEL"),
        [
            f"record {record} (entry detail): found 1 addenda, expected at most 0 in TEL"
            for record in (3, 5, 7, 9)
        ],
    ),
    "a prenote with money": (
        FAMILY,
        both(put(5, 39, "1"), put(6, 43, "70"), put(7, 54, "70")),
        [
            "record 5 (entry detail), positions 30-39, amount: found 0.01, "
            "expected 0.00, since 23 is a prenote",
        ],
    ),
    "a debit among credits": (
        FAMILY,
        both(put(3, 2, "27"), put(6, 21, "000000024369000000015000"), put(7, 32, "000000024369000000015000")),
        [
            "record 3 (entry detail), positions 2-3, transaction code: found the debit 27, "
            "expected none in a batch of class 220"
        ],
    ),
    "an indicator that announces addenda which do not follow": (
        FAMILY,
        put(4, 79, "1"),
        [
            "record 4 (entry detail), position 79, addenda indicator: found 1, "
            "expected 0, since 0 addenda follow"
        ],
    ),
    "an indicator that denies addenda": (
        EMPLOYER,
        put(3, 79, "0"),
        [
            "record 3 (entry detail), position 79, addenda indicator: found 0, "
            "expected 1, since 1 addenda follow"
        ],
    ),
    "addenda that name another entry": (
        EMPLOYER,
        put(4, 84, "00020000009"),
        [
            "record 4 (addenda), positions 84-87, addenda sequence number: found 2, "
            "expected 1, its place among the addenda of the entry",
            "record 4 (addenda), positions 88-94, entry detail sequence number: found 9, "
            "expected 1, the end of the entry's trace number",
        ],
    ),
    "addenda of unknown type": (
        EMPLOYER,
        put(4, 2, "02"),
        ["record 4 (addenda), positions 2-3, addenda type: found '02', expected one of 05, 98, 99"],
    ),
    "two addenda in CCD": (
        EMPLOYER,
        both(
            insert(5, f"705{'FREE TEXT':<80}00020000001"),
            put(12, 5, "000009"),
            put(13, 14, "00000009"),
            drop(21),
        ),
        ["record 3 (entry detail): found 2 addenda, expected at most 1 in CCD"],
    ),
    "a payment with return addenda": (
        RETURNS,
        put(3, 2, "27"),
        [
            "record 3 (entry detail): found 1 addenda (return addenda), "
            "expected addenda of type 05 only, since 27 is a payment"
        ],
    ),
    "a return without a reason": (
        RETURNS,
        both(drop(4), put(3, 79, "0"), put(4, 5, "000001"), put(9, 14, "00000003")),
        [
            "record 3 (entry detail): found no addenda, "
            "expected one return addenda, since 26 is a return or notification of change"
        ],
    ),
    "return addenda damaged all over": (
        RETURNS,
        both(
            put(4, 4, "X01"),
            put(4, 7, "2313801000000A1"),
            put(4, 22, "260231"),
            put(4, 80, "121042880000078"),
        ),
        [
            "record 4 (return addenda), positions 4-6, reason code: found 'X01', expected R and two digits",
            "record 4 (return addenda), positions 7-21, original trace number: "
            "found characters shaped '9999999999999A9', expected 15 digits",
            "record 4 (return addenda), positions 22-27, date of death: found characters shaped '999999', "
            "expected a day of the calendar as YYMMDD or blanks",
            "record 4 (return addenda), positions 80-94, trace number: "
            "found characters shaped '999999999999999', "
            "expected 121042880000077, the entry's trace number",
        ],
    ),
    "a notification of change that is a payment": (
        CHANGE,
        put(3, 2, "22"),
        [
            "record 3 (entry detail), positions 2-3, transaction code: found '22', "
            "expected a code of a notification of change, as 21 or 26"
        ],
    ),
    "a return in a batch of changes": (
        CHANGE,
        put(2, 51, "PPD"),
        [
            "record 3 (entry detail): found 1 addenda (notification of change addenda), "
            "expected one return addenda, since 21 is a return or notification of change"
        ],
    ),
    "trace numbers that do not ascend": (
        FAMILY,
        put(4, 80, "231380100000001"),
        [
            "record 4 (entry detail), positions 80-94, trace number: "
            "found one not above that of the entry before, expected ascending numbers in a batch"
        ],
    ),
    "a number of addenda that is wrong in CTX": (
        CTX,
        put(3, 55, "0004"),
        [
            "record 3 (entry detail), positions 55-58, number of addenda: found 4, "
            "expected 5, the number of addenda that follow"
        ],
    ),
    # --- the DED segment
    "a DED segment with four faults": (
        EMPLOYER,
        put(4, 4, f"{'DED*XX*0004567890*260230*243.69*98765432*N' + chr(92):<80}"),
        [
            "record 4 (addenda), DED01 application identifier: found 'XX', "
            "expected one of CS, II, IT, IO, RI, RT, RO",
            "record 4 (addenda), DED03 pay date: found characters shaped '999999', "
            "expected a day of the calendar as YYMMDD, or YYYYMMDD in CTX",
            "record 4 (addenda), DED04 payment amount: found characters shaped '999.99', "
            "expected 1 to 10 digits, the amount in cents",
            "record 4 (addenda), DED05 noncustodial parent SSN: found characters shaped '99999999', "
            "expected nine digits, without hyphens",
        ],
    ),
    "a DED segment that is not closed": (
        EMPLOYER,
        put(8, 45, " "),
        [r"record 8 (addenda), DED segment: found no terminator, expected \ after the last element"],
    ),
    "a wrapped DED segment is named by the addenda it begins in": (
        CTX,
        put(7, 9, "13X0000"),
        [
            "record 6 (addenda), DED08 FIPS code: found characters shaped '99A9999', "
            "expected a federal locator code of 5 or 7 characters, as 13000 or 1300000"
        ],
    ),
    # --- controls
    "a batch control that repeats nothing": (
        FAMILY,
        put(6, 2, "200"),
        [
            "record 6 (batch control), positions 2-4, service class: found 200, "
            "expected 220, as in the batch header"
        ],
    ),
    "a batch control of another batch": (
        FAMILY,
        both(put(6, 45, "9000000002"), put(6, 80, "121042880000002")),
        [
            "record 6 (batch control), positions 80-87, originating bank: found 12104288, "
            "expected 23138010, as in the batch header",
            "record 6 (batch control), positions 88-94, batch number: found 2, "
            "expected 1, as in the batch header",
            "record 6 (batch control), positions 45-54, company identification: "
            "found another company, expected the one of the batch header",
        ],
    ),
    # 12104288 x 3 = 36312864; 243.69 + 150.00 = 393.69
    "a batch control with every sum wrong": (
        FAMILY,
        put(6, 5, "0000040036312865000000000001000000039368"),
        [
            "record 6 (batch control), positions 5-10, entry addenda count: found 4, "
            "expected 3, the records 6 and 7 of the batch",
            "record 6 (batch control), positions 11-20, entry hash: found 36312865, "
            "expected 36312864, the hash over the batch",
            "record 6 (batch control), positions 21-32, total debit: found 0.01, "
            "expected 0.00, the debits of the batch",
            "record 6 (batch control), positions 33-44, total credit: found 393.68, "
            "expected 393.69, the credits of the batch",
        ],
    ),
    "a file control with every sum wrong": (
        FAMILY,
        put(7, 2, "000002000002000000040036312865000000000001000000039368"),
        [
            "record 7 (file control), positions 2-7, batch count: found 2, expected 1, the number of batches",
            "record 7 (file control), positions 8-13, block count: found 2, "
            "expected 1, the blocks that 7 records fill",
            "record 7 (file control), positions 14-21, entry addenda count: found 4, "
            "expected 3, the records 6 and 7 of the file",
            "record 7 (file control), positions 22-31, entry hash: found 36312865, "
            "expected 36312864, the hash over the file",
            "record 7 (file control), positions 32-43, total debit: found 0.01, "
            "expected 0.00, the debits of the file",
            "record 7 (file control), positions 44-55, total credit: found 393.68, "
            "expected 393.69, the credits of the file",
        ],
    ),
    "an amount changed on the way": (
        FAMILY,
        put(3, 39, "8"),
        [
            "record 6 (batch control), positions 33-44, total credit: found 393.69, "
            "expected 393.68, the credits of the batch",
            "record 7 (file control), positions 44-55, total credit: found 393.69, "
            "expected 393.68, the credits of the file",
        ],
    ),
    "a sum over a damaged entry is not told": (
        FAMILY,
        both(put(3, 13, "É"), put(3, 39, "8"), put(6, 11, "0036312865")),
        [
            "record 3 (entry detail), positions 13-29, account number: "
            "found character 0xC9 as number 1 of the field, expected printable ASCII characters only",
            "record 6 (batch control), positions 11-20, entry hash: found 36312865, "
            "expected another, the hash over the batch",
            "record 6 (batch control), positions 33-44, total credit: found 393.69, "
            "expected another, the credits of the batch",
            "record 7 (file control), positions 44-55, total credit: found 393.69, "
            "expected another, the credits of the file",
        ],
    ),
    "an entry lost on the way": (
        FAMILY,
        drop(4),
        [
            "record 5 (batch control), positions 5-10, entry addenda count: found 3, "
            "expected 2, the records 6 and 7 of the batch",
            "record 5 (batch control), positions 11-20, entry hash: found 36312864, "
            "expected 24208576, the hash over the batch",
            "record 5 (batch control), positions 33-44, total credit: found 393.69, "
            "expected 243.69, the credits of the batch",
            "record 6 (file control), positions 14-21, entry addenda count: found 3, "
            "expected 2, the records 6 and 7 of the file",
            "record 6 (file control), positions 22-31, entry hash: found 36312864, "
            "expected 24208576, the hash over the file",
            "record 6 (file control), positions 44-55, total credit: found 393.69, "
            "expected 243.69, the credits of the file",
            "file: found 3 filler records, expected 4 or none",
        ],
    ),
    "faults all over are told at once, in the order of the records": (
        EMPLOYER,
        both(
            put(11, 2, "299"),
            put(3, 2, "99"),
            put(6, 4, f"{'DED*CS*1*260105*X*900010001*N' + chr(92):<80}"),
            put(1, 24, "261301"),
        ),
        [
            "record 1 (file header), positions 24-29, creation date: found characters shaped '999999', "
            "expected a day of the calendar as YYMMDD",
            "record 3 (entry detail), positions 2-3, transaction code: found '99', "
            "expected a transaction code from 21 to 56",
            "record 6 (addenda), DED04 payment amount: found 'X', "
            "expected 1 to 10 digits, the amount in cents",
            "record 11 (batch control), positions 2-4, service class: found '299', "
            "expected one of 200, 220, 225",
        ],
    ),
}


def faults_of(content: bytes) -> list[str]:
    with pytest.raises(RemittanceRefusedError) as refused:
        read_file(content)
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize("name", CORPUS)
def test_a_damaged_file_is_refused_with_every_fault(sample, name):
    base, damage, expected = CORPUS[name]
    lines = sample(base).decode("ascii").split("\n")
    damage(lines)
    assert faults_of("\n".join(lines).encode("latin-1")) == expected
