"""Tables: the SQL shape of a collection.

Decides names, keys and indexes. Invariants: names come from the declaration, which admits only lower-case
words joined by single underscores, so that joining them with two is unambiguous; every index ends with the
key, so that pages are read in order without sorting.
"""

from collections.abc import Iterable, Mapping

from dcss_core.plugins import SEQUENCE, Collection, Field
from dcss_core_sql.dialect import Dialect


def creation_of(collection: Collection, dialect: Dialect) -> list[str]:
    """The statements that create a table and its indexes; columns stand in the order of `stored_fields`."""
    table = dialect.name(collection.name)
    parts = [_column(field, collection, dialect) for field in collection.stored_fields]
    key = _names(collection.key_fields, dialect)
    parts.append(f"CONSTRAINT {dialect.name(f'pk_{collection.name}')} PRIMARY KEY ({key})")
    unique_indexes = []
    for group in dict.fromkeys(collection.unique):
        name = dialect.name(_joined("uq", collection, group))
        if dialect.unique_keys_are_indexes:
            order = _in_order(group, collection, dialect)
            unique_indexes.append(f"CREATE UNIQUE INDEX {name} ON {table} ({order})")
        else:
            parts.append(f"CONSTRAINT {name} UNIQUE ({_names(group, dialect)})")
    columns = ",\n\t".join(parts)
    statements = [f"CREATE TABLE {table} (\n\t{columns}\n)", *unique_indexes]
    for group in sorted(set(collection.indexes)):
        name = dialect.name(_joined("ix", collection, group))
        order = _in_order(collection.order_of(group), collection, dialect)
        statements.append(f"CREATE INDEX {name} ON {table} ({order})")
    return statements


def keys_by_name(collection: Collection, dialect: Dialect) -> Mapping[str, tuple[str, ...]]:
    """The fields of the key and of each unique key, by the name the database has for it."""
    named = {_joined("uq", collection, group): group for group in collection.unique}
    named[f"pk_{collection.name}"] = collection.key_fields
    return {dialect.name(name).strip('"'): fields for name, fields in named.items()}


def _column(field: Field, collection: Collection, dialect: Dialect) -> str:
    is_own_number = collection.log and collection.stream is None and field.name == SEQUENCE
    kind = dialect.log_number_type if is_own_number else dialect.column_types[field.kind]
    return f"{dialect.name(field.name)} {kind}{'' if field.optional else ' NOT NULL'}"


def _in_order(names: Iterable[str], collection: Collection, dialect: Dialect) -> str:
    optional = {field.name for field in collection.fields if field.optional}
    return ", ".join(dialect.name(name) + (dialect.nones_first if name in optional else "") for name in names)


def _names(names: Iterable[str], dialect: Dialect) -> str:
    return ", ".join(dialect.name(name) for name in names)


def _joined(prefix: str, collection: Collection, group: tuple[str, ...]) -> str:
    return "__".join((f"{prefix}_{collection.name}", *group))
