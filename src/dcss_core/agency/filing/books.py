"""The books: postings and lines are appended to their streams, and counted in the totals of the books.

Decides how what a verb posts is saved. Invariants: nothing is posted without being counted, in the same
transaction; the streams of a case and of a receipt whose case is not known never meet.
"""

from collections.abc import Sequence

from dcss_core.agency.filing.payments import BOOK_TOTALS, POSTINGS
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.payments.ledger.book_totals import BookTotals, shard_of
from dcss_core.payments.ledger.ledger import Posting


def post_to_books(work: UnitOfWork, postings: Sequence[Posting], *, opens: bool = False) -> None:
    """Append postings, in order; `opens` says that they are the first of their case."""
    if not postings:
        return
    of_cases = [posting for posting in postings if not posting.is_of_no_case]
    work.append(POSTINGS, of_cases, begins=opens)
    # A receipt without a case is posted there once, so that its stream is always new.
    work.append(POSTINGS, [posting for posting in postings if posting.is_of_no_case], begins=True)
    shard = shard_of(postings)
    kept = work.get(BOOK_TOTALS, shard)
    before = BookTotals(shard) if kept is None else kept.record
    work.put(BOOK_TOTALS, kept, before.with_posted(postings))
