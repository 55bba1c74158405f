"""KeysReport: what each master key of an agency is still needed for.

Decides when a key can be retired. Invariants: every key that anything stored names is in the report, also one
that the ring lacks; no value is in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from dcss_core.base.html.table import html_table
from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.base.printable import counted


class KeyStanding(OrderedEnum):
    """What a key is in the ring that the agency was opened with."""

    CURRENT = "current"
    """It seals what is written now."""
    OPENS = "opens"
    RETIRED = "retired"
    MISSING = "missing"
    """Something was sealed with it, and the ring does not hold it."""


class KeyPurpose(OrderedEnum):
    """What a key is needed for by something stored."""

    SEALED = "sealed values"
    """Nobody can read them without it."""
    FOUND = "people's numbers"
    PASSWORDS = "passwords"
    """Hashed with its pepper; a password is hashed anew when its owner signs in."""
    ANSWERS = "answer sets"
    """Hashed with its pepper; they are hashed anew when their owner chooses new ones."""
    EARLIER_PASSWORDS = "earlier passwords"
    """So that nobody chooses one again; hashed with its pepper for good."""
    COUNTED = "failure counts"
    WAITING = "waiting acts"


RESEALED: Final = (KeyPurpose.SEALED, KeyPurpose.FOUND)
"""What `agency.keys.reseal` brings under the current key."""

OF_OWNERS: Final = (KeyPurpose.PASSWORDS, KeyPurpose.ANSWERS)
"""What only its owner can bring under it."""


@attrs.frozen
class KeyNeed:
    """How much of one field needs a key, and for what; a field as `people/ssn`."""

    purpose: KeyPurpose
    field: str
    count: int


@attrs.frozen
class KeyUse:
    """A key, and what is stored that needs it."""

    key_id: str
    standing: KeyStanding
    needs: tuple[KeyNeed, ...] = ()

    @property
    def purposes(self) -> Mapping[KeyPurpose, int]:
        """How much for which purpose, all fields together."""
        found: dict[KeyPurpose, int] = {}
        for need in self.needs:
            found[need.purpose] = found.get(need.purpose, 0) + need.count
        return found

    def needed_for(self, *purposes: KeyPurpose) -> int:
        """How much needs it for these purposes; for any, without one."""
        return sum(need.count for need in self.needs if need.purpose in (purposes or KeyPurpose))

    @property
    def is_needed(self) -> bool:
        """Whether anything needs it."""
        return bool(self.needs)

    def __str__(self) -> str:
        needs = ", ".join(counted(count, purpose.value) for purpose, count in self.purposes.items())
        return f"{self.key_id} ({self.standing.value}): {needs or 'nothing needs it'}"


@attrs.frozen
class KeysReport:
    """The keys of the ring in their order, the retired ones, and those that are missing."""

    keys: tuple[KeyUse, ...]

    def of(self, key_id: str) -> KeyUse:
        """The use of one key; raises LookupError for one that is in no ring and that nothing names."""
        for each in self.keys:
            if each.key_id == key_id:
                return each
        raise LookupError(f"nothing is known of a key '{key_id}'")

    @property
    def is_settled(self) -> bool:
        """Whether everything that `agency.keys.reseal` can bring under the current key is."""
        others = [each for each in self.keys if each.standing is not KeyStanding.CURRENT]
        return not any(each.needed_for(*RESEALED) for each in others)

    @property
    def opens_all(self) -> bool:
        """Whether nothing was sealed with a key that is not in the ring, or not any more."""
        gone = [each for each in self.keys if each.standing in (KeyStanding.RETIRED, KeyStanding.MISSING)]
        return not any(each.needed_for(KeyPurpose.SEALED) for each in gone)

    def __str__(self) -> str:
        return "\n".join(map(str, self.keys))

    def _repr_html_(self) -> str:
        purposes = sorted({purpose for each in self.keys for purpose in each.purposes})
        rows = [
            (each.key_id, each.standing.value, *(f"{each.purposes.get(one, 0):,}" for one in purposes))
            for each in self.keys
        ]
        headings = ("key", "standing", *(one.value for one in purposes))
        return html_table("What the keys are needed for", headings, rows, has_row_headings=True)


def report_of(
    standings: Mapping[str, KeyStanding], uses: Iterable[tuple[str, KeyPurpose, str]]
) -> KeysReport:
    """The report on keys in the order given, and on others that something needs."""
    counts: dict[str, Counter[tuple[KeyPurpose, str]]] = {key_id: Counter() for key_id in standings}
    for key_id, purpose, field in uses:
        counts.setdefault(key_id, Counter())[purpose, field] += 1
    return KeysReport(
        tuple(
            KeyUse(key_id, standings.get(key_id, KeyStanding.MISSING), _needs(count))
            for key_id, count in counts.items()
        )
    )


def _needs(counts: Mapping[tuple[KeyPurpose, str], int]) -> tuple[KeyNeed, ...]:
    return tuple(KeyNeed(purpose, field, count) for (purpose, field), count in sorted(counts.items()))
