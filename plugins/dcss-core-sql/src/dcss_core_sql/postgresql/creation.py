"""Creation: which collections a database holds, and how those that are missing are made.

Decides what `prepare` creates and what it refuses. Invariants: `dcss_schema` has one row for each collection,
with its declaration as JSON; a table this package did not make is never used; where nothing is missing
nothing is written. No transaction both makes a table and writes a row, since clusters do not take that: so a
collection is noted before its table is made, and noted as made afterwards, and whoever finds one that was
noted only makes it. Several processes may do so at once.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Any, Final, TypeVar

import attrs

from dcss_core import errors
from dcss_core.plugins import Collection
from dcss_core_sql.database import Begin
from dcss_core_sql.migrations import history, revision_mark
from dcss_core_sql.postgresql.failures import ServerFailure, busy
from dcss_core_sql.postgresql.location import Location
from dcss_core_sql.postgresql.spelling import POSTGRESQL, text_read, text_sent
from dcss_core_sql.shapes import faults_of, written
from dcss_core_sql.tables import creation_of, names_of

R = TypeVar("R")

_PAUSE_SECONDS: Final = 0.05
# Two that make one table at once meet in the server's own catalogue, in one of these ways.
_MET: Final = frozenset({"23505", "42P06", "42P07", "42710", "XX000"})
TABLES: Final = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = ?"
_MAY_USE: Final = """SELECT has_schema_privilege(nspname, 'USAGE') FROM pg_catalog.pg_namespace
WHERE nspname = ?"""
_OTHERS: Final = """SELECT c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relkind NOT IN ('r', 'p')
UNION SELECT t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = ? AND t.typtype IN ('d', 'e', 'r')"""
KNOWN: Final = 'SELECT "collection", "shape", "made" FROM "dcss_schema"'
CREATION: Final = """CREATE TABLE IF NOT EXISTS "dcss_schema" (
\t"collection" text COLLATE "C" NOT NULL,
\t"shape" text COLLATE "C" NOT NULL,
\t"made" boolean NOT NULL,
\tCONSTRAINT "pk_dcss_schema" PRIMARY KEY ("collection")
)"""
_NOTE: Final = 'INSERT INTO "dcss_schema" ("collection", "shape", "made") VALUES (?, ?, false)'
_MADE: Final = 'UPDATE "dcss_schema" SET "made" = true WHERE "collection" = ?'


@attrs.frozen
class _Found:
    """What a database holds: tables, other things that have names, and the declarations that are noted."""

    has_schema: bool
    tables: frozenset[str]
    others: frozenset[str]
    shapes: dict[str, str]
    made: frozenset[str]


@attrs.frozen
class _Missing:
    """What is to be done: collections to be noted, and noted ones without a table."""

    unnoted: Sequence[Collection]
    unmade: Sequence[Collection]


def prepare(location: Location, collections: Sequence[Collection], begin: Begin) -> None:
    """Create the tables that are missing; see the port."""
    deadline = monotonic() + max(location.busy_seconds, 1)
    while True:
        try:
            _prepare_once(location, collections, begin)
            return
        except errors.BackendError as error:
            if not error.retryable or monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def _prepare_once(location: Location, collections: Sequence[Collection], begin: Begin) -> None:
    found = _used(begin, partial(_look, schema=location.schema), writes=False)
    mark = partial(_mark, begin, found)
    missing = _missing(found, location, collections, mark)
    if not missing.unnoted and not missing.unmade:
        return
    if revision_mark.is_of_later_version(mark()):
        raise revision_mark.of_later_version(location.url, mark())
    is_of_head = history.is_of_head(collections)
    if not found.has_schema:
        _used(begin, partial(_execute, f'CREATE SCHEMA IF NOT EXISTS "{location.schema}"'))
    if "dcss_schema" not in found.tables:
        _used(begin, partial(_execute, CREATION))
    if is_of_head and revision_mark.TABLE not in found.tables:
        _used(begin, partial(_execute, revision_mark.CREATION))
    if missing.unnoted:
        _used(begin, partial(_note, missing.unnoted))
    to_make = [*missing.unmade, *missing.unnoted]
    _used(begin, partial(_make, to_make, found.tables))
    _used(begin, partial(_note_made, to_make, is_of_head))


def _used(begin: Begin, work: Callable[[Any], R], *, writes: bool = True) -> R:
    with begin(writes) as transaction:
        return transaction.use(partial(_unless_met, work))


def _unless_met(work: Callable[[Any], R], cursor: Any) -> R:
    try:
        return work(cursor)
    except ServerFailure as failure:
        if failure.state in _MET:
            raise busy() from failure
        raise


def _look(cursor: Any, schema: str) -> _Found:
    cursor.execute(_MAY_USE, (text_sent(schema),))
    may_use = cursor.fetchall()
    if may_use == [(False,)]:
        raise errors.ConfigurationError(f"the role may not use the schema '{schema}'; grant it USAGE on it")
    cursor.execute(TABLES, (text_sent(schema),))
    tables = frozenset(name for (name,) in cursor.fetchall())
    cursor.execute(_OTHERS, (text_sent(schema), text_sent(schema)))
    others = frozenset(name for (name,) in cursor.fetchall())
    noted: list[tuple[str, str, bool]] = []
    if "dcss_schema" in tables:
        cursor.execute(KNOWN)
        noted = cursor.fetchall()
    shapes = {name: _shape_read(shape) for name, shape, _ in noted}
    return _Found(bool(may_use), tables, others, shapes, frozenset(name for name, _, made in noted if made))


def _shape_read(shape: Any) -> str:
    """A declaration as it was noted; what can't be read is none, and is told as such."""
    try:
        return text_read(shape)
    except (LookupError, TypeError):
        return ""


def _mark(begin: Begin, found: _Found) -> str | None:
    """What it was marked with; asked only where something is missing or differs, for nobody else needs it."""
    if revision_mark.TABLE not in found.tables:
        return None
    return _used(begin, revision_mark.mark_of, writes=False)


def _missing(
    found: _Found, location: Location, collections: Sequence[Collection], mark: Callable[[], str | None]
) -> _Missing:
    """What has to be made; raises ConfigurationError for what can't be used, all faults at once."""
    unnoted: dict[str, Collection] = {}
    unmade: dict[str, Collection] = {}
    damaged: list[errors.Fault] = []
    differing: list[errors.Fault] = []
    for collection in collections:
        name = collection.name
        if name in found.shapes:
            differing += faults_of(found.shapes[name], collection)
            if name in found.made and _table(name) not in found.tables:
                damaged.append(errors.Fault(name, "no table", "the one that was made for it"))
            elif name not in found.made:
                unmade[name] = collection
        elif _table(name) in found.tables or name in ("dcss_schema", revision_mark.TABLE):
            expected = "no such table, or another schema"
            damaged.append(errors.Fault(name, "a table that was not made by dcss-core", expected))
        elif taken := names_of(collection, POSTGRESQL) & found.others:
            what = f"a view, an index, a sequence or a type named {', '.join(sorted(taken))}"
            damaged.append(errors.Fault(name, what, "no such names, or another schema"))
        else:
            differing += collection.differences_from(unnoted.setdefault(name, collection))
    _refuse(found, location, damaged, differing, mark)
    return _Missing(list(unnoted.values()), list(unmade.values()))


def _refuse(
    found: _Found,
    location: Location,
    damaged: list[errors.Fault],
    differing: list[errors.Fault],
    mark: Callable[[], str | None],
) -> None:
    if "dcss_schema" in found.others:
        damaged.append(
            errors.Fault("dcss_schema", "a view, or something else that is no table", "no such name")
        )
    if damaged:
        why = (
            "lacks tables that were made in it, or holds others under their names; restore it from a backup, "
            "or name another schema by the option 'schema'"
            if "dcss_schema" in found.tables
            else "holds tables of these names and no table dcss_schema, which says what dcss-core made; "
            "so it is somebody else's: name another one by the option 'schema', or restore it from a backup"
        )
        raise errors.ConfigurationError(
            f"the schema '{location.schema}' of {location.url} {why}", faults=[*damaged, *differing]
        )
    if differing:
        raise revision_mark.refusal(location.url, found.shapes, mark(), differing)


def _table(name: str) -> str:
    return POSTGRESQL.name(name).strip('"')


def _execute(statement: str, cursor: Any) -> None:
    cursor.execute(statement)


def _note(collections: Sequence[Collection], cursor: Any) -> None:
    for collection in collections:
        cursor.execute(_NOTE, (text_sent(collection.name), text_sent(written(collection))))


def _make(collections: Sequence[Collection], tables: frozenset[str], cursor: Any) -> None:
    for collection in collections:
        if _table(collection.name) not in tables:  # its maker may have been cut off before it said so
            for statement in creation_of(collection, POSTGRESQL):
                cursor.execute(statement)


def _note_made(collections: Sequence[Collection], is_of_head: bool, cursor: Any) -> None:
    for collection in collections:
        cursor.execute(_MADE, (text_sent(collection.name),))
    if is_of_head:
        for statement in revision_mark.statements_marking(history.head().number):
            cursor.execute(statement)
