"""json_converter(): public values as JSON for other people's programs, and back.

Decides what a value looks like outside: money as `"150.00"`, months and days in ISO form, instants in
UTC, enums by their value, identifiers by their text, tuples as lists. Invariants: what is written can be
read back and is equal; reading is strict, and a refusal lists every fault with its path; a fault of a leaf
never repeats what was given, a fault of an object is told in its class's own words; a Secret is refused on
the way out and on the way in, wherever it stands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from typing import Any, Final, TypeAlias

import attrs
import cattrs

from dcss_core.base.json.leaves import WRITABLE, json_word, leaf_of, refused
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
    look_of,
    name_of,
    own_tag_of,
    says_a_sentence,
    secret_fields,
    union_members,
)
from dcss_core.errors import DcssError, Fault, InvalidInputError

Write: TypeAlias = Callable[[cattrs.Converter, Any, Any], Any]
Read: TypeAlias = Callable[[cattrs.Converter, Any, Any], Any]
_SINGLE_DISPATCH: Final = (str, int, bool, float, bytes)  # cattrs looks these up before it asks any predicate
_OUT: Final = "a value that may be shown; nothing in JSON is secret"


def json_converter() -> cattrs.Converter:
    """A cattrs converter for every public value; a new one each time, to which you may add your own types.

    `converter.unstructure(value)` gives what `json.dumps` takes, `converter.structure(plain, Statement)` the
    value again. For a union give the declared type, `unstructure(outcome, unstructure_as=SignInOutcome)`: its
    `type` key says which member it is. Raises InvalidInputError with every fault, for a Secret above all.
    """
    converter = _Converter(forbid_extra_keys=True)
    kinds: tuple[tuple[Callable[[Any], bool], Write, Read], ...] = (
        (lambda hint: True, _refuse_to_write, _refuse_to_read),
        (lambda hint: hint in (list, tuple, Sequence), _write_any_list, _refuse_to_read),
        (lambda hint: hint in (dict, Mapping), _write_any_mapping, _refuse_to_read),
        (lambda hint: bool(key_and_value_of(hint)), _write_mapping, _read_mapping),
        (lambda hint: item_of(hint) is not None, _write_list, _read_list),
        (lambda hint: bool(items_in_place(hint)), _write_places, _read_places),
        (lambda hint: bool(union_members(hint)), _write_union, _read_union),
        (is_value_class, _write_object, _read_object),
        (lambda hint: leaf_of(hint) is not None, _write_leaf, _read_leaf),
        (is_secret, _refuse_to_write_secret, _refuse_to_read_secret),
    )
    for is_kind, write, read in kinds:
        converter.register_unstructure_hook_factory(is_kind, partial(_writing, converter, write))
        converter.register_structure_hook_factory(is_kind, partial(_reading, converter, read))
    for kind in _SINGLE_DISPATCH:
        converter.register_unstructure_hook(kind, partial(_write_basic, converter, kind))
        converter.register_structure_hook(kind, lambda given, hint: _read_leaf(converter, hint, given))
    return converter


class _Converter(cattrs.Converter):
    """One that refuses what has no end: a value that holds itself, or that is nested too deep."""

    def unstructure(self, obj: Any, unstructure_as: Any = None) -> Any:
        try:
            return super().unstructure(obj, unstructure_as)
        except RecursionError:
            raise refused("a value nested too deep, or one that holds itself", WRITABLE) from None


def _writing(converter: cattrs.Converter, write: Write, hint: Any) -> Callable[[Any], Any]:
    return lambda value: write(converter, hint, value)


def _reading(converter: cattrs.Converter, read: Read, hint: Any) -> Callable[[Any, Any], Any]:
    return lambda given, _: read(converter, hint, given)


def _all(parts: Iterable[tuple[str, Callable[[], Any]]], expected: str) -> list[Any]:
    """What each part gives; raises InvalidInputError with the faults of all, each with its path."""
    made, faults = [], []
    for place, part in parts:
        try:
            made.append(part())
        except InvalidInputError as error:
            faults += [attrs.evolve(fault, where=f"${place}{fault.where[1:]}") for fault in _rooted(error)]
    if faults:
        raise InvalidInputError(f"this is not {expected} in JSON", faults=faults)
    return made


def _rooted(error: DcssError) -> list[Fault]:
    faults = error.faults or (Fault("$", "what its type refuses", str(error)),)
    # a value's own constructor says where in its own words
    return [fault if fault.where.startswith("$") else attrs.evolve(fault, where="$") for fault in faults]


def _written(converter: cattrs.Converter, hint: Any, value: object) -> Any:
    return converter.get_unstructure_hook(hint)(value)


def _read(converter: cattrs.Converter, hint: Any, given: object) -> Any:
    return converter.get_structure_hook(hint)(given, hint)


# --- leaves ------------------------------------------------------------------------------------------
def _write_leaf(converter: cattrs.Converter, hint: Any, value: object) -> Any:
    leaf = leaf_of(hint)
    return _refuse_to_write(converter, hint, value) if leaf is None else leaf.written(value)


def _write_basic(converter: cattrs.Converter, kind: type, value: object) -> Any:
    # an enum of texts or numbers comes here too
    return _write_leaf(converter, type(value) if isinstance(value, Enum) else kind, value)


def _read_leaf(converter: cattrs.Converter, hint: Any, given: object) -> Any:
    leaf = leaf_of(hint)
    if leaf is None:
        return _refuse_to_read(converter, hint, given)
    return _all([("", lambda: leaf.value_of(given))], name_of(hint))[0]


# --- objects -----------------------------------------------------------------------------------------
def _write_object(converter: cattrs.Converter, kind: Any, value: object) -> dict[str, Any]:
    found: Any = type(value)
    if found is not kind:  # of another class, and of a subclass too: its own fields would be lost
        raise refused(found.__name__, kind.__name__)
    _refuse_secret_fields(kind)
    fields = fields_of(kind)
    parts = [
        (f".{each.name}", partial(_field_written, converter, each.hint, value, each.name)) for each in fields
    ]
    sentence = {SENTENCE: getattr(value, SENTENCE)} if says_a_sentence(kind) else {}
    return (
        own_tag_of(kind)
        | dict(zip((each.name for each in fields), _all(parts, kind.__name__), strict=True))
        | sentence
    )


def _field_written(converter: cattrs.Converter, hint: Any, value: object, name: str) -> Any:
    return _written(converter, hint, getattr(value, name))


def _read_object(converter: cattrs.Converter, kind: Any, given: object) -> Any:
    if type(given) is not dict:
        raise refused(json_word(given), f"the object of {kind.__name__}")
    _refuse_secret_fields(kind)
    fields = {each.name: each for each in fields_of(kind)}
    given_or_needed = [name for name, each in fields.items() if name in given or not each.has_default]
    parts: list[tuple[str, Callable[[], Any]]] = [
        (f".{name}", partial(_field_read, converter, fields[name].hint, given, name))
        for name in given_or_needed
    ]
    tag = own_tag_of(kind)
    if tag and given.get(TAG) != kind.__name__:
        raise refused("an object", f"one whose '{TAG}' is {kind.__name__}")
    ignored = {*tag, *([SENTENCE] if says_a_sentence(kind) else [])}
    parts += [("", partial(_refuse_key, kind)) for key in given if key not in fields and key not in ignored]
    values = _all(parts, kind.__name__)
    try:
        return kind(**dict(zip(given_or_needed, values, strict=True)))
    except DcssError as error:
        faults = _rooted(error)
        raise InvalidInputError(f"this is not {kind.__name__} in JSON", faults=faults) from None


def _field_read(converter: cattrs.Converter, hint: Any, given: Mapping[str, object], name: str) -> Any:
    if name not in given:
        raise refused("nothing", "a value")
    return _read(converter, hint, given[name])


def _refuse_key(kind: type) -> None:
    # the key is not repeated: a stranger wrote it
    names = ", ".join(each.name for each in fields_of(kind))
    raise refused("a key that is not known", f"only {names}" if names else "no keys")


def _refuse_secret_fields(kind: type) -> None:
    faults = [Fault(f"$.{name}", held, _OUT) for name, held in secret_fields(kind)]
    if faults:
        raise InvalidInputError(f"{kind.__name__} is never JSON, for it holds a secret", faults=faults)


# --- lists, sets, mappings ------------------------------------------------------------------------------
def _write_list(converter: cattrs.Converter, hint: Any, value: object) -> list[Any]:
    container = container_of(hint)
    if not isinstance(value, container):
        raise refused(type(value).__name__, container.__name__)
    item = item_of(hint)
    parts = [(f"[{place}]", partial(_written, converter, item, each)) for place, each in enumerate(value)]
    written = _all(parts, "a list")
    return sorted(written) if isinstance(value, frozenset | set) else written


def _read_list(converter: cattrs.Converter, hint: Any, given: object) -> Any:
    item = item_of(hint)
    parts = [(f"[{place}]", partial(_read, converter, item, each)) for place, each in enumerate(_list(given))]
    read = _all(parts, "a list")
    container = container_of(hint)
    if issubclass(container, frozenset | set) and len(set(read)) < len(read):
        raise refused("the same twice", "each once")
    return container(read)


def _list(given: object) -> list[Any]:
    if type(given) is not list:
        raise refused(json_word(given), "a list")
    return given


def _write_places(converter: cattrs.Converter, hint: Any, value: object) -> list[Any]:
    items = items_in_place(hint)
    if type(value) is not tuple or len(value) != len(items):
        raise refused(type(value).__name__, f"a tuple of {len(items)}")
    places = enumerate(zip(items, value, strict=True))
    return _all(((f"[{at}]", partial(_written, converter, *each)) for at, each in places), "a list")


def _read_places(converter: cattrs.Converter, hint: Any, given: object) -> tuple[Any, ...]:
    items = items_in_place(hint)
    if len(_list(given)) != len(items):
        raise refused(f"a list of {len(_list(given))}", f"a list of {len(items)}")
    places = enumerate(zip(items, _list(given), strict=True))
    return tuple(_all(((f"[{at}]", partial(_read, converter, *each)) for at, each in places), "a list"))


def _write_mapping(converter: cattrs.Converter, hint: Any, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise refused(type(value).__name__, "a mapping")
    key_hint, value_hint = key_and_value_of(hint)
    keys = _all((("", partial(_written, converter, key_hint, key)) for key in value), "a mapping")
    held = zip(keys, value.values(), strict=True)
    parts = [(f".{key}", partial(_written, converter, value_hint, each)) for key, each in held]
    return dict(zip(keys, _all(parts, "a mapping"), strict=True))


def _read_mapping(converter: cattrs.Converter, hint: Any, given: object) -> dict[Any, Any]:
    if type(given) is not dict:
        raise refused(json_word(given), "an object")
    key_hint, value_hint = key_and_value_of(hint)
    keys = _all((("", partial(_read, converter, key_hint, key)) for key in given), "a mapping")
    parts = [(".*", partial(_read, converter, value_hint, each)) for each in given.values()]
    return dict(zip(keys, _all(parts, "a mapping"), strict=True))


def _write_any_list(converter: cattrs.Converter, _hint: Any, value: Sequence[Any]) -> list[Any]:
    parts = [(f"[{at}]", partial(_written, converter, type(each), each)) for at, each in enumerate(value)]
    return _all(parts, "a list")


def _write_any_mapping(converter: cattrs.Converter, _hint: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    keys = _all((("", partial(_written, converter, str, key)) for key in value), "a mapping")
    held = zip(keys, value.values(), strict=True)
    parts = [(f".{key}", partial(_written, converter, type(each), each)) for key, each in held]
    return dict(zip(keys, _all(parts, "a mapping"), strict=True))


# --- unions ------------------------------------------------------------------------------------------
def _write_union(converter: cattrs.Converter, hint: Any, value: object) -> Any:
    members = union_members(hint)
    member = next((each for each in members if _is_of(each, value)), None)
    if member is None:
        if is_secret(type(value)):
            return _refuse_to_write_secret(converter, type(value), value)
        raise refused(type(value).__name__, f"one of {', '.join(map(name_of, members))}")
    written = _written(converter, member, value)
    if not is_tagged(members):
        return written
    name = {TAG: name_of(member)}
    return name | written if is_value_class(member) else name | {"value": written}


def _is_of(member: Any, value: object) -> bool:
    if leaf_of(member) is not None or is_value_class(member) or is_secret(member):
        return type(value) is member
    return isinstance(value, container_of(member))


def _read_union(converter: cattrs.Converter, hint: Any, given: object) -> Any:
    members = union_members(hint)
    if not is_tagged(members):
        return _read(converter, _member_that_looks_like(members, given), given)
    named = {name_of(member): member for member in members}
    tag = given.get(TAG) if type(given) is dict else None
    if type(given) is not dict or type(tag) is not str or tag not in named:
        raise refused(json_word(given), f"an object whose '{TAG}' is one of {', '.join(named)}")
    rest = {key: each for key, each in given.items() if key != TAG}
    if is_value_class(named[tag]):
        return _read(converter, named[tag], rest | own_tag_of(named[tag]))
    if set(rest) != {"value"}:
        raise refused("an object with other keys", f"the keys '{TAG}' and 'value'")
    return _all([(".value", partial(_read, converter, named[tag], rest["value"]))], tag)[0]


def _member_that_looks_like(members: tuple[Any, ...], given: object) -> Any:
    looks = {
        str: "string",
        bool: "boolean",
        int: "integer",
        type(None): "null",
        list: "array",
        dict: "object",
    }
    look = looks.get(type(given))
    for member in members:
        if look_of(member) == look:
            return member
    # with None beside it, the other member says best what was expected
    return next(each for each in members if each is not type(None))


# --- what can't be JSON ----------------------------------------------------------------------------------
def _refuse_to_write(_converter: cattrs.Converter, hint: Any, value: object) -> Any:
    raise refused(type(value).__name__, WRITABLE)


def _refuse_to_read(_converter: cattrs.Converter, hint: Any, given: object) -> Any:
    raise refused(json_word(given), f"nothing: JSON can't be read as {name_of(hint)}")


def _refuse_to_write_secret(_converter: cattrs.Converter, hint: Any, value: object) -> Any:
    raise refused(f"{type(value).__name__}, a secret", _OUT)


def _refuse_to_read_secret(_converter: cattrs.Converter, hint: Any, given: object) -> Any:
    raise refused(
        "JSON", f"a {hint.__name__} is a secret and is never read from JSON; make it from a form field"
    )
