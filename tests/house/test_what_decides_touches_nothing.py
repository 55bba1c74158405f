"""What stands below the ports imports from a short list, and calls no clock and opens nothing.

A list of what is forbidden forgets something; a list of what is allowed does not. Every area that is
not named in ABOVE is judged, so a new one is judged from its first day. Which way imports inside the
library point is import-linter's to hold (tests/house/test_imports.py).
"""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = Path(__file__).parents[2] / "src" / "dcss_core"
ABOVE: Final = {
    "__init__.py",
    "agency",
    "command",
    "memory",
    "moving",
    "opening",
    "plugins",
    "ports",
    "running",
    "testing",
}

# Functions of their arguments alone. `datetime` has clocks, and they are in CLOCKS.
ALLOWED: Final = {
    *(
        "array",
        "attrs",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "collections",
        "collections.abc",
        "datetime",
    ),
    *("difflib", "enum", "fractions", "functools", "hashlib", "hmac", "html", "itertools", "json", "re"),
    *("operator", "textwrap", "types", "typing", "unicodedata"),
}
ALLOWED_IN: Final = {
    "errors.py": {"copyreg"},  # how an error is pickled
    "base/expected_types.py": {"inspect", "sys", "types"},  # the signature a caller is held to
    "base/generated_source.py": {"compile", "exec", "linecache"},  # source that is written in the library
    "base/json/converter.py": {"cattrs"},  # a converter that other programs add their own types to
    "base/json/schema.py": {"inspect"},  # the sentence that describes a class
    # where a public name stands; what is imported is named in the library itself
    "base/lazy_names.py": {"importlib", "importlib.util", "sys", "types"},
    "users/hashing/argon2id.py": {  # a hash of what it is given; the salt is an argument
        "cryptography.exceptions",
        "cryptography.hazmat.primitives.kdf",
    },
    "users/hashing/pbkdf2.py": {
        "cryptography.exceptions",
        "cryptography.hazmat.primitives.hashes",
        "cryptography.hazmat.primitives.kdf",
    },
    "users/second_factor/totp.py": {  # a code of a secret and an instant, both arguments
        "cryptography.hazmat.primitives.hashes",
        "cryptography.hazmat.primitives.twofactor",
        "cryptography.hazmat.primitives.twofactor.totp",
    },
    "audit/signed_note.py": {  # a signature under a key it is given
        "cryptography.exceptions",
        "cryptography.hazmat.primitives.asymmetric.ed25519",
    },
    # the files of a rule package, and nothing else
    "rules": {"csv", "importlib.resources", "importlib.resources.abc", "io", "pathlib", "tomllib"},
    "rules/files/loader.py": {"importlib"},  # the package whose folder it reads
}
BUILTINS: Final = {
    *("open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint", "globals"),
    *("__builtins__", "__loader__", "__spec__"),
}
CLOCKS: Final = {"now", "today", "utcnow", "fromtimestamp", "utcfromtimestamp"}
FILES: Final = {  # what `io` and a Path could do beside reading
    *("open", "write_text", "write_bytes", "touch", "mkdir", "unlink", "rmdir", "cwd", "home", "expanduser"),
}


def faults_below_the_ports(source: Path) -> list[str]:
    """What the modules below the ports import, call or reach for and may not, and where it stands."""
    found = []
    for file in sorted(source.rglob("*.py")):
        where = file.relative_to(source)
        if where.parts[0] not in ABOVE:
            allowed = (
                ALLOWED | ALLOWED_IN.get(where.parts[0], set()) | ALLOWED_IN.get(where.as_posix(), set())
            )
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                found += [f"{where.as_posix()}:{node.lineno} {what}" for what in _faults_of(node, allowed)]
    return found


def _faults_of(node: ast.AST, allowed: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"import {name.name}" for name in node.names if not _may_import(name.name, allowed))
    elif isinstance(node, ast.ImportFrom):
        if node.level or not _may_import(node.module or "", allowed):
            yield f"from {'.' * node.level}{node.module or ''}"
        yield from (name.name for name in node.names if name.name in BUILTINS | CLOCKS | FILES)
    elif isinstance(node, ast.Name) and node.id in BUILTINS - allowed:
        yield node.id
    elif isinstance(node, ast.Attribute) and node.attr in CLOCKS | FILES:
        yield f".{node.attr}"
    elif isinstance(node, ast.Call) and _reads_the_local_time_zone(node):
        yield ".astimezone()"


def _may_import(module: str, allowed: set[str]) -> bool:
    return module.split(".")[0] == "dcss_core" or module in allowed


def _reads_the_local_time_zone(call: ast.Call) -> bool:
    named_so = isinstance(call.func, ast.Attribute) and call.func.attr == "astimezone"
    return named_so and not call.args and not call.keywords


def test_nothing_below_the_ports_touches_the_outside() -> None:
    assert faults_below_the_ports(SOURCE) == []


def test_every_exception_is_still_needed() -> None:
    for where, modules in ALLOWED_IN.items():
        place = SOURCE / where
        files = place.rglob("*.py") if place.is_dir() else [place]
        text = "\n".join(file.read_text(encoding="utf-8") for file in files)
        assert [
            name
            for name in modules
            if not any(used in text for used in (f"from {name} ", f"import {name}", f"{name}("))
        ] == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source, to plant violations in."""
    copy = tmp_path_factory.mktemp("house") / "dcss_core"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def planted(copy: Path, module: str, text: str) -> list[str]:
    """The faults found once this module has been planted; it is taken out again."""
    file = copy / module
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'"""Planted."""\n\n{text}\n', encoding="utf-8")
    try:
        return [fault for fault in faults_below_the_ports(copy) if fault.startswith(f"{module}:")]
    finally:
        file.unlink()


@pytest.mark.parametrize("area", ["users", "cases", "payments", "audit", "base", "rules", "an_area_to_come"])
def test_a_planted_import_is_caught_in_every_area(copy: Path, area: str) -> None:
    module = f"{area}/planted.py"
    assert planted(copy, module, "import urllib.request") == [f"{module}:3 import urllib.request"]


@pytest.mark.parametrize(
    "text",
    [
        *("import os", "import time", "from time import monotonic", "import http.client", "import tempfile"),
        *("import urllib.request", "from zoneinfo import available_timezones", "import importlib"),
        *(
            "import builtins",
            "import sys",
            "import io",
            "from pathlib import Path",
            "from importlib import resources",
        ),
        *("import csv", "from cryptography.fernet import Fernet", "import cattrs", "from . import ledger"),
        *(
            "import uuid",
            "import random",
            "import secrets",
            "import threading",
            "import platform",
            "import locale",
        ),
        *("RATES = open('rates.txt')", "READ = open", "print('here')", "input()", "breakpoint()"),
        *("exec('x = 1')", "eval('1')", "__import__('os')", "__builtins__['open']"),
        "from datetime import datetime\n\nNOW = datetime.now()",
        "from datetime import datetime as clock\n\nREAD = clock.utcnow",
        "import datetime\n\nTODAY = datetime.date.today()",
        "from datetime import date\n\nTODAY = date.today()",
        "from datetime import date\n\nDAY = date.fromtimestamp(0)",
        "from datetime import datetime, timezone\n\nTHEN = datetime.fromtimestamp(0, timezone.utc)",
        "from datetime import datetime\n\nLOCAL = datetime(2026, 1, 1).astimezone()",
    ],
)
def test_a_planted_door_or_clock_is_caught(copy: Path, text: str) -> None:
    assert planted(copy, "payments/planted.py", text) != []


@pytest.mark.parametrize(
    "text",
    [
        "from io import open",
        "from pathlib import Path\n\nPath('law.toml').write_text('')",
        "from pathlib import Path\n\nHERE = Path.cwd()",
        "import os",
    ],
)
def test_the_rules_may_read_a_package_and_do_no_more(copy: Path, text: str) -> None:
    assert planted(copy, "rules/planted.py", text) != []


def test_arithmetic_passes(copy: Path) -> None:
    text = "from datetime import UTC, datetime\n\nSTART = datetime(2026, 1, 1, tzinfo=UTC).astimezone(UTC)"
    assert planted(copy, "payments/planted.py", text) == []
