"""Which URLs open a SQLite file, and what opening refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dcss_core.errors import BackendError, ConfigurationError
from dcss_core_sql.opening import open_storage
from dcss_core_sql.plugin import dcss_storage_backends


def test_sqlite_is_declared_and_its_factory_opens_a_file(tmp_path: Path) -> None:
    backend = next(iter(dcss_storage_backends()))
    storage = backend.factory(f"sqlite:///{tmp_path}/agency.db")
    storage.close()
    assert backend.key == "sqlite"
    assert (tmp_path / "agency.db").exists()


def test_declaring_databases_does_not_load_their_drivers() -> None:
    check = "import dcss_core_sql.plugin, sys; sys.exit('sqlite3' in sys.modules or 'psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_a_relative_path_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    storage = open_storage("sqlite:///agency.db")
    monkeypatch.chdir("/")
    storage.prepare([])
    storage.close()
    assert (tmp_path / "agency.db").stat().st_size > 0
    assert not Path("/agency.db").exists()


def test_a_new_file_and_its_log_are_readable_by_the_owner_alone(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path}/agency.db")
    storage.prepare([])
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    storage.close()
    assert modes == {"agency.db": 0o600, "agency.db-wal": 0o600, "agency.db-shm": 0o600}


def test_the_mode_of_an_existing_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "agency.db"
    file.touch()
    file.chmod(0o640)
    open_storage(f"sqlite:///{file}").close()
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
@pytest.mark.parametrize("mode", [0o666, 0o644, 0o602])
def test_a_database_that_everybody_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "agency.db"
    open_storage(f"sqlite:///{file}").close()
    file.chmod(mode)
    storage = open_storage(f"sqlite:///{file}")
    with pytest.raises(ConfigurationError, match="chmod 600"):
        storage.prepare([])
    file.chmod(0o600)
    storage.prepare([])
    storage.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused_with_a_hint(url: str) -> None:
    with pytest.raises(ConfigurationError, match="open 'memory:' instead"):
        open_storage(url)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite",
        "mysql://clerk:walrus@db/agency",
        "sqlite://clerk:walrus@host/agency.db",
        "sqlite:///agency.db?mode=walrus",
        "sqlite+pysqlcipher://:walrus@/agency.db",
        "sqlite:///file:walrus.db",
        "sqlite://host:walrus/agency.db",
        "sqlite:///clerk:walrus@host/agency.db",
        "sqlite:////clerk:walrus@host/agency.db",
        "sqlite:///:walrus@host/agency.db?busy_seconds=1",
        "sqlite:///clerk:wal/rus:walrus@host/walrus.db",
    ],
)
def test_any_other_url_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        open_storage(url)
    assert "sqlite:///agency.db" in str(refusal.value)
    assert "walrus" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("path", ["wal\0rus.db", "walrus\ud800.db"])
def test_a_path_that_no_system_can_read_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError, match="not the URL of a SQLite file") as refusal:
        open_storage(f"sqlite:///{path}")
    assert "walrus" not in str(refusal.value)


@pytest.mark.parametrize("path", ["with space.db", "per%20cent.db", "query#hash.db", "ümlaut&co=1.db"])
def test_a_path_is_taken_as_it_stands(tmp_path: Path, path: str) -> None:
    storage = open_storage(f"sqlite:///{tmp_path}/{path}")
    storage.prepare([])
    storage.close()
    assert [each.name for each in tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("options", "synchronous"),  # as numbered in https://www.sqlite.org/pragma.html#pragma_synchronous
    [("", 2), ("?synchronous=full", 2), ("?busy_seconds=1&synchronous=normal", 1), ("?synchronous=off", 0)],
)
def test_the_url_says_when_a_commit_is_on_disk(tmp_path: Path, options: str, synchronous: int) -> None:
    storage = open_storage(f"sqlite:///{tmp_path}/agency.db{options}")
    with storage.transaction(writes=False) as transaction:
        asked = transaction.cursor.execute("PRAGMA synchronous").fetchall()
    storage.close()
    assert asked == [(synchronous,)]


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        ("busy_seconds=-1", ["busy_seconds"]),
        ("busy_seconds=3601", ["busy_seconds"]),
        ("busy_seconds=", ["busy_seconds"]),
        ("synchronous=walrus", ["synchronous"]),
        ("synchronous=FULL", ["synchronous"]),
        ("busy_seconds=walrus&synchronous=walrus&walrus=1", ["options", "busy_seconds", "synchronous"]),
        ("busy_seconds=1&busy_seconds=2", ["options"]),
    ],
)
def test_every_fault_of_the_options_is_told_at_once(tmp_path: Path, options: str, faults: list[str]) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        open_storage(f"sqlite:///{tmp_path}/agency.db?{options}")
    assert [fault.where for fault in refusal.value.faults] == faults
    assert "walrus" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["sqlite://walrus.db", "sqlite://walrus.db/"])
def test_two_slashes_in_place_of_three_are_said(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"three slashes .* 'sqlite:///agency.db'") as refusal:
        open_storage(url)
    assert "walrus" not in str(refusal.value)


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing/agency\.db' can't be created"):
        open_storage(f"sqlite:///{tmp_path}/missing/agency.db")


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam, " * 300)
    with pytest.raises(ConfigurationError, match="is not a SQLite database"):
        open_storage(f"sqlite:///{letter}")
    assert letter.read_text() == "Dear Sir or Madam, " * 300


def test_a_directory_can_not_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no ordinary file"):
        open_storage(f"sqlite:///{tmp_path}")


def test_a_link_to_nothing_is_said_and_makes_nothing(tmp_path: Path) -> None:
    link = tmp_path / "agency.db"
    link.symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(ConfigurationError, match="a link that leads to no file"):
        open_storage(f"sqlite:///{link}")
    assert [each.name for each in tmp_path.iterdir()] == ["agency.db"]


def test_a_link_to_a_database_is_that_database(tmp_path: Path) -> None:
    open_storage(f"sqlite:///{tmp_path}/agency.db").close()
    link = tmp_path / "link.db"
    link.symlink_to("agency.db")
    storage = open_storage(f"sqlite:///{link}")
    storage.prepare([])
    storage.close()
    assert link.is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="devices are those of POSIX")
def test_a_device_is_no_database_and_nobody_is_told_to_change_its_mode() -> None:
    with pytest.raises(ConfigurationError, match="'/dev/null' is no ordinary file") as refusal:
        open_storage("sqlite:////dev/null")
    assert "chmod" not in str(refusal.value)


@pytest.mark.skipif(os.name == "nt", reason="pipes are those of POSIX")
def test_a_pipe_is_no_database_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "agency.db")
    with pytest.raises(ConfigurationError, match="no ordinary file"):
        open_storage(f"sqlite:///{tmp_path}/agency.db")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_name_that_no_encoding_knows_is_a_name(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/agency\xff.db"
    storage = open_storage(f"sqlite:///{os.fsdecode(name)}")
    storage.prepare([])
    storage.close()
    assert os.path.getsize(name) > 0
    assert os.listdir(os.fsencode(tmp_path)) == [b"agency\xff.db"]


def test_a_closed_storage_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path}/agency.db")
    storage.close()
    with pytest.raises(BackendError, match="closed"):
        storage.prepare([])
