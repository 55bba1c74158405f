"""json_schema(): what JSON Schema (2020-12) says of a public value.

Decides the schema from the same table of leaves and the same shapes as `json_converter`, so that what is
written is valid and what is valid in form can be read. Invariants: nothing is read but the class itself;
a type that the converter refuses has no schema; a field without a default is required.
"""

from collections.abc import Iterable
from inspect import getdoc
from typing import Any, Final

from dcss_core.base.json.leaves import WRITABLE, leaf_of, refused
from dcss_core.base.json.shape import (
    SENTENCE,
    TAG,
    container_of,
    fields_of,
    is_secret,
    is_tagged,
    is_value_class,
    item_of,
    items_in_place,
    key_and_value_of,
    name_of,
    own_tag_of,
    says_a_sentence,
    secret_fields,
    union_members,
)
from dcss_core.errors import Fault, InvalidInputError, InvariantError

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DEFINITIONS: Final = "#/$defs/"


def json_schema(kind: Any, *, inline: bool = False) -> dict[str, Any]:
    """The JSON Schema of a public value, or of a union, list or mapping of them.

    Classes stand under `$defs`. `inline=True` writes each out where it is used, for a document with a root
    of its own, as OpenAPI. Raises InvalidInputError for what `json_converter()` never writes.
    """
    writing = _Writing(inline)
    schema = writing.schema_of(kind)
    definitions = {"$defs": dict(sorted(writing.definitions.items()))} if writing.definitions else {}
    return schema if inline else {"$schema": DIALECT} | schema | definitions


def json_schema_of_all(kinds: Iterable[Any]) -> dict[str, Any]:
    """One schema with all these classes, and those they hold, under `$defs`."""
    writing = _Writing(inline=False)
    for kind in kinds:
        writing.schema_of(kind)
    return {"$schema": DIALECT, "$defs": dict(sorted(writing.definitions.items()))}


class _Writing:
    """One document: its definitions as they come up."""

    def __init__(self, inline: bool) -> None:
        self.inline = inline
        self.definitions: dict[str, dict[str, Any]] = {}
        self._kinds: dict[str, Any] = {}
        self._inside: list[type] = []

    def schema_of(self, hint: Any) -> dict[str, Any]:
        leaf = leaf_of(hint)
        if leaf is not None:
            plain = dict(leaf.schema)
            return self._named(hint, plain) if hint.__module__.startswith("dcss_core") else plain
        if union_members(hint):
            return self._union(union_members(hint))
        if key_and_value_of(hint):
            return self._mapping(*key_and_value_of(hint))
        if items_in_place(hint):
            items = [self.schema_of(item) for item in items_in_place(hint)]
            return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
        item = item_of(hint)
        if item is not None:
            unique = {"uniqueItems": True} if issubclass(container_of(hint), frozenset | set) else {}
            return {"type": "array", "items": self.schema_of(item)} | unique
        if is_value_class(hint):
            return self._class(hint)
        found = "a secret" if is_secret(hint) else f"the type {name_of(hint)}"
        raise refused(found, WRITABLE)

    def _class(self, kind: type) -> dict[str, Any]:
        held = secret_fields(kind)
        if held:
            faults = [
                Fault(f"{kind.__name__}.{name}", found, "nothing that is secret") for name, found in held
            ]
            raise InvalidInputError(f"{kind.__name__} is never JSON, for it holds a secret", faults=faults)
        if self._kinds.get(kind.__name__) is kind and not self.inline:
            return {
                "$ref": _DEFINITIONS + kind.__name__
            }  # also while it is being written, if it holds itself
        if kind in self._inside:
            raise refused(f"{kind.__name__}, which holds itself", "a schema with $defs; leave `inline` out")
        self._note(kind)
        self._inside.append(kind)
        written = self._named(kind, self._object(kind))
        self._inside.pop()
        return written

    def _object(self, kind: type, tag: str | None = None) -> dict[str, Any]:
        fields = fields_of(kind)
        tag = tag or own_tag_of(kind).get(TAG)
        properties: dict[str, Any] = {TAG: {"const": tag}} if tag else {}
        properties |= {each.name: self.schema_of(each.hint) for each in fields}
        if says_a_sentence(kind):
            properties[SENTENCE] = {"type": "string", "readOnly": True}
        required = [*([TAG] if tag else []), *(each.name for each in fields if not each.has_default)]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _union(self, members: tuple[Any, ...]) -> dict[str, Any]:
        if not is_tagged(members):
            return {"anyOf": [self.schema_of(member) for member in members]}
        return {"oneOf": [self._tagged(member) for member in members]}

    def _tagged(self, member: Any) -> dict[str, Any]:
        name = name_of(member)
        if is_value_class(member):
            self.schema_of(member)  # refuses what holds a secret
            return self._object(member, name)
        return {
            "type": "object",
            "properties": {TAG: {"const": name}, "value": self.schema_of(member)},
            "required": [TAG, "value"],
            "additionalProperties": False,
        }

    def _mapping(self, key: Any, value: Any) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "additionalProperties": self.schema_of(value)}
        return schema if key is str else schema | {"propertyNames": self.schema_of(key)}

    def _named(self, kind: Any, schema: dict[str, Any]) -> dict[str, Any]:
        described = {"description": _summary(kind)} | schema
        if self.inline:
            return described
        self._note(kind)
        self.definitions[kind.__name__] = described
        return {"$ref": _DEFINITIONS + kind.__name__}

    def _note(self, kind: type) -> None:
        if self._kinds.setdefault(kind.__name__, kind) is not kind:
            raise InvariantError(f"two public values are called {kind.__name__}")


def _summary(kind: type) -> str:
    return (getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")
