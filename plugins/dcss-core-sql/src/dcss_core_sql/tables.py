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
    parts = [f"{dialect.name(name)} {column}" for name, column in columns_of(collection, dialect).items()]
    key = _names(collection.key_fields, dialect)
    parts.append(f"CONSTRAINT {dialect.name(f'pk_{collection.name}')} PRIMARY KEY ({key})")
    if not dialect.unique_keys_are_indexes:
        for name, group in unique_keys_of(collection, dialect).items():
            parts.append(f"CONSTRAINT {name} UNIQUE ({', '.join(group)})")
    columns = ",\n\t".join(parts)
    return [
        f"CREATE TABLE {table} (\n\t{columns}\n)",
        *index_creations_of(collection, dialect).values(),
    ]


def index_creations_of(collection: Collection, dialect: Dialect) -> dict[str, str]:
    """The statements that create the indexes of a table, by their names."""
    table = dialect.name(collection.name)
    created = {}
    if dialect.unique_keys_are_indexes:
        for name, group in unique_keys_of(collection, dialect).items():
            created[name] = f"CREATE UNIQUE INDEX {name} ON {table} ({', '.join(group)})"
    for name, order in indexes_of(collection, dialect).items():
        created[name] = f"CREATE INDEX {name} ON {table} ({', '.join(order)})"
    return created


def columns_of(collection: Collection, dialect: Dialect) -> dict[str, str]:
    """What is said of each column, by its name."""
    return {field.name: _column(field, collection, dialect) for field in collection.stored_fields}


def unique_keys_of(collection: Collection, dialect: Dialect) -> dict[str, tuple[str, ...]]:
    """The columns of each unique key, by its name."""
    return {
        dialect.name(_joined("uq", collection, group)): (
            _in_order(group, collection, dialect)
            if dialect.unique_keys_are_indexes
            else tuple(map(dialect.name, group))
        )
        for group in dict.fromkeys(collection.unique)
    }


def indexes_of(collection: Collection, dialect: Dialect) -> dict[str, tuple[str, ...]]:
    """The columns of each index that is no unique key, by its name."""
    return {
        dialect.name(_joined("ix", collection, group)): _in_order(
            collection.order_of(group), collection, dialect
        )
        for group in sorted(set(collection.indexes))
    }


def keys_by_name(collection: Collection, dialect: Dialect) -> Mapping[str, tuple[str, ...]]:
    """The fields of the key and of each unique key, by the name the database has for it."""
    named = {_joined("uq", collection, group): group for group in collection.unique}
    named[f"pk_{collection.name}"] = collection.key_fields
    return {dialect.name(name).strip('"'): fields for name, fields in named.items()}


def _column(field: Field, collection: Collection, dialect: Dialect) -> str:
    is_own_number = collection.log and collection.stream is None and field.name == SEQUENCE
    kind = dialect.log_number_type if is_own_number else dialect.column_types[field.kind]
    return f"{kind}{'' if field.optional else ' NOT NULL'}"


def names_of(collection: Collection, dialect: Dialect) -> frozenset[str]:
    """The names that a table and what belongs to it take in a schema."""
    indexes = [_joined("ix", collection, group) for group in collection.indexes]
    named = [dialect.name(name).strip('"') for name in (collection.name, *indexes)]
    return frozenset([*named, *keys_by_name(collection, dialect)])


def _in_order(names: Iterable[str], collection: Collection, dialect: Dialect) -> tuple[str, ...]:
    optional = {field.name for field in collection.fields if field.optional}
    return tuple(dialect.name(name) + (dialect.nones_first if name in optional else "") for name in names)


def _names(names: Iterable[str], dialect: Dialect) -> str:
    return ", ".join(dialect.name(name) for name in names)


def _joined(prefix: str, collection: Collection, group: tuple[str, ...]) -> str:
    return "__".join((f"{prefix}_{collection.name}", *group))
