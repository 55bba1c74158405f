"""Every record: the record classes that the library keeps, and where.

Invariant: nothing is listed here by hand, so that a new collection is never left out.
"""

from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import dcss_core.agency
from dcss_core.agency.work.records import Records


@cache
def every_record() -> tuple[Records[Any], ...]:
    """The record classes with their collections, in the order of the collections' names."""
    found: dict[str, Records[Any]] = {}
    for module in walk_packages(dcss_core.agency.__path__, f"{dcss_core.agency.__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, Records):
                found[value.collection.name] = value
    return tuple(records for _, records in sorted(found.items()))


@cache
def records_of(collection: str) -> Records[Any]:
    """The record class that is kept in a collection."""
    return next(records for records in every_record() if records.collection.name == collection)


def sealed_fields(collection: str) -> tuple[str, ...]:
    """The fields of a collection that hold sealed values, in the order of their names."""
    columns = records_of(collection).columns.values()
    return tuple(sorted(column.field.name for column in columns if column.sealed))
