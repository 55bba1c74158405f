"""Spelling: how the database that Alembic names writes what the steps say to it."""

from dcss_core_sql.dialect import Dialect


def spelling_of(database: str) -> tuple[Dialect, str]:
    """The dialect of a database as SQLAlchemy names it, and how `dcss_schema` is made there."""
    if database == "sqlite":
        from dcss_core_sql.sqlite.shapes import CREATION as IN_SQLITE
        from dcss_core_sql.sqlite.spelling import SQLITE

        return SQLITE, IN_SQLITE
    from dcss_core_sql.postgresql.creation import CREATION as IN_POSTGRESQL
    from dcss_core_sql.postgresql.spelling import POSTGRESQL

    return POSTGRESQL, IN_POSTGRESQL


def noting(name: str, shape: str, database: str) -> str:
    """The statement by which `dcss_schema` says what a collection was declared as, and that it is made."""
    if database == "sqlite":  # a table is made and noted in one transaction there
        return f'INSERT INTO "dcss_schema" ("collection", "shape") VALUES (\'{name}\', \'{shape}\')'
    return f'INSERT INTO "dcss_schema" ("collection", "shape", "made") VALUES (\'{name}\', \'{shape}\', true)'
