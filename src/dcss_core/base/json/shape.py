"""Shapes of JSON: what the type hint of a value means in JSON.

Decides which types can be written at all: leaves, value classes, lists, sets, mappings with text as
keys, and unions of these. A union is told apart by a `type` key where its members would look alike.
Invariants: what can't be read from the hint is refused and never guessed; a class that declares a
secret, or a field that its `repr` hides, is refused whole, even while that field is None.
"""

import typing
from collections.abc import Mapping, Sequence, Set
from functools import cache
from typing import Any, Final

import attrs

from dcss_core.base.json.leaves import leaf_of
from dcss_core.base.secret import Secret

_UNIONS: Final = (typing.Union, type(int | str))
_LISTS: Final = (tuple, list, Sequence, frozenset, set, Set)
TAG: Final = "type"
SENTENCE: Final = "sentence"
LONG_AND_NO_SECRET: Final = "long_and_no_secret"
"""The key in a field's metadata that says that its `repr` hides it for its length alone."""


@attrs.frozen
class ValueField:
    """A field of a value class: its name, its type and whether it may be left out when it is read."""

    name: str
    hint: Any
    has_default: bool


def is_secret(hint: Any) -> bool:
    """Whether a type is a Secret, such as an Ssn or a SessionToken."""
    return isinstance(hint, type) and issubclass(hint, Secret)


def is_value_class(hint: Any) -> bool:
    """Whether a type is an attrs class whose fields are all there to be seen, as its `repr` shows them."""
    if not (isinstance(hint, type) and attrs.has(hint)) or leaf_of(hint) is not None:
        return False
    shows_itself = hint.__repr__ is not object.__repr__
    return shows_itself and all(field.init and not field.name.startswith("_") for field in attrs.fields(hint))


@cache
def fields_of(kind: type) -> tuple[ValueField, ...]:
    """The fields of a value class, in their order."""
    hints = typing.get_type_hints(kind)
    return tuple(
        ValueField(field.name, hints[field.name], field.default is not attrs.NOTHING)
        for field in attrs.fields(kind)
    )


@cache
def secret_fields(kind: type) -> tuple[tuple[str, str], ...]:
    """The fields of a value class that hold a secret, with what they hold."""
    hidden = {
        field.name
        for field in attrs.fields(kind)
        if field.repr is False and not field.metadata.get(LONG_AND_NO_SECRET)
    }
    found = []
    for field in fields_of(kind):
        secret = _secret_in(field.hint)
        if secret is not None or field.name in hidden:
            found.append((field.name, f"{secret}, a secret" if secret else "what its repr hides"))
    return tuple(found)


def _secret_in(hint: Any) -> str | None:
    if is_secret(hint):
        return str(hint.__name__)
    inside = map(_secret_in, typing.get_args(hint))
    return next((name for name in inside if name is not None), None)


def union_members(hint: Any) -> tuple[Any, ...]:
    """The members of a union; none for what is no union."""
    return typing.get_args(hint) if typing.get_origin(hint) in _UNIONS else ()


def item_of(hint: Any) -> Any:
    """The type of the items of a list or set; None for what is neither."""
    if isinstance(hint, type) and issubclass(hint, tuple):  # a class of its own on a tuple
        hint = next(iter(getattr(hint, "__orig_bases__", ())), None)
    arguments = typing.get_args(hint)
    is_list = typing.get_origin(hint) in _LISTS and bool(arguments) and arguments[1:] in ((), (...,))
    return arguments[0] if is_list else None


def items_in_place(hint: Any) -> tuple[Any, ...]:
    """The types of a tuple of fixed length; none for what is no such tuple."""
    arguments = typing.get_args(hint)
    is_fixed = typing.get_origin(hint) is tuple and arguments[1:] not in ((), (...,))
    return arguments if is_fixed else ()


def key_and_value_of(hint: Any) -> tuple[Any, ...]:
    """The types of a mapping's keys and values; none for what is no mapping with text as keys."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) not in (Mapping, dict):
        return ()
    leaf = leaf_of(arguments[0])
    return arguments if leaf is not None and leaf.schema["type"] == "string" else ()


def container_of(hint: Any) -> Any:
    """The class that holds the items of a list, set or tuple once they are read."""
    origin = typing.get_origin(hint)
    if origin is None:
        return hint
    return {Sequence: tuple, Set: frozenset}.get(origin, origin)


def is_tagged(members: tuple[Any, ...]) -> bool:
    """Whether the members of a union would look alike in JSON, so that a `type` key tells them apart."""
    looks = [look_of(member) for member in members]
    return len(set(looks)) < len(looks)


def own_tag_of(kind: type) -> dict[str, str]:
    """The `type` key of a value class without fields, which would look like any other such class."""
    return {} if fields_of(kind) else {TAG: kind.__name__}


def says_a_sentence(kind: type) -> bool:
    """Whether a value has a sentence for the person it is about, which is no field of it."""
    return isinstance(getattr(kind, SENTENCE, None), property)


def name_of(hint: Any) -> str:
    """What a member of a union is called in its `type` key."""
    leaf = leaf_of(hint)
    if leaf is not None:
        return leaf.name
    return hint.__name__ if isinstance(hint, type) else look_of(hint)


def look_of(hint: Any) -> str:
    """What a type looks like in JSON: `string`, `integer`, `boolean`, `null`, `array` or `object`."""
    leaf = leaf_of(hint)
    if leaf is not None:
        return str(leaf.schema["type"])
    return "array" if item_of(hint) is not None or items_in_place(hint) else "object"
