"""A plugin stands on what the library promises: its public modules, and in them the names of `__all__`."""

import ast
import importlib
import tomllib
from pathlib import Path

import pytest

from dcss_core.base.lazy_names import PUBLIC_MODULES

REPOSITORY = Path(__file__).parents[2]
PLUGINS = sorted(REPOSITORY.glob("plugins/dcss-core-*"))


def private_imports(text: str) -> list[str]:
    """Every import of `dcss_core` that is not a promised name of a public module."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [
                name.name for name in node.names if _is_ours(name.name) and name.name not in PUBLIC_MODULES
            ]
        elif isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            found += [
                f"{node.module}.{name.name}"
                for name in node.names
                if not _is_promised(node.module, name.name)
            ]
    return found


def _is_ours(module: str) -> bool:
    return module.split(".")[0] == "dcss_core"


def _is_promised(module: str, name: str) -> bool:
    return module in PUBLIC_MODULES and name in importlib.import_module(module).__all__


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_a_reference_plugin_imports_only_promised_names(plugin: Path) -> None:
    sources = sorted(plugin.glob("src/**/*.py"))
    assert sources
    found = {
        str(file.relative_to(plugin)): private_imports(file.read_text(encoding="utf-8")) for file in sources
    }
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import dcss_core.payments.ledger",
        "from dcss_core.ports.storage import Storage",
        "from dcss_core import base",
        "from dcss_core.plugins import declarations",
        "from dcss_core.plugins import *",
    ],
)
def test_a_planted_private_import_is_caught(line: str) -> None:
    assert private_imports(line) != []


@pytest.mark.parametrize(
    "line", ["import dcss_core", "from dcss_core.plugins import Storage", "import dcss_coreish"]
)
def test_a_promised_name_passes(line: str) -> None:
    assert private_imports(line) == []


def test_no_setting_lists_the_plugins_by_name_but_the_extras() -> None:
    tox = (REPOSITORY / "tox.ini").read_text(encoding="utf-8")
    settings = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(settings)["project"]["optional-dependencies"]
    names = [plugin.name for plugin in PLUGINS]
    assert [name for name in names if name in tox or f"plugins/{name}" in settings] == []
    assert tox.count("{glob:plugins/dcss-core-*}") == 3  # the wheels twice, the editable ones once
    of_the_core, of_a_plugin = ("command", "telemetry"), ("migrations", "postgresql")
    others = ("testing", "all", *of_the_core, *of_a_plugin)
    extras = {extra: needed for extra, needed in project.items() if extra not in others}
    assert extras == {name.removeprefix("dcss-core-"): [name] for name in names}
    assert project["all"] == [f"dcss-core[{','.join(sorted([*extras, *of_the_core, *of_a_plugin]))}]"]
