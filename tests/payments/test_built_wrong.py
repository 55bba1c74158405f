"""Records of money that can't be: each is good until one thing about it is changed."""

from datetime import UTC, date, datetime

import attrs
import pytest

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.collection.remark import Remark, RemarkKind
from dcss_core.payments.collection.remittance_file import FileStatus, RemittanceFile
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.policy import Bucket, Payee
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.case_account import Debt, HeldSum
from dcss_core.payments.ledger.ledger import HoldReason

CASE, CENT, MONTH = CaseNumber("0004567890"), Money("0.01"), Month(2026, 1)
DAY, BEFORE, AFTER = date(2026, 1, 7), date(2026, 1, 6), date(2026, 1, 8)
AT = datetime(2026, 1, 7, 15, tzinfo=UTC)

DISTRIBUTED = Receipt(
    receipt_id="R1",
    likeness="L1",
    file_id="f1",
    trace_number="121042880000001",
    remitter="PEACH TREE PAY",
    amount=CENT,
    case_as_sent=str(CASE),
    pay_date=None,
    received_on=DAY,
    collected_on=BEFORE,
    recorded_at=AT,
    status=ReceiptStatus.DISTRIBUTED,
    case_number=CASE,
    send_by=DAY,
)
HELD = attrs.evolve(
    DISTRIBUTED,
    status=ReceiptStatus.HELD,
    hold_reason=HoldReason.CASE_UNKNOWN,
    case_number=None,
    send_by=None,
    collected_on=DAY,
)
FILE = RemittanceFile(
    file_id="f1",
    received_at=AT,
    received_on=DAY,
    remitter="PEACH TREE PAY",
    size=940,
    entries=2,
    total=Money("0.03"),
    status=FileStatus.RECEIVING,
)
RECEIVED = attrs.evolve(
    FILE,
    status=FileStatus.RECEIVED,
    done=2,
    receipts=2,
    received=Money("0.03"),
    held=CENT,
)
LINE = DistributionLine(
    receipt_id="R1",
    line=1,
    case_number=CASE,
    on=DAY,
    bucket=Bucket.CURRENT_SUPPORT,
    payee=Payee.FAMILY,
    payee_id="person-cp",
    obligation_id=f"{CASE}/1",
    month=MONTH,
    amount=CENT,
    from_held=False,
    rule="distribution.never_assistance_order",
    rules_version="US@1",
    citation="42 USC 657(a)(4)",
    inputs=(Input(InputName.LEFT_TO_DISTRIBUTE, CENT),),
    not_taken=(NotTaken(Alternative.ARREARS_FIRST),),
)
TO_COME = attrs.evolve(LINE, bucket=Bucket.FUTURE_SUPPORT, payee_id=None, obligation_id=None, month=None)
SILENT = Remark(RemarkKind.OWN_LOCATOR_NOT_KNOWN, rule="agency.state_fips", on=DAY)
ELSEWHERE = Remark(
    RemarkKind.ADDRESSED_ELSEWHERE, locator=LocatorCode("2000000"), entries=1, own_locator="1300000"
)


def changed(record, changes):
    return pytest.param(record, changes, id=f"{type(record).__name__} {', '.join(changes)}")


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        changed(DISTRIBUTED, {"amount": Money.ZERO}),
        changed(DISTRIBUTED, {"amount": -CENT}),
        changed(DISTRIBUTED, {"hold_reason": HoldReason.CASE_UNKNOWN}),
        changed(DISTRIBUTED, {"case_number": None}),
        changed(DISTRIBUTED, {"collected_on": AFTER}),
        changed(DISTRIBUTED, {"send_by": BEFORE}),
        changed(DISTRIBUTED, {"status": ReceiptStatus.HELD}),
        changed(HELD, {"status": ReceiptStatus.DISTRIBUTED}),
        changed(HELD, {"hold_reason": None}),
        changed(HELD, {"hold_reason": HoldReason.FUTURE_SUPPORT}),
        changed(HELD, {"case_number": CASE}),
        changed(HELD, {"collected_on": BEFORE}),
        changed(HELD, {"send_by": AFTER}),
        changed(FILE, {"total": -CENT}),
        changed(FILE, {"entries": -1, "total": Money.ZERO}),
        changed(FILE, {"entries": 0}),
        changed(FILE, {"size": 0}),
        changed(FILE, {"done": -1}),
        changed(FILE, {"done": 3}),
        changed(FILE, {"status": FileStatus.RECEIVED}),
        changed(RECEIVED, {"receipts": 3}),
        changed(RECEIVED, {"employment_ends": -1}),
        changed(RECEIVED, {"seen_before": 3}),
        changed(RECEIVED, {"held": Money("0.04")}),
        changed(RECEIVED, {"held": -CENT}),
        changed(RECEIVED, {"received": Money("0.04")}),
        changed(RECEIVED, {"received": CENT}),
        changed(LINE, {"amount": Money.ZERO}),
        changed(LINE, {"line": 0}),
        changed(LINE, {"month": None}),
        changed(LINE, {"obligation_id": None}),
        changed(LINE, {"month": None, "obligation_id": None}),
        changed(LINE, {"payee_id": None}),
        changed(LINE, {"on": date(2025, 12, 31)}),
        changed(LINE, {"inputs": ()}),
        changed(LINE, {"not_taken": ()}),
        changed(TO_COME, {"from_held": True}),
        changed(Debt("1", MONTH, CENT), {"owed": Money.ZERO}),
        changed(Debt("1", MONTH, CENT), {"owed": -CENT}),
        changed(HeldSum("R1", CENT, 2), {"amount": Money.ZERO}),
        changed(HeldSum("R1", CENT, 2), {"next_line": 0}),
        changed(Input(InputName.LEFT_OVER, CENT), {"month": MONTH}),
        changed(Input(InputName.LEFT_OVER, CENT), {"debts": 2}),
        changed(Input(InputName.OWED_FOR_MONTH, CENT, MONTH), {"month": None}),
        changed(Input(InputName.OWED_IN_ALL_THAT_SHARE, CENT, debts=2), {"debts": None}),
        changed(Input(InputName.OWED_IN_ALL_THAT_SHARE, CENT, debts=2), {"debts": 1}),
        changed(NotTaken(Alternative.ARREARS_FIRST), {"citation": "42 USC 657"}),
        changed(NotTaken(Alternative.SENT_AHEAD, "45 CFR 302.51(b)"), {"citation": None}),
        changed(SILENT, {"rule": None}),
        changed(SILENT, {"entries": 1}),
        changed(ELSEWHERE, {"locator": None}),
        changed(ELSEWHERE, {"on": DAY}),
    ],
)
def test_a_record_of_money_that_can_not_be_is_not_built(record, changes):
    with pytest.raises(InvariantError, match=f"no {type(record).__name__} is like this"):
        attrs.evolve(record, **changes)


@pytest.mark.parametrize(
    "changes", [{"amount": Money("-0.01")}, {"stated_amount": Money("-0.01")}, {"occurrence": 0}], ids=str
)
def test_an_entry_of_a_file_that_can_not_be_is_not_built(make_entry, changes):
    with pytest.raises(InvariantError, match="no RemittanceEntry"):
        attrs.evolve(make_entry("1.00"), **changes)


def test_an_entry_of_nothing_can_report_the_end_of_employment(make_entry):
    assert make_entry("0.00", employment_ended=True).amount == Money.ZERO


def test_an_empty_file_can_be_kept():
    empty = attrs.evolve(FILE, entries=0, total=Money.ZERO)
    assert attrs.evolve(empty, status=FileStatus.RECEIVED).done == 0


def test_of_a_file_whose_entries_came_before_less_is_received_than_was_sent():
    assert attrs.evolve(RECEIVED, seen_before=1, receipts=1, received=CENT).received < RECEIVED.total


def test_held_money_may_be_credit_the_family_has_had_the_money_of():
    assert attrs.evolve(LINE, from_held=True, payee_id=None).payee_id is None
