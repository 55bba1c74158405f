"""Agencies that have lived a little, their exports, and places to import into."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dcss_core.moving import MoveReport, export_agency

from .lived import Lived, live


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """An agency in SQLite; nothing writes to it."""
    folder = tmp_path_factory.mktemp("lived")
    return live(f"sqlite:///{folder}/agency.db", folder)


@pytest.fixture(scope="session")
def whole(lived: Lived, tmp_path_factory: pytest.TempPathFactory) -> MoveReport:
    """Its export; nothing changes it."""
    return export_agency(lived.url, tmp_path_factory.mktemp("whole") / "export")


@pytest.fixture
def copy_url(lived: Lived, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the agency's database, to work with."""
    path = shutil.copy(lived.url.removeprefix("sqlite:///"), tmp_path_factory.mktemp("copy"))
    return f"sqlite:///{path}"


@pytest.fixture
def new_url(tmp_path: Path) -> str:
    """Where no database is yet."""
    return f"sqlite:///{tmp_path}/new.db"


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """What stands in the files of a folder."""
    return lambda folder: {each.name: each.read_bytes() for each in sorted(folder.iterdir())}
