"""SqlSchema: the schema of one SQL database, told, checked, upgraded and printed.

Decides nothing of one kind of database; that stands in a `SchemaPlace` of its room. Invariant: who upgrades
looks again once nobody else can, so that two at once do no step twice.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from dcss_core import errors
from dcss_core.errors import Fault
from dcss_core.plugins import Collection, SchemaPlace, SchemaStanding
from dcss_core_sql.dialect import Dialect
from dcss_core_sql.migrations import history, running
from dcss_core_sql.migrations.held import Held, check_can_be_upgraded, check_whole
from dcss_core_sql.migrations.table_shape import TableShape, declared_shape, faults_of_table

NEW = "new"
_SHAPES = 'SELECT "collection", "shape" FROM "dcss_schema"'


class Tables(Protocol):
    """What is needed of one kind of database."""

    dialect: Dialect
    database: str
    """Its kind as SQLAlchemy names it."""

    @property
    def url(self) -> str:
        """Its URL, without a password."""

    @property
    def opening(self) -> str:
        """The statement that SQL for somebody else begins with; it may be empty."""

    def held(self) -> Held:
        """What it holds; raises ConfigurationError or BackendError where it can't be reached."""

    def shapes(self) -> Mapping[str, TableShape]:
        """The shape of every table, by its name."""

    def faults_of_use(self, tables: Sequence[str]) -> Sequence[Fault]:
        """What the role may not do with these tables, and what keeps less than was saved."""

    def changing(self) -> AbstractContextManager[Any]:
        """A connection of SQLAlchemy's in a transaction that keeps every other upgrade away.

        It is saved where the block ends well. Raises typed errors alone.
        """


class SqlSchema:
    """The schema of one database."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def standing(self) -> SchemaStanding:
        """Where it stands; see the port."""
        return self._tables.held().standing()

    def upgrade(self) -> SchemaStanding:
        """Make it that of the present version; see the port."""
        held = self._tables.held()
        standing = held.standing()
        if standing.place is SchemaPlace.PRESENT and held.mark == standing.present:
            return standing
        self._check(held)
        running.check_installed()
        with self._tables.changing() as connection:
            found = history.held_by(dict(connection.exec_driver_sql(_SHAPES).all()))
            if found is None:
                raise errors.ConfigurationError("the database was changed meanwhile; look at it again")
            running.run_steps(connection, found)
        return standing

    def faults(self, collections: Sequence[Collection]) -> Sequence[Fault]:
        """Everything that is not as declared; see the port."""
        held = self._tables.held()
        faults = list(_faults_of_standing(held))
        shapes = self._tables.shapes()
        for collection in collections:
            table = self._name(collection)
            declared = declared_shape(collection, self._tables.dialect)
            faults += faults_of_table(collection.name, shapes.get(table), declared)
        for name in sorted(held.shapes.keys() - {each.name for each in collections}):
            faults.append(Fault(name, "a collection that this version does not know", "no such collection"))
        names = [self._name(each) for each in collections if self._name(each) in shapes]
        return [*faults, *self._tables.faults_of_use(names)]

    def script(self, begin_at: str | None = None) -> str:
        """The steps as SQL; see the port."""
        if begin_at == NEW:
            return self._headed("a new database", running.whole_as_sql(self._tables.database))
        if begin_at is None:
            held = self._tables.held()
            if held.standing().place is SchemaPlace.EMPTY:
                return self.script(NEW)
            self._check(held)
            found = held.revision
        else:
            found = history.revision(begin_at)
        if found is None:
            known = ", ".join([NEW, *(each.number for each in history.revisions())])
            fault = Fault("revision", "one that is not known", f"one of {known}")
            raise errors.ConfigurationError("there are no steps from this revision on", faults=[fault])
        steps = running.steps_as_sql(found, self._tables.database)
        return self._headed(f"a database of revision {found.number}", steps)

    def _check(self, held: Held) -> None:
        check_can_be_upgraded(held, self._tables.url)
        revision = held.revision
        if revision is not None:
            names = {name: self._name(each) for name, each in revision.collections.items()}
            check_whole(held, revision, names, self._tables.url)

    def _headed(self, what: str, statements: str) -> str:
        present, kind = history.head().number, self._tables.database
        head = f"-- dcss-core-sql: {what} becomes one of revision {present} ({kind})"
        opening = f"\n{self._tables.opening};" if self._tables.opening else ""
        return f"{head}{opening}\n{statements}"

    def _name(self, collection: Collection) -> str:
        return self._tables.dialect.name(collection.name).strip('"')


def _faults_of_standing(held: Held) -> list[Fault]:
    standing = held.standing()
    if standing.place is SchemaPlace.PRESENT:
        if held.mark == standing.present:
            return []
        return [
            Fault("dcss_revision", "no mark of its revision", f"{standing.present}; run `dcss db upgrade`")
        ]
    found = {
        SchemaPlace.BEHIND: f"revision {standing.revision}, of a version before",
        SchemaPlace.AHEAD: f"revision {standing.revision}, of a newer version",
        SchemaPlace.OTHER: "declarations of no revision that is known",
        SchemaPlace.FOREIGN: "tables of somebody else",
        SchemaPlace.EMPTY: "nothing",
    }[standing.place]
    return [Fault("schema", found, f"revision {standing.present}")]
