"""The totals of the books: what postings add up to, kept in a few records."""

from datetime import date

import attrs
import pytest

from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.ledger.book_totals import SHARDS, BookTotals, balances_of, shard_of
from dcss_core.payments.ledger.ledger import HoldReason, Movement, Place, post


@pytest.fixture
def received(at):
    """The postings of money that came in for a case and is held for months to come."""

    def made(case, cents):
        amount = Money.from_cents(cents)
        movements = (
            Movement(Place.COLLECTED, -amount, receipt_id="R1"),
            Movement(Place.HELD, amount, receipt_id="R1", hold_reason=HoldReason.FUTURE_SUPPORT),
        )
        day = date(2026, 1, 7)
        return post("E1", movements, effective_date=day, recorded_at=at, case_number=CaseNumber(case))

    return made


def test_every_place_of_the_books_has_its_total():
    assert {field.name for field in attrs.fields(BookTotals)} == {"shard", *(place.value for place in Place)}


def test_what_is_posted_is_added_place_by_place(received):
    totals = BookTotals(3).with_posted(received("1", 500)).with_posted(received("2", 25))
    assert (str(totals.at(Place.COLLECTED)), str(totals.at(Place.HELD))) == ("-5.25", "5.25")
    assert totals.shard == 3


def test_the_balances_are_the_sum_of_all_totals(received):
    parts = [BookTotals(shard).with_posted(received(str(shard + 1), 100 + shard)) for shard in range(3)]
    balances = balances_of(parts)
    # 1.00 + 1.01 + 1.02
    assert balances == dict.fromkeys(Place, Money.ZERO) | {
        Place.COLLECTED: Money("-3.03"),
        Place.HELD: Money("3.03"),
    }


def test_where_nothing_was_posted_every_place_is_empty():
    assert balances_of(()) == dict.fromkeys(Place, Money.ZERO)


@pytest.mark.parametrize("place", Place)
def test_totals_whose_books_are_out_of_balance_can_not_be(place):
    with pytest.raises(InvariantError, match="each book sums to zero"):
        BookTotals(0, **{place.value: Money("0.01")})


@pytest.mark.parametrize("shard", [-1, SHARDS])
def test_there_are_no_more_records_than_share_the_totals(shard):
    with pytest.raises(InvariantError, match=f"one of {SHARDS}"):
        BookTotals(shard)


def test_many_cases_are_spread_over_all_records(received):
    """Else two writers would meet more often than they have to."""
    found = [shard_of(received(f"{number:010d}", 1)) for number in range(1, SHARDS * 40)]
    assert set(found) == set(range(SHARDS))
    assert max(found.count(shard) for shard in range(SHARDS)) < 2 * 40
