"""LogRecord: what stands in the log under a number, as it was found.

Decides whether it is what was written, going by its own hashes. Invariant: values of other types than were
written here, which come from whoever changed the database, are damage and no error.
"""

import attrs

from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.merkle_tree import HASH_BYTES
from dcss_core.audit.numbering import NumberedLeaf
from dcss_core.audit.written_entry import WrittenEntry


@attrs.frozen
class LogRecord:
    """A number, the leaf that stands under it and the entry which that leaf names.

    `leaf` is None when what is stored can't be read; `written` when there is no such entry, or it can't be
    read (`is_readable` tells).
    """

    seq: int
    leaf: NumberedLeaf | None
    written: WrittenEntry | None
    is_readable: bool = True

    @property
    def entry(self) -> AuditEntry | None:
        """The entry as people read it, with its id."""
        if self.leaf is None or self.written is None:
            return None
        return self.written.read_as(self.leaf.line)

    def own_hash(self) -> bytes | None:
        """The hash of the leaf of its entry; None where there is no entry to hash."""
        return self.hash_at(self.seq)

    def hash_at(self, seq: int) -> bytes | None:
        """The hash its leaf would have under a number; leaves of the first version name theirs."""
        if self.leaf is None or self.written is None:
            return None
        try:
            return self.written.leaf_hash(self.leaf.line, seq)
        except (AttributeError, TypeError, ValueError):
            return None

    def stored_hash(self) -> bytes | None:
        """The hash that the tree holds for it."""
        return self.leaf.nodes[:HASH_BYTES] if self.leaf is not None else None

    def is_whole(self) -> bool:
        """Whether its entry says what was written, and the tree holds the hash of that."""
        own = self.own_hash()
        return own is not None and own == self.stored_hash() and self.holds_what_it_commits_to()

    def holds_what_it_commits_to(self) -> bool:
        """Whether the contents of its entry are those that its leaf commits to."""
        try:
            return self.written is not None and self.written.holds_what_it_commits_to()
        except (AttributeError, TypeError, ValueError):
            return False
