"""PruneReport: what a pruning of the audit log erased."""

import attrs


@attrs.frozen
class PruneReport:
    """How many entries lost their contents, and the last entry that has none now (0 for none)."""

    entries: int
    through: int
