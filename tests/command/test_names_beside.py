"""What stands under the names an upgrade writes is left alone; the old database is never lost behind it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dcss_core.command.upgrade.database_file import DatabaseFile
from dcss_core.errors import ConfigurationError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, pipes and owners are those of POSIX")

WRITTEN = (
    ".before-upgrade",
    ".before-upgrade.unfinished",
    ".upgrading",
    ".upgrading-wal",
    ".upgrading-shm",
    ".upgrading-journal",
)
USED_BY_SQLITE = ("-wal", "-shm", "-journal")
IS_ROOT = os.geteuid() == 0
ONLY_ROOT = pytest.mark.skipif(not IS_ROOT, reason="only root gives files away, or makes devices")


def link_to_the_database(place, old):
    place.symlink_to(old.path.name)


def link_to_another_file(place, old):
    place.symlink_to(old.keys)


def dangling_link(place, old):
    place.symlink_to("/nowhere/at/all")


def second_name_of_another_file(place, old):
    os.link(old.keys, place)


def folder(place, old):
    place.mkdir()


def pipe(place, old):
    os.mkfifo(place)


def unix_socket(place, old):
    with socket.socket(socket.AF_UNIX) as made:
        os.chdir(place.parent)  # the path of a socket may not be long
        made.bind(place.name)


def device(place, old):
    try:
        os.mknod(place, 0o020600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("no devices are made here")


def file_of_another_user(place, old):
    place.write_bytes(b"theirs")
    os.chown(place, 4321, 4321)


EVERYTHING_ELSE = [
    link_to_the_database,
    link_to_another_file,
    dangling_link,
    second_name_of_another_file,
    folder,
    pipe,
    unix_socket,
    pytest.param(device, marks=ONLY_ROOT),
]


def listed(folder):
    """Every name in a folder, with what tells its file from another."""
    found = {each: os.lstat(each) for each in sorted(folder.iterdir())}
    return [
        (each.name, stat.st_ino, stat.st_mode, stat.st_nlink, stat.st_uid) for each, stat in found.items()
    ]


@pytest.fixture
def refused(upgrade, old, monkeypatch):
    """Calls the upgrade, which is refused before anything is made or removed; gives what is in the way."""
    monkeypatch.chdir(old.path.parent)

    def call(*words):
        before, names, keys = old.digest(), listed(old.path.parent), old.keys.read_bytes()
        said = upgrade(*words)
        assert (said.code, said.error["code"]) == (1, "configuration"), said
        assert (old.digest(), listed(old.path.parent), old.keys.read_bytes()) == (before, names, keys)
        return [fault["where"] for fault in said.error["faults"]]

    return call


@pytest.mark.parametrize("name", [*WRITTEN, *USED_BY_SQLITE])
@pytest.mark.parametrize("make", EVERYTHING_ELSE)
def test_what_is_no_file_of_its_own_is_refused(refused, old, name, make):
    place = Path(f"{old.path}{name}")
    make(place, old)
    assert refused() == [str(place)]


@ONLY_ROOT
@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_of_another_user_is_refused(refused, old, name):
    place = Path(f"{old.path}{name}")
    file_of_another_user(place, old)
    assert refused() == [str(place)]


@ONLY_ROOT
def test_a_copy_that_another_user_can_still_write_to_does_not_count_as_kept(refused, old):
    shutil.copyfile(old.path, old.kept)
    os.chown(old.kept, 4321, 4321)
    assert refused() == [str(old.kept)]


def test_everything_in_the_way_is_told_at_once(refused, old):
    places = [Path(f"{old.path}{name}") for name in WRITTEN]
    for place in places:
        place.mkdir()
    assert sorted(refused()) == sorted(map(str, places))


def test_a_database_that_has_a_second_name_is_refused_for_who_uses_that_is_not_seen(refused, old):
    os.link(old.path, old.path.with_name("other-name.db"))
    assert refused() == [str(old.path)]
    assert refused("--to", f"sqlite:///{old.path.parent}/new.db") == [str(old.path)]


def test_the_second_name_that_an_interrupted_upgrade_gave_is_kept(upgrade, old):
    before = old.digest()
    os.link(old.path, old.kept)
    assert upgrade().code == 0
    old.kept.replace(old.path)
    assert old.digest() == before


def test_a_third_name_beside_that_one_is_refused(refused, old):
    os.link(old.path, old.kept)
    os.link(old.path, old.path.with_name("other-name.db"))
    assert refused() == [str(old.path)]


@pytest.mark.parametrize("make", [folder, pipe, unix_socket, pytest.param(device, marks=ONLY_ROOT)])
def test_what_is_no_file_is_no_database(dcss, old, make, monkeypatch):
    monkeypatch.chdir(old.path.parent)
    place = old.path.with_name("other.db")
    make(place, old)
    said = dcss("db", "upgrade", f"sqlite:///{place}", "--keys", old.keys, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert "no database" in said.error["message"]


# --- another database, with --to ---------------------------------------------------------------------------


@pytest.mark.parametrize("make", [folder, pipe, second_name_of_another_file])
def test_a_new_database_is_a_file_of_its_own(refused, old, make):
    new = old.path.with_name("new.db")
    make(new, old)
    assert refused("--to", f"sqlite:///{new}") == [str(new)]


@pytest.mark.parametrize("name", USED_BY_SQLITE)
def test_what_is_left_of_a_database_that_is_gone_is_neither_used_nor_removed(refused, old, name):
    left = old.path.with_name(f"new.db{name}")
    left.write_bytes(b"of another database")
    assert refused("--to", f"sqlite:///{old.path.with_name('new.db')}") == [str(left)]


@pytest.mark.parametrize("name", [".upgrading", ".before-upgrade", ".before-upgrade.unfinished"])
def test_no_new_database_has_a_name_that_the_next_upgrade_would_remove(refused, old, name):
    refused("--to", f"sqlite:///{old.path}{name}")
    assert not Path(f"{old.path}{name}").exists()


# --- made while it works -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [link_to_the_database, dangling_link, folder])
def test_what_is_put_there_while_it_works_is_not_followed_or_written_over(upgrade, old, make, monkeypatch):
    before, link = old.digest(), os.link

    def too_late(source, target):
        make(Path(target), old)
        link(source, target)

    monkeypatch.setattr(os, "link", too_late)
    said = upgrade()
    assert (said.code, said.error["code"]) == (4, "backend")
    assert old.digest() == before
    assert not old.upgrading.exists()
    assert os.path.lexists(old.kept)


@ONLY_ROOT
def test_a_folder_that_this_user_can_not_write_into_is_said():
    with tempfile.TemporaryDirectory() as name:  # where any user gets to
        place = Path(name) / "agency.db"
        place.write_bytes(b"")
        place.parent.chmod(0o755)
        file = DatabaseFile.of(f"sqlite:///{place}")
        os.setresuid(65534, 65534, 0)
        try:
            with pytest.raises(ConfigurationError, match="this user can't write into"):
                file.check_there()
        finally:
            os.setresuid(0, 0, 0)
        file.check_there()


# --- a URL that names no file ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///clerk:walrus@host/agency.db",
        "sqlite:////clerk:walrus@host/agency.db",
        "sqlite:///:walrus@host/agency.db?busy_seconds=1",
        "sqlite:///clerk:wal/rus@host/walrus.db",
        "sqlite:///walrus\0.db",
        "sqlite:///walrus\ud800.db",
        "sqlite://clerk:walrus@host/agency.db",
        "mysql://clerk:walrus@host/agency",
    ],
)
def test_a_url_that_names_no_file_is_refused_and_not_shown(dcss, old, url, tmp_path):
    for words in ((url,), (old.url, "--to", url)):
        said = dcss("db", "upgrade", *words, "--keys", old.keys, "--json")
        assert (said.code, said.err) == (1, "")
        assert "walrus" not in said.out
        assert "clerk" not in said.out
    assert sorted(each.name for each in tmp_path.iterdir()) == ["agency.db", "keys.json"]


def test_a_name_that_is_too_long_is_said(dcss, old):
    said = dcss("db", "upgrade", f"sqlite:///{'a' * 300}", "--keys", old.keys, "--json")
    assert (said.code, said.error["code"]) == (1, "configuration")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_name_that_no_encoding_knows_is_told_to_a_terminal_that_has_one(old):
    strange = os.fsencode(old.path.parent) + b"/agency\xff.db"
    os.rename(old.path, strange)
    words = ["-m", "dcss_core.command", "db", "upgrade", b"sqlite:///" + strange, "--keys", old.keys]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run([sys.executable, *words], capture_output=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, b""), done
    assert b"is converted to the present version" in done.stdout
