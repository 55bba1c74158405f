"""Held: what a database holds, before anything is done with it.

Decides where it stands among the revisions. Invariant: what it was marked with counts first, for only that
tells a newer version; then what its tables were declared as.
"""

from collections.abc import Mapping

import attrs

from dcss_core import errors
from dcss_core.plugins import SchemaPlace, SchemaStanding, SchemaStep
from dcss_core_sql.migrations import history, revision_mark


@attrs.frozen
class Held:
    """The names of its tables, the declarations that stand in `dcss_schema`, and its mark."""

    tables: frozenset[str]
    shapes: Mapping[str, str]
    mark: str | None

    @property
    def revision(self) -> history.Revision | None:
        """The revision that it is of; None where that is not known here."""
        return None if revision_mark.is_of_later_version(self.mark) else history.held_by(self.shapes)

    def standing(self) -> SchemaStanding:
        """Where it stands."""
        present, revision = history.head().number, self.revision
        if revision is not None:
            steps = tuple(map(_told, history.steps_from(revision.number)))
            place = SchemaPlace.BEHIND if steps else SchemaPlace.PRESENT
            return SchemaStanding(place, present, revision.number, steps)
        if revision_mark.is_of_later_version(self.mark):
            return SchemaStanding(SchemaPlace.AHEAD, present, self.mark)
        if self.shapes:
            return SchemaStanding(SchemaPlace.OTHER, present)
        return SchemaStanding(SchemaPlace.FOREIGN if self.tables else SchemaPlace.EMPTY, present)


def check_can_be_upgraded(held: Held, url: str) -> None:
    """Refuse what no step begins at; raises ConfigurationError."""
    standing = held.standing()
    if standing.place is SchemaPlace.AHEAD:
        raise revision_mark.of_later_version(url, held.mark)
    reason = _REFUSED.get(standing.place)
    if reason is not None:
        raise errors.ConfigurationError(f"the database {url} {reason}")


def check_whole(held: Held, revision: history.Revision, names: Mapping[str, str], url: str) -> None:
    """Refuse a database that lacks a table of its revision; raises ConfigurationError with all of them."""
    faults = [
        errors.Fault(name, "no table", "the one that was made for it")
        for name in revision.collections
        if names[name] not in held.tables
    ]
    if faults:
        raise errors.ConfigurationError(
            f"the database {url} lacks tables that were made in it, or it was never finished; restore it "
            "from a backup, or open it once with the version before",
            faults=faults,
        )


def not_filled(column: str) -> errors.InvariantError:
    """The refusal of a row for which a step has no value."""
    return errors.InvariantError(
        "a row can't be right, so no step was taken and nothing was changed; was it changed by hand? "
        "Restore it from a backup",
        faults=[errors.Fault(column, "nothing that it could hold", "a value")],
    )


def _told(revision: history.Revision) -> SchemaStep:
    return SchemaStep(revision.number, revision.summary, revision.keeps_the_version_before)


_REFUSED = {
    SchemaPlace.EMPTY: "holds nothing of this library; open_agency() makes what a new one needs, and "
    "`dcss db sql URL --from new` prints it",
    SchemaPlace.FOREIGN: "holds tables of somebody else and none of this library; name another one",
    SchemaPlace.OTHER: "is of no version that steps begin at: it is from before the audit log was sequenced, "
    "or somebody changed it by hand",
}
