"""Reading a whole collection, page by page, in the order of its key."""

from collections.abc import Iterator

from dcss_core.ports.storage import Collection, Row, Transaction


def pages(transaction: Transaction, collection: Collection, at_once: int) -> Iterator[list[Row]]:
    """Every row of a collection, so many at once."""
    last: Row | None = None
    while page := transaction.find(collection, collection.key_fields, after=last, limit=at_once):
        yield page
        last = page[-1]
