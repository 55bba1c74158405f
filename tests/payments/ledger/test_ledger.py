"""Postings: immutable, balanced in each book on each day, each saying what its place asks for."""

from datetime import date

import attrs
import pytest

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.ledger.ledger import Book, HoldReason, Movement, Place, Posting, balances, post

JANUARY_7 = date(2026, 1, 7)
CASE = CaseNumber("0004567890")
RECEIPT = {"receipt_id": "R1"}
DEBT = {"obligation_id": "0004567890/1", "month": Month(2026, 1)}
PAYEE = {"payee_id": "person-cp"}
REASON = {"hold_reason": HoldReason.CASE_UNKNOWN}
# What each place asks for: from whom the money came, for which debt, to whom, why it waits
ASKED_FOR = {
    Place.COLLECTED: [RECEIPT],
    Place.UNDISTRIBUTED: [RECEIPT],
    Place.HELD: [RECEIPT | REASON],
    Place.PAYABLE: [RECEIPT | PAYEE],
    Place.CHARGED: [DEBT],
    Place.OWED: [DEBT, RECEIPT | DEBT],
    Place.SATISFIED: [RECEIPT | DEBT, RECEIPT],
    Place.PREPAID: [RECEIPT | DEBT, RECEIPT],
}


@pytest.fixture
def entry(at):
    def made(*movements, day=JANUARY_7):
        return post("E1", movements, effective_date=day, recorded_at=at, case_number=CASE)

    return made


def moved(place, amount, **when):
    return Movement(place, Money(amount), **ASKED_FOR[place][0], **when)


def test_an_entry_that_balances_is_posted_line_by_line(entry):
    postings = entry(moved(Place.COLLECTED, "-5.00"), moved(Place.HELD, "5.00"))
    assert [(each.line, each.place, str(each.amount)) for each in postings] == [
        (1, Place.COLLECTED, "-5.00"),
        (2, Place.HELD, "5.00"),
    ]
    assert {each.place.book for each in postings} == {Book.MONEY}


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


def test_places_never_posted_to_are_empty():
    assert balances(()) == dict.fromkeys(Place, Money.ZERO)


def test_a_posting_cannot_be_changed(entry):
    (posting, _) = entry(moved(Place.COLLECTED, "-5.00"), moved(Place.HELD, "5.00"))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        posting.amount = Money("6.00")


# --- what can't be built -------------------------------------------------------------------------------


@pytest.fixture
def build(at):
    """A movement and a posting of the same."""

    def built(place, amount="5.00", **about):
        stream = about.pop("stream", str(CASE))
        Posting("E1", about.pop("line", 1), place, Money(amount), JANUARY_7, at, stream, **about)
        return Movement(place, Money(amount), **about)

    return built


def subsets():
    """Every way to name some of receipt, obligation, month, payee and reason: 2 to the 5 of them."""
    fields = list({**RECEIPT, **DEBT, **PAYEE, **REASON}.items())
    for mask in range(2 ** len(fields)):
        yield dict(each for place, each in enumerate(fields) if mask >> place & 1)


@pytest.mark.parametrize("place", Place)
def test_a_line_names_what_its_place_asks_for_and_nothing_else(build, place):
    for about in subsets():
        if about in ASKED_FOR[place]:
            assert build(place, **about).place is place
        else:
            with pytest.raises(InvariantError, match="names what its place asks for"):
                build(place, **about)


def test_a_line_moves_more_than_nothing(at):
    with pytest.raises(InvariantError, match="moves more than nothing"):
        Movement(Place.COLLECTED, Money.ZERO, **RECEIPT)
    with pytest.raises(InvariantError, match="moves more than nothing"):
        Posting("E1", 1, Place.COLLECTED, Money.ZERO, JANUARY_7, at, str(CASE), **RECEIPT)


def test_lines_are_numbered_from_one(build):
    with pytest.raises(InvariantError, match="numbered from 1"):
        build(Place.COLLECTED, line=0, **RECEIPT)


@pytest.mark.parametrize("place", [place for place in Place if "receipt_id" in ASKED_FOR[place][0]])
def test_only_money_whose_case_is_not_known_yet_stands_in_a_stream_of_its_receipt(build, place):
    about = ASKED_FOR[place][0]
    if place in (Place.COLLECTED, Place.HELD):
        build(place, stream=about["receipt_id"], **about)
    else:
        with pytest.raises(InvariantError, match="of a case in this place"):
            build(place, stream=about["receipt_id"], **about)


def test_a_posting_stands_in_some_stream(build):
    with pytest.raises(InvariantError, match="stands in a stream"):
        build(Place.COLLECTED, stream="", **RECEIPT)


def test_a_posting_tells_its_case_by_its_stream(at):
    def posted(case):
        out = moved(Place.COLLECTED, "-5.00")
        return post(
            "E1", (out, moved(Place.HELD, "5.00")), effective_date=JANUARY_7, recorded_at=at, case_number=case
        )

    assert {(each.stream, each.case_number) for each in posted(CASE)} == {(str(CASE), CASE)}
    receipt = RECEIPT["receipt_id"]
    assert {(each.stream, each.case_number) for each in posted(None)} == {(receipt, None)}
