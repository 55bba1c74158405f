"""RetentionReport: what one run of the retention job deleted."""

from collections.abc import Mapping

import attrs


@attrs.frozen
class RetentionReport:
    """How many records of each collection were deleted; `is_complete` when nothing due was left.

    Of accounts it says how many closed ones were emptied or forgotten, of which the user id stays.
    """

    deleted: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    is_complete: bool = True

    @property
    def records(self) -> int:
        """How many there were in all."""
        return sum(self.deleted.values())

    def counting(self, collection: str, deleted: int) -> "RetentionReport":
        """The report with so many more of a collection."""
        if not deleted:
            return self
        counted = {**self.deleted, collection: self.deleted.get(collection, 0) + deleted}
        return attrs.evolve(self, deleted=counted)
