"""The shape of every collection, as it stands in src/dcss_core/agency/work/shapes.json.

`python docs/shapes.py` writes the file anew; tests/agency/work/test_shapes.py says when that is due.
Run it on the library as it stands in this work tree.
"""

import json
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import dcss_core.agency
from dcss_core.agency.work import shapes
from dcss_core.agency.work.records import Records
from dcss_core.ports.collection import Collection

SHAPES = Path(shapes.__file__).with_name(shapes.FILE)


def every_record() -> tuple[Records[Any], ...]:
    """Every record class that is kept anywhere, in the order of their collections' names."""
    found: dict[str, Records[Any]] = {}
    for module in walk_packages(dcss_core.agency.__path__, "dcss_core.agency."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, Records):
                found[value.collection.name] = value
    return tuple(records for _, records in sorted(found.items()))


def shapes_text() -> str:
    """The file as it has to be."""
    return json.dumps([_written(each.collection) for each in every_record()], indent=1) + "\n"


def _written(collection: Collection) -> dict[str, object]:
    return {
        "name": collection.name,
        "key": collection.key,
        "log": collection.log,
        "stream": collection.stream,
        "unique": collection.unique,
        "indexes": collection.indexes,
        "fields": {field.name: str(field) for field in collection.fields},
    }


if __name__ == "__main__":
    SHAPES.write_text(shapes_text(), encoding="utf-8")
