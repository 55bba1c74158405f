"""The JSON Schema of every public value, as it stands in docs/reference/schema.json.

`python docs/schema.py` writes the file anew; tests/house/test_json_schema.py says when that is due.
Run it on the library as it stands in this work tree.
"""

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

from dcss_core.base.json.schema import json_schema, json_schema_of_all
from dcss_core.base.lazy_names import PUBLIC_MODULES
from dcss_core.errors import InvalidInputError

REFERENCE = Path(__file__).parent / "reference"
STAND_INS = {"dcss_core.testing"}  # its clock and hasher are no values
ROOTS = {"Event"}  # it has no fields of its own: what builds on it has them
SCHEMA = REFERENCE / "schema.json"


def public_classes() -> list[type]:
    """Every class that a public module promises or that the reference of values describes."""
    found = {getattr(importlib.import_module(module), name) for module, name in _named()}
    classes = [kind for kind in found if inspect.isclass(kind) and kind.__name__ not in ROOTS]
    return sorted(classes, key=lambda kind: kind.__name__)


def _named() -> list[tuple[str, str]]:
    modules = [module for module in PUBLIC_MODULES if module not in STAND_INS]
    promised = [(module, name) for module in modules for name in importlib.import_module(module).__all__]
    described = re.findall(r"autoclass:: (\S+)\.(\w+)", (REFERENCE / "values.md").read_text(encoding="utf-8"))
    return [*((module, name) for module, name in promised if name != "errors"), *described]


def can_be_written(kind: Any) -> bool:
    """Whether a class has a schema: it holds no secret, and nothing but values."""
    try:
        json_schema(kind)
    except InvalidInputError:
        return False
    return True


def schema_text() -> str:
    """The file as it has to be."""
    schema = json_schema_of_all(kind for kind in public_classes() if can_be_written(kind))
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
