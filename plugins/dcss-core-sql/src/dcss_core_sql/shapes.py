"""Shapes: how a collection was declared when its table was made, as JSON.

Decides the form in which a declaration stands in the database, and how it differs from the present one.
Invariant: what can't be read is said to be so, and taken for no shape.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dcss_core import errors
from dcss_core.plugins import Collection, Field, FieldKind


def written(collection: Collection) -> str:
    """A declaration as it is stored."""
    fields = [
        {"name": field.name, "kind": field.kind.value, "optional": field.optional}
        for field in collection.fields
    ]
    shape = {
        "name": collection.name,
        "fields": fields,
        "key": collection.key,
        "unique": collection.unique,
        "indexes": collection.indexes,
        "log": collection.log,
        "stream": collection.stream,
    }
    return json.dumps(shape)


def faults_of(shape: str, collection: Collection) -> Sequence[errors.Fault]:
    """Where a declaration differs from the stored one."""
    if shape == written(collection):
        return ()
    try:
        stored = read(json.loads(shape))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, errors.InvalidInputError):
        return (errors.Fault(collection.name, "a stored shape that can't be read", "one written here"),)
    return collection.differences_from(stored)


def read(shape: Mapping[str, Any]) -> Collection:
    """The declaration that a shape tells; raises KeyError, ValueError, TypeError for what tells none."""
    fields = [Field(each["name"], FieldKind(each["kind"]), each["optional"]) for each in shape["fields"]]
    unique, indexes = (tuple(map(tuple, shape[part])) for part in ("unique", "indexes"))
    return Collection(
        shape["name"],
        tuple(fields),
        shape["key"],
        unique,
        indexes,
        log=shape["log"],
        stream=shape.get("stream"),  # databases made before logs had streams don't say it
    )
