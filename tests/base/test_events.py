"""Event: what the audit log and the subscribers see of it."""

import json
from datetime import UTC, date, datetime
from enum import Enum, IntEnum, StrEnum

import attrs
import pytest

from dcss_core.base.dates import DateRange, Month
from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import InvariantError


class Channel(Enum):
    MAIL = "mail"


class Role(StrEnum):
    CP = "cp"


class Step(IntEnum):
    ONE = 1


@attrs.frozen
class ReceiptPosted(Event):
    kind = "receipt_posted"
    about = ("case", "case")
    case: CaseNumber | None
    amount: object


def details(value):
    return ReceiptPosted(CaseNumber("0012"), value).details()["amount"]


def test_an_event_names_its_subject_and_its_fields():
    event = ReceiptPosted(CaseNumber("0012"), Money("243.69"))
    assert event.subject == "case:0012"
    assert event.details() == {"case": "0012", "amount": "243.69"}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("ledger:7", "ledger:7"),
        (7, 7),
        (True, True),
        (None, None),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00+00:00"),
        (Month(2026, 1), "2026-01"),
        (Channel.MAIL, "mail"),
        (Role.CP, "cp"),
        (Step.ONE, "1"),
        ((Money("1.00"), (None, 2)), ["1.00", [None, 2]]),
        ((), []),
    ],
)
def test_each_kind_of_field_becomes_a_plain_value(value, plain):
    found = details(value)
    assert found == plain
    assert type(found) is type(plain)
    assert json.loads(json.dumps(found)) == plain


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        Secret("hunter2 hunter2"),
        Ssn.stored("900010001"),
        b"x",
        {"a": 1},
        [1],
        {1},
        DateRange(date(2026, 1, 1)),
        (1, 1.5),
        (Secret("hunter2 hunter2"),),
    ],
)
def test_anything_else_is_a_defect_of_the_library_and_is_not_shown(value):
    with pytest.raises(InvariantError, match=r"receipt_posted\.amount") as caught:
        details(value)
    assert "hunter2" not in str(caught.value)
    assert "900010001" not in str(caught.value)


def test_an_event_can_not_be_changed():
    event = ReceiptPosted(CaseNumber("0012"), 1)
    with pytest.raises(AttributeError):
        event.amount = 2


def test_an_event_about_nothing_known_says_so():
    assert ReceiptPosted(CaseNumber("0012"), 1).subject == "case:0012"
    assert ReceiptPosted(None, 1).subject == "case:unknown"
