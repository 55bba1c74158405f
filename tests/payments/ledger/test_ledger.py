"""Postings: immutable, balanced in each book on each day."""

from datetime import date

import attrs
import pytest

from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.ledger.ledger import Book, HoldReason, Movement, Place, balances, post

JANUARY_7 = date(2026, 1, 7)


@pytest.fixture
def entry(at):
    def made(*movements, day=JANUARY_7):
        return post("E1", movements, effective_date=day, recorded_at=at, case_number=None)

    return made


def moved(place, amount, **about):
    return Movement(place, Money(amount), **about)


def test_an_entry_that_balances_is_posted_line_by_line(entry):
    postings = entry(moved(Place.COLLECTED, "-5.00"), moved(Place.HELD, "5.00"))
    assert [(each.line, each.book, each.place, str(each.amount)) for each in postings] == [
        (1, Book.MONEY, Place.COLLECTED, "-5.00"),
        (2, Book.MONEY, Place.HELD, "5.00"),
    ]


def test_a_cent_that_comes_from_nowhere_is_refused(entry):
    with pytest.raises(InvariantError, match=r"money book is out of balance by 0\.01"):
        entry(moved(Place.COLLECTED, "-5.00"), moved(Place.HELD, "5.01"))


def test_each_book_balances_for_itself(entry):
    with pytest.raises(InvariantError, match="debt book"):
        entry(moved(Place.OWED, "-5.00"), moved(Place.PAYABLE, "5.00"), moved(Place.COLLECTED, "-5.00"))


def test_a_book_balances_on_each_day(entry):
    """Else, on some day in between, a cent would be in two places or in none."""
    with pytest.raises(InvariantError, match="out of balance"):
        entry(moved(Place.COLLECTED, "-5.00"), moved(Place.HELD, "5.00", on=date(2026, 1, 8)))


def test_nothing_is_posted_for_no_money(entry):
    assert entry(moved(Place.COLLECTED, "0.00"), moved(Place.HELD, "0.00")) == ()


def test_places_never_posted_to_are_empty():
    assert balances(()) == dict.fromkeys(Place, Money.ZERO)


def test_a_posting_cannot_be_changed(entry):
    (posting, _) = entry(moved(Place.COLLECTED, "-5.00"), moved(Place.HELD, "5.00"))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        posting.amount = Money("6.00")


@pytest.mark.parametrize("reason", HoldReason)
def test_every_reason_to_hold_money_is_a_sentence(reason):
    assert reason.sentence.endswith(".")
