"""ResealReport: what one run of resealing brought under the current key, and what it could not open."""

from collections.abc import Mapping
from typing import Final, Self

import attrs

from dcss_core.base.printable import counted

_NAMED: Final = 100


@attrs.frozen
class ResealReport:
    """What one run of resealing did: records per collection, and what could not be opened.

    `unopened` names the place of each such record and why, the first hundred of them; `left` says how many
    there are. `forgotten` counts the counts of failures under a retired key. `is_complete` when nothing is
    left that could be resealed.
    """

    resealed: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    unopened: tuple[str, ...] = ()
    left: int = 0
    forgotten: int = 0
    is_complete: bool = True

    @classmethod
    def of_one(cls, collection: str) -> Self:
        """One record was resealed."""
        return cls({collection: 1})

    @classmethod
    def of_unopened(cls, why: str) -> Self:
        """One record could not be opened."""
        return cls(unopened=(why,), left=1)

    def joined(self, other: Self) -> Self:
        """What both did."""
        names = {**self.resealed, **other.resealed}
        resealed = {name: self.resealed.get(name, 0) + other.resealed.get(name, 0) for name in names}
        return attrs.evolve(
            self,
            resealed=resealed,
            unopened=(*self.unopened, *other.unopened)[:_NAMED],
            left=self.left + other.left,
            forgotten=self.forgotten + other.forgotten,
        )

    @property
    def records(self) -> int:
        """How many records were resealed."""
        return sum(self.resealed.values())

    def __str__(self) -> str:
        more = "" if self.is_complete else ", and more to come"
        lines = [f"{counted(self.records, 'records')} resealed{more}"]
        lines += [f"  {collection}: {count:,}" for collection, count in sorted(self.resealed.items())]
        if self.forgotten:
            lines.append(f"{counted(self.forgotten, 'counts')} under a retired key forgotten")
        if self.left:
            lines.append(f"{counted(self.left, 'records')} could not be opened:")
            lines += [f"  {each}" for each in self.unopened]
        return "\n".join(lines)
