"""History: which collections each revision of an agency's schema has, from the sequenced audit log on.

Decides of which revision a database is, by the declarations it holds. Invariants: `shapes/` has one file for
each revision, in their order, with what it makes, changes and removes; a file that was once on main is never
changed; Alembic is not needed to read it.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pkgutil import get_data
from typing import Final

import attrs

from dcss_core import errors
from dcss_core.plugins import Collection
from dcss_core_sql.shapes import faults_of, read

_SUMMARIES: Final = {
    "0001": "the audit log is numbered by a sequencer",
    "0002": "an import can be interrupted and gone on with",
    "0003": "several dispatchers share one outbox",
    "0004": "letters are owed, wrong codes counted for the second factor itself, and approvals wait",
    "0005": "the decoys of security questions belong to the database, and to no master key",
    "0006": "idle accounts are disabled, and closed ones forgotten",
    "0007": "people have contact points, and a message says how it goes",
    "0008": "an account has several second factors",
    "0009": "remitters have accounts, and a receipt keeps under what it was sent",
    "0010": "codes for recovery go by text message, too, and a telephone may stop them",
    "0011": "somebody outside may vouch for a parent",
}


@attrs.frozen
class Revision:
    """One revision: what it makes, changes, removes, what there is afterwards, and what is gone by then."""

    number: str
    summary: str
    made: Mapping[str, Collection]
    changed: Mapping[str, Collection]
    removed: frozenset[str]
    collections: Mapping[str, Collection]
    gone: frozenset[str]

    @property
    def keeps_the_version_before(self) -> bool:
        """Whether the library that was made for the revision before goes on working on it."""
        return not self.changed and not self.removed

    def is_held(self, shapes: Mapping[str, str]) -> bool:
        """Whether a database with these declarations has every collection as here, and none from before."""
        return self.gone.isdisjoint(shapes) and all(
            name in shapes and not faults_of(shapes[name], collection)
            for name, collection in self.collections.items()
        )


@cache
def revisions() -> tuple[Revision, ...]:
    """Every revision, the first one first."""
    found: list[Revision] = []
    for number, summary in _SUMMARIES.items():
        written = json.loads(_text_of(number))
        made, changed = (_by_name(written[part]) for part in ("made", "changed"))
        before = found[-1].collections if found else {}
        after = {**before, **made, **changed}
        for each in written["removed"]:
            del after[each]
        removed = frozenset(written["removed"])
        gone = ((found[-1].gone if found else frozenset()) | removed) - after.keys()
        found.append(Revision(number, summary, made, changed, removed, after, gone))
    return tuple(found)


def head() -> Revision:
    """The revision of the present version."""
    return revisions()[-1]


def revision(number: str) -> Revision | None:
    """The revision of this number; None for one that is not known here."""
    return next((each for each in revisions() if each.number == number), None)


def before(number: str) -> Mapping[str, Collection]:
    """The collections that there are before a revision, by name."""
    earlier = [each for each in revisions() if each.number < number]
    return earlier[-1].collections if earlier else {}


def steps_from(number: str) -> tuple[Revision, ...]:
    """The revisions that come after one, in their order."""
    return tuple(each for each in revisions() if each.number > number)


def held_by(shapes: Mapping[str, str]) -> Revision | None:
    """The last revision that a database with these declarations is of; None for none of them."""
    return next((each for each in reversed(revisions()) if each.is_held(shapes)), None)


def is_of_head(collections: Iterable[Collection]) -> bool:
    """Whether these collections are those of the present version, and no others."""
    given = {each.name: each for each in collections}
    present = head().collections
    return given.keys() == present.keys() and not any(
        given[name].differences_from(each) for name, each in present.items()
    )


def _text_of(number: str) -> bytes:
    text = get_data(__package__, f"shapes/{number}.json")
    if text is None:
        raise errors.ConfigurationError(
            f"the shapes of revision {number} can't be read from where dcss-core-sql is installed; "
            "install it again"
        )
    return text


def _by_name(shapes: Iterable[Mapping[str, object]]) -> dict[str, Collection]:
    return {each.name: each for each in map(read, shapes)}
