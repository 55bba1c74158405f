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
from dcss_core_sql.reports.sql import creation_of_views, dropping_of_views, question_for_views
from dcss_core_sql.reports.views import REPORT_VIEWS

NEW = "new"
_SHAPES = 'SELECT "collection", "shape" FROM "dcss_schema"'


class Tables(Protocol):
    """What is needed of one kind of database."""

    dialect: Dialect
    database: str
    """Its kind as SQLAlchemy names it."""

    @property
    def schema(self) -> str:
        """The schema of its tables; empty where there are none."""

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
            views = connection.exec_driver_sql(question_for_views(*self._place)).all()
            if views:  # they stand on the columns that are changed
                self._execute(connection, dropping_of_views(*self._place))
            running.run_steps(connection, found)
            if views:
                self._execute(connection, creation_of_views(*self._place))
        return standing

    def make_views(self) -> Sequence[str]:
        """Make or renew the views for reports; see the port."""
        standing = self._tables.held().standing()
        if standing.place is not SchemaPlace.PRESENT:
            raise errors.ConfigurationError(
                f"the database {self._tables.url} is not of the present version, which the views show; "
                "say `dcss db upgrade` first, or `dcss db check` for what it is"
            )
        running.check_installed()
        with self._tables.changing() as connection:
            self._execute(connection, creation_of_views(*self._place))
        return [view.name for view in REPORT_VIEWS]

    def views_script(self) -> str:
        """The SQL of the views; see the port."""
        statements = creation_of_views(*self._place)
        return self._headed("views for reports", running.transaction(statements))

    def faults(self, collections: Sequence[Collection]) -> Sequence[Fault]:
        """Everything that is not as declared; see the port."""
        held = self._tables.held()
        faults = list(_faults_of_standing(held))
        if held.standing().place is SchemaPlace.EMPTY:
            return faults
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
        present = history.head().number
        if begin_at == NEW:
            whole = running.whole_as_sql(self._tables.database)
            return self._headed(f"a new database of revision {present}", whole)
        if begin_at is None:
            held = self._tables.held()
            if held.standing().place is SchemaPlace.EMPTY:
                return self.script(NEW)
            if held.mark == present:
                return f"-- nothing to do: the database is of revision {present}\n"
            self._check(held)
            found = held.revision
        else:
            found = history.revision(begin_at)
        if found is None:
            known = ", ".join([NEW, *(each.number for each in history.revisions())])
            fault = Fault("revision", repr(begin_at)[:60], f"one of {known}")
            raise errors.ConfigurationError("there are no steps from this revision on", faults=[fault])
        dropping = dropping_of_views(*self._place)  # `dcss db views` makes them anew
        steps = running.steps_as_sql(found, self._tables.database, first=dropping)
        what = f"a database of revision {found.number} becomes one of {present}"
        return self._headed(f"{what}; afterwards `dcss db views` makes the views for reports anew", steps)

    @property
    def _place(self) -> tuple[str, str]:
        return self._tables.database, self._tables.schema

    def _execute(self, connection: Any, statements: Sequence[str]) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    def _check(self, held: Held) -> None:
        check_can_be_upgraded(held, self._tables.url)
        revision = held.revision
        if revision is not None:
            names = {name: self._name(each) for name, each in revision.collections.items()}
            check_whole(held, revision, names, self._tables.url)

    def _headed(self, what: str, statements: str) -> str:
        head = f"-- dcss-core-sql: {what} ({self._tables.database})"
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
    how = "; `dcss db sql --from new` or opening an agency makes it"
    is_empty = standing.place is SchemaPlace.EMPTY
    return [Fault("schema", found, f"revision {standing.present}{how if is_empty else ''}")]
