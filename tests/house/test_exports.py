"""Every type that a caller meets can be imported from a promised place, and from one only."""

import importlib
import inspect
import re
import typing
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import attrs
import pytest

import dcss_core
from dcss_core import Agency, moving, open_agency
from dcss_core.base.lazy_names import PUBLIC_MODULES

AREAS = {
    name: typing.get_type_hints(each.func)["return"]
    for name, each in vars(Agency).items()
    if isinstance(each, cached_property) and not name.startswith("_")
}


def doors() -> Iterator[tuple[str, Any]]:
    """Every public function a front end calls: the verbs of an open agency, what opens and what moves one."""
    for area, kind in AREAS.items():
        for name, verb in vars(kind).items():
            if inspect.isfunction(verb) and not name.startswith("_"):
                yield f"agency.{area}.{name}", verb
    for name in ("create_key_file", "open_agency", "read_key_file"):
        yield name, getattr(dcss_core, name)
    for name in ("export_agency", "import_agency", "verify_agency"):
        yield f"moving.{name}", getattr(moving, name)


def types_met() -> dict[type, str]:
    """Every type of ours that a door takes or returns, or that is reached through fields and properties."""
    met: dict[type, str] = {Agency: "open_agency"}  # its areas are verbs, and each is looked at as such
    for name, door in doors():
        for hint in typing.get_type_hints(inspect.unwrap(door)).values():
            _meet(hint, name, met)
    return {kind: via for kind, via in met.items() if kind is not Agency}


def _meet(hint: Any, via: str, met: dict[type, str]) -> None:
    if isinstance(hint, list | tuple):
        for each in hint:
            _meet(each, via, met)
        return
    if typing.get_origin(hint) is not None:
        _meet(typing.get_args(hint), via, met)
        hint = typing.get_origin(hint)
    if not inspect.isclass(hint) or not hint.__module__.startswith("dcss_core") or hint in met:
        return
    met[hint] = via
    for name, reached in _fields_and_properties(hint):
        _meet(reached, f"{hint.__name__}.{name}", met)


def _fields_and_properties(kind: type) -> Iterator[tuple[str, Any]]:
    if attrs.has(kind):
        hints = typing.get_type_hints(kind)
        yield from ((each.name, hints[each.name]) for each in attrs.fields(kind) if each.name[0] != "_")
    for name, member in inspect.getmembers(kind, lambda each: isinstance(each, property)):
        if not name.startswith("_"):
            yield name, typing.get_type_hints(member.fget).get("return")


def homes() -> dict[int, list[str]]:
    """Where each promised name can be imported from, by the identity of its value."""
    found: dict[int, list[str]] = {}
    for module in PUBLIC_MODULES:
        public = importlib.import_module(module)
        for name in public.__all__:
            found.setdefault(id(getattr(public, name)), []).append(f"{module}.{name}")
    return found


def test_every_type_a_caller_meets_is_exported() -> None:
    promised = homes()
    assert len(types_met()) > 90
    missing = {f"{kind.__module__}.{kind.__name__}": via for kind, via in types_met().items()}
    for kind in types_met():
        if id(kind) in promised:
            del missing[f"{kind.__module__}.{kind.__name__}"]
    assert missing == {}


def test_every_promised_name_stands_in_one_public_module() -> None:
    assert [places for places in homes().values() if len(places) > 1] == []


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_type_checkers_and_the_program_see_the_same_names(module: str) -> None:
    public = importlib.import_module(module)
    source = inspect.getsource(public)
    if "lazy_names(" not in source:
        pytest.skip("this module imports its names outright")
    assert set(re.findall(r"\b(\w+) as \1\b", source)) == set(public.__all__)


def test_a_name_that_moved_is_refused_with_its_new_place() -> None:
    with pytest.raises(
        ImportError, match=r"'dcss_core' has no name 'SignedIn'; it stands in dcss_core\.users"
    ):
        exec("from dcss_core import SignedIn")  # noqa: S102  # what a reader of an older page writes


def test_a_name_nobody_promises_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'dcss_core' has no name 'Walrus'"):
        dcss_core.Walrus  # noqa: B018
    assert not hasattr(dcss_core, "__wrapped__")


def test_what_opens_an_agency_stands_with_the_words_of_everybody() -> None:
    assert len(dcss_core.__all__) <= 25
    assert dcss_core.open_agency is open_agency


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert dcss_core.__version__ == version("dcss-core")
