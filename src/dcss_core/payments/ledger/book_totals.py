"""BookTotals: what all postings add up to, place by place, kept so that nobody has to add them up.

Decides which of a few records a transaction adds to. Invariants: what a transaction posts is added in that
transaction, to one record, chosen by what it posts, so that no record is changed by every writer; each
record's books sum to zero, as the postings in it do; all records together are the balances of every posting
there is.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

import attrs

from dcss_core.base.money import Money
from dcss_core.base.records.invariants import check_invariants
from dcss_core.payments.ledger.ledger import Book, Place, Posting, balances

SHARDS: Final = 256
"""So many records share the totals: of the pairs of two writers at once, one in 256 meets in the same one."""


@attrs.frozen
class BookTotals:
    """What a part of the postings adds up to; a field for each place, named as it is."""

    shard: int
    collected: Money = Money.ZERO
    undistributed: Money = Money.ZERO
    held: Money = Money.ZERO
    payable: Money = Money.ZERO
    charged: Money = Money.ZERO
    owed: Money = Money.ZERO
    satisfied: Money = Money.ZERO
    prepaid: Money = Money.ZERO

    def __attrs_post_init__(self) -> None:
        check_invariants(
            self,
            (0 <= self.shard < SHARDS, f"it is one of {SHARDS}"),
            (not any(self._sum_of(book) for book in Book), "each book sums to zero"),
        )

    def with_posted(self, postings: Iterable[Posting]) -> "BookTotals":
        """The totals after these postings."""
        moved = balances(postings)
        return BookTotals(self.shard, **{place.value: self.at(place) + moved[place] for place in Place})

    def at(self, place: Place) -> Money:
        """What stands in a place."""
        amount: Money = getattr(self, place.value)
        return amount

    def _sum_of(self, book: Book) -> Money:
        return Money.total(self.at(place) for place in Place if place.book is book)


def shard_of(postings: Iterable[Posting]) -> int:
    """The record that takes these postings: by the stream of the first, so the same one if tried anew."""
    first = next(iter(postings))
    return sha256(first.stream.encode()).digest()[0] % SHARDS


def balances_of(totals: Iterable[BookTotals]) -> Mapping[Place, Money]:
    """What is in each place of the books by all these records."""
    every = tuple(totals)
    return {place: Money.total(each.at(place) for each in every) for place in Place}
