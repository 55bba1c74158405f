"""The shape of every collection, as it stands in src/dcss_core/agency/work/shapes.json.

`python docs/shapes.py` writes the file anew; tests/agency/work/test_shapes.py says when that is due.
Run it on the library as it stands in this work tree.
"""

import json
from pathlib import Path

from dcss_core.agency.work import shapes
from dcss_core.moving.every_record import every_record
from dcss_core.ports.collection import Collection

SHAPES = Path(shapes.__file__).with_name(shapes.FILE)


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
