"""What the log says about the rows it speaks of: a hash that any change of them breaks."""

import hashlib
from datetime import date

import attrs
import pytest

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.policy import Bucket, Payee
from dcss_core.payments.distribution.posted_hash import hash_of
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.ledger import Place, Posting

DAY, NEXT = date(2026, 1, 7), date(2026, 1, 8)


@pytest.fixture
def posting(at):
    return Posting("E1", 1, Place.COLLECTED, Money("-5.00"), DAY, at, "0004567890", receipt_id="R1")


@pytest.fixture
def line():
    return DistributionLine(
        receipt_id="R1",
        line=1,
        case_number=CaseNumber("0004567890"),
        on=DAY,
        bucket=Bucket.CURRENT_SUPPORT,
        payee=Payee.FAMILY,
        payee_id="p-1",
        obligation_id="o-1",
        month=Month(2026, 1),
        amount=Money("5.00"),
        from_held=False,
        rule="distribution.orders",
        rules_version="2026.1",
        citation="42 USC 657",
        inputs=(Input(InputName.LEFT_TO_DISTRIBUTE, Money("5.00")),),
        not_taken=(NotTaken(Alternative.ARREARS_FIRST),),
    )


def test_what_is_hashed_is_written_down_so_that_other_programs_can_check_it(posting, line):
    text = (
        '[["R1",500,null],[["E1",1,"collected",-500,"2026-01-07","2026-01-07T15:00:00+00:00","0004567890",'
        '"R1",null,null,null,null]],[["R1",1,"0004567890","2026-01-07","current_support","family","p-1","o-1",'
        '"2026-01",500,false,"distribution.orders","2026.1","42 USC 657",'
        '[["left_to_distribute",500,null,null]],[["arrears_first",null]]]]]'
    )
    expected = "1:" + hashlib.sha256(text.encode()).hexdigest()
    assert hash_of(["R1", 500, None], [posting], [line]) == expected


def test_a_posting_changed_in_any_field_has_another_hash(posting, at):
    others = {
        "place": Place.UNDISTRIBUTED,
        "amount": Money("-5.01"),
        "effective_date": NEXT,
        "recorded_at": at.replace(microsecond=1),
        "receipt_id": "R2",
    }
    in_place = ("obligation_id", "month", "payee_id", "hold_reason")  # what this place names none of
    whole = hash_of([], [posting])
    named = [field.name for field in attrs.fields(Posting) if field.name not in in_place]
    seen = {
        name: hash_of(
            [], [attrs.evolve(posting, **{name: others.get(name) or _other(getattr(posting, name))})]
        )
        for name in named
    }
    assert len({whole, *seen.values()}) == len(named) + 1
    owed = Posting(
        "E1",
        1,
        Place.OWED,
        Money("5.00"),
        DAY,
        at,
        "1",
        receipt_id="R1",
        obligation_id="o",
        month=Month(2026, 1),
    )
    owed_elsewhere = (attrs.evolve(owed, obligation_id="p"), attrs.evolve(owed, month=Month(2026, 2)))
    assert len({hash_of([], [each]) for each in (owed, *owed_elsewhere)}) == 3


def _other(value):
    return value + ("x" if isinstance(value, str) else 1)


@pytest.mark.parametrize(
    "change",
    [
        {"on": NEXT},
        {"amount": Money("5.01")},
        {"month": Month(2025, 12)},
        {"payee_id": "p-2"},
        {"from_held": True},
        {"citation": "another"},
        {"rules_version": "2026.2"},
        {"inputs": (Input(InputName.LEFT_TO_DISTRIBUTE, Money("5.01")),)},
        {"not_taken": (NotTaken(Alternative.KEPT_THOUGH_DUE),)},
    ],
)
def test_a_line_changed_in_any_figure_has_another_hash(line, change):
    assert hash_of([], [], [attrs.evolve(line, **change)]) != hash_of([], [], [line])


def test_the_order_in_which_rows_are_read_makes_no_difference(posting, line):
    second, other = attrs.evolve(posting, line=2), attrs.evolve(line, line=2)
    assert hash_of([], [posting, second], [line, other]) == hash_of([], [second, posting], [other, line])


def test_a_row_more_or_less_has_another_hash(posting, line):
    whole = hash_of([], [posting], [line])
    assert (
        len({whole, hash_of([], [], [line]), hash_of([], [posting]), hash_of([], [posting, posting], [line])})
        == 4
    )
