"""`dcss db upgrade`: what it does to the files, what it prints, and what it refuses."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from dcss_core import Actor
from dcss_core.errors import ConfigurationError


@pytest.fixture
def refused(upgrade, old):
    """Calls the upgrade, which is refused; gives the error. The old database is as it was."""

    def call(*words, code):
        before = old.digest()
        said = upgrade(*words)
        assert said.code == code, said
        assert said.err == ""
        assert old.digest() == before
        assert not old.upgrading.exists()
        assert not old.kept.exists()
        return said.error

    return call


# --- done --------------------------------------------------------------------------------------------------


def test_the_old_database_is_kept_beside_the_new_one_as_it_was(upgrade, old):
    before = old.digest()
    said = upgrade()
    assert said.code == 0
    assert old.digest() != before
    assert sorted(each.name for each in old.path.parent.iterdir()) == [
        "agency.db",
        "agency.db.before-upgrade",
        "keys.json",
    ]
    old.kept.replace(old.path)
    assert old.digest() == before


def test_it_says_how_many_rows_there_are_and_over_which_root(upgrade, old, shown):
    document = upgrade().document
    rows = dict(shown["rows"])
    entries = rows.pop("audit_log")
    assert {name: document["rows"][name] for name in rows} == rows
    assert document["rows"]["audit_entries"] == document["rows"]["audit_log"] == entries
    assert document["audit_log"]["entries"] == entries
    assert document["audit_log"]["damage"] == []
    assert (document["upgraded"], document["database"]) == (True, str(old.path))
    assert document["kept_as"] == str(old.kept)


def test_it_says_so_to_people_too(dcss, old):
    said = dcss("db", "upgrade", old.url, "--keys", old.keys)
    assert said.code == 0
    assert said.err == ""
    first, *_, last = said.out.splitlines()
    assert first == f"{old.path} is converted to the present version."
    assert last == f"The old one is kept as {old.kept}, as it was."


def test_every_row_lies_in_the_new_tables(upgrade, old, shown):
    upgrade()
    rows = shown["rows"]
    counted = {name: old.sql(f'SELECT count(*) FROM "{name}"')[0][0] for name in rows}
    assert counted == rows


def test_a_sealed_value_is_sealed_anew_with_the_first_key_of_the_ring(upgrade, old):
    before = dict(old.sql("SELECT person_id, ssn FROM people WHERE ssn IS NOT NULL"))
    assert {value[2:4] for value in before.values()} == {b"k1"}
    upgrade()
    after = dict(old.sql("SELECT person_id, ssn FROM people WHERE ssn IS NOT NULL"))
    assert after.keys() == before.keys()
    assert {value[2:7] for value in after.values()} == {b"k2033"}


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_the_new_file_is_open_to_those_who_could_read_the_old_one(upgrade, old, mode):
    old.path.chmod(mode)
    assert upgrade().code == 0
    assert stat.S_IMODE(old.path.stat().st_mode) == mode
    assert stat.S_IMODE(old.kept.stat().st_mode) == mode


def test_a_database_of_the_present_version_is_left_alone(upgrade, old):
    upgrade()
    old.kept.unlink()
    before = old.digest()
    said = upgrade()
    assert said.code == 0
    assert said.document == {
        "upgraded": False,
        "would_upgrade": False,
        "reason": "present_version",
        "database": str(old.path),
    }
    assert old.digest() == before
    assert not old.kept.exists()


def test_a_dry_run_says_what_would_be_done_and_does_nothing(upgrade, old, shown):
    before = old.digest()
    said = upgrade("--dry-run")
    assert said.code == 0
    assert said.document["would_upgrade"] is True
    assert said.document["rows"] == shown["rows"]
    assert old.digest() == before
    assert sorted(each.name for each in old.path.parent.iterdir()) == ["agency.db", "keys.json"]


def test_it_is_written_into_another_database_and_the_old_one_stays(upgrade, old, tmp_path, opened):
    before, url = old.digest(), f"sqlite:///{tmp_path}/new.db"
    said = upgrade("--to", url)
    assert said.code == 0
    assert old.digest() == before
    assert not old.kept.exists()
    assert opened(url).audit.verify(by=Actor.system("audit")).is_sound


def test_what_a_killed_process_left_in_the_write_ahead_log_is_converted_too(upgrade, old):
    program = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("UPDATE cases SET status = 'closed' WHERE case_number = '0004567894'")
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", program, str(old.path)], check=False)
    assert old.path.with_name("agency.db-wal").stat().st_size > 0
    assert upgrade().code == 0
    assert old.sql("SELECT status FROM cases WHERE case_number = '0004567894'") == [("closed",)]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_the_new_file_belongs_to_whom_the_old_one_belongs(upgrade, old):
    os.chown(old.path, 4321, 4322)
    assert upgrade().code == 0
    found = old.path.stat()
    assert (found.st_uid, found.st_gid) == (4321, 4322)


def test_a_link_to_the_database_stays_a_link(dcss, old, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(old.path)
    assert dcss("db", "upgrade", f"sqlite:///{link}", "--keys", old.keys).code == 0
    assert link.is_symlink()
    assert old.kept.exists()


# --- refused -----------------------------------------------------------------------------------------------


def test_the_library_opens_no_old_database(old, opened):
    before = old.digest()
    with pytest.raises(ConfigurationError, match="dcss db upgrade sqlite:///"):
        opened()
    assert old.digest() == before


def test_a_database_that_is_not_there_is_not_made(upgrade, old):
    old.path.unlink()
    said = upgrade()
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert not old.path.exists()


@pytest.mark.parametrize(
    "statements", [(), ("CREATE TABLE accounts (id INTEGER)", "INSERT INTO accounts VALUES (7)")]
)
def test_a_database_of_somebody_else_is_refused_and_stays_theirs(upgrade, old, statements):
    old.path.unlink()
    old.sql("PRAGMA journal_mode=WAL")
    for statement in statements:
        old.sql(statement)
    before = old.sql("SELECT name, sql FROM sqlite_master")
    said = upgrade()
    assert (said.code, said.error["code"]) == (1, "configuration")
    assert old.sql("SELECT name, sql FROM sqlite_master") == before
    assert not old.upgrading.exists()


def test_a_file_that_is_no_database_is_refused(upgrade, old):
    old.path.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    before = old.digest()
    assert upgrade().code == 1
    assert old.digest() == before


def test_a_database_of_a_later_version_is_refused_with_what_differs(refused, old):
    [(shape,)] = old.sql("SELECT shape FROM dcss_schema WHERE collection = 'people'")
    later = json.loads(shape)
    later["fields"].append({"name": "pronouns", "kind": "text", "optional": True})
    old.sql("UPDATE dcss_schema SET shape = ? WHERE collection = 'people'", json.dumps(later))
    error = refused(code=1)
    assert error["code"] == "configuration"
    assert "people.pronouns" in [fault["where"] for fault in error["faults"]]


def test_a_database_that_somebody_writes_to_is_in_use(refused, old):
    with closing(sqlite3.connect(old.path, isolation_level=None)) as portal:
        portal.execute("BEGIN IMMEDIATE")
        error = refused(code=4)
    assert (error["code"], error["retryable"]) == ("backend", True)


def test_a_database_that_somebody_has_open_is_in_use(refused, old):
    with closing(sqlite3.connect(old.path)) as portal:
        portal.execute("SELECT count(*) FROM accounts").fetchall()
        error = refused(code=4)
    assert (error["code"], error["retryable"]) == ("backend", True)
    assert "in use" in error["message"]


def test_a_second_upgrade_beside_the_first_is_refused(refused, old):
    fcntl = pytest.importorskip("fcntl", reason="folders are locked where there is fcntl")
    folder = os.open(old.path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        error = refused(code=4)
    finally:
        os.close(folder)
    assert "another upgrade" in error["message"]


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ([("k2033", "3" * 64), ("k1", "3" * 64)], "not the right key"),
        ([("k2033", "2" * 64)], "k1"),
        ([("other", "2" * 64)], "does not hold"),
    ],
    ids=["another key under the same id", "the first key is missing", "another ring"],
)
def test_keys_that_do_not_open_everything_are_refused(refused, old, keys, word):
    ring = {"dcss_core_keys": 1, "keys": [{"id": key_id, "key": key} for key_id, key in keys]}
    old.keys.write_text(json.dumps(ring))
    error = refused(code=1)
    assert error["code"] == "configuration"
    assert word in error["message"]


def test_a_key_file_that_is_not_there_is_refused(refused, old):
    old.keys.unlink()
    assert "no key file" in refused(code=1)["message"]


def test_a_database_that_is_kept_already_is_never_written_over(upgrade, old):
    old.kept.write_bytes(b"of an earlier upgrade")
    before = old.digest()
    said = upgrade()
    assert said.code == 1
    assert str(old.kept) in said.error["message"]
    assert (old.digest(), old.kept.read_bytes()) == (before, b"of an earlier upgrade")


def test_a_new_database_that_holds_something_is_refused(refused, old, tmp_path):
    other = tmp_path / "other.db"
    shutil.copy(old.path, other)
    before = other.read_bytes()
    assert "holds something" in refused("--to", f"sqlite:///{other}", code=1)["message"]
    assert other.read_bytes() == before


def test_what_is_in_no_file_is_converted_into_another_database_only(dcss, old):
    said = dcss("db", "upgrade", "memory:", "--keys", old.keys, "--json")
    assert said.code == 1
    assert "--to" in said.error["message"]


def test_without_room_for_a_second_one_nothing_is_begun(upgrade, old):
    # it takes no room to be so long, and SQLite goes by what it wrote
    os.truncate(old.path, shutil.disk_usage(old.path.parent).free)
    said = upgrade()
    assert said.code == 4
    assert (said.error["code"], said.error["retryable"]) == ("backend", False)
    assert "make room" in said.error["message"]
    assert not old.upgrading.exists()
    assert not old.kept.exists()
