"""Stored schema: the tables of a database, and the steps by which they become those of the present version.

Invariants: nothing is made or changed by asking; an upgrade is saved whole or not at all, so that one that
was interrupted can be run again; no message holds a URL's password, a stored value or a word of the server's.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import attrs

from dcss_core.errors import Fault
from dcss_core.ports.collection import Collection


class SchemaPlace(Enum):
    """Where a database stands among the versions."""

    PRESENT = "present"
    BEHIND = "behind"  # of a version before, from which there are steps
    AHEAD = "ahead"  # a newer version made or changed it
    OTHER = "other"  # of this library, and of no version that the steps begin at
    FOREIGN = "foreign"  # it holds tables, and none of this library
    EMPTY = "empty"


@attrs.frozen
class SchemaStep:
    """One step: its number, what it does, and whether the version before goes on working afterwards."""

    number: str
    summary: str
    keeps_the_version_before: bool


@attrs.frozen
class SchemaStanding:
    """Where a database stands, its revision where it is known, and the steps that are left."""

    place: SchemaPlace
    present: str
    revision: str | None = None
    steps: tuple[SchemaStep, ...] = ()


class StoredSchema(Protocol):
    """The schema of the database that one URL names."""

    def standing(self) -> SchemaStanding:
        """Where it stands; raises ConfigurationError where there is no database, BackendError when away."""

    def upgrade(self) -> SchemaStanding:
        """Make it that of the present version; gives where it stood before.

        Raises ConfigurationError for what is not behind and not present, or where the role may not,
        BackendError, retryable, when the database is in use.
        """

    def faults(self, collections: Sequence[Collection]) -> Sequence[Fault]:
        """Everything in which it is not as these collections declare it, or does not keep what was saved."""

    def script(self, begin_at: str | None = None) -> str:
        """The steps from a revision on as SQL; by default from the one that the database is of.

        Of "new", all that a new database needs; the database is not looked at then, and neither is it where a
        revision is named. Raises ConfigurationError for a revision that is not known.
        """

    def make_views(self) -> Sequence[str]:
        """Make the views for reports, or renew them; gives their names. Raises as `upgrade` does."""

    def views_script(self) -> str:
        """What makes or renews them, as SQL; the database is not looked at."""
