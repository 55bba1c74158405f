"""An upgrade that is stopped at any point leaves a whole database at its place, and can be run again."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from dcss_core.command.upgrade.converting import Converting
from dcss_core.errors import ConfigurationError

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed by a signal")

# A process that runs `dcss db upgrade` and kills itself at a point that its first argument names.
PROGRAM = """
import os, signal, sys
from dcss_core.command.start import main
from dcss_core.command.upgrade import converting

point, *words = sys.argv[1:]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

if point.isdigit():
    step, steps = converting.Converting._step, iter(range(int(point)))
    def counted(self, what, rows):
        if next(steps, None) is None:
            die()
        step(self, what, rows)
    converting.Converting._step = counted
else:
    called = getattr(os, point.partition(" ")[2])
    def killed(*arguments, **options):
        if point.startswith("before"):
            die()
        called(*arguments, **options)
        die()
    setattr(os, called.__name__, killed)
sys.exit(main(words))
"""


def run(old, point, **options):
    words = ["db", "upgrade", old.url, "--keys", str(old.keys), "--json"]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, point, *words],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def contents(path):
    """Everything that lies in a database but for sealed values, which are never the same twice."""
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}
    unsealed = {
        name: sorted(repr([cell for cell in row if not _is_sealed(cell)]) for row in found)
        for name, found in rows.items()
    }
    assert sum(map(len, unsealed.values())) > 400
    return unsealed


def _is_sealed(cell):
    return isinstance(cell, bytes) and cell[:1] == b"\x01" and cell[2:4] == b"k2"


@pytest.fixture(scope="session")
def whole(converted, tmp_path_factory):
    """What an upgrade that nobody stops comes to."""
    path = tmp_path_factory.mktemp("whole") / "agency.db"
    path.write_bytes(converted)
    return contents(path)


@pytest.mark.parametrize("point", ["0", "3", "17", "40"])
def test_killed_while_rows_are_written_or_read_back(old, upgrade, whole, point):
    before = old.digest()
    assert run(old, point).returncode == -signal.SIGKILL
    assert old.digest() == before
    assert not old.kept.exists()
    assert upgrade().code == 0
    assert contents(old.path) == whole
    assert not old.upgrading.exists()


@pytest.mark.parametrize("point", ["before link", "after link", "before replace"])
def test_killed_before_the_new_one_has_its_place(old, upgrade, whole, point):
    before = old.digest()
    assert run(old, point).returncode == -signal.SIGKILL
    assert old.digest() == before
    assert upgrade().code == 0
    assert contents(old.path) == whole
    old.kept.replace(old.path)
    assert old.digest() == before


def test_killed_when_the_new_one_has_its_place_it_is_done(old, upgrade, whole):
    before = old.digest()
    assert run(old, "after replace").returncode == -signal.SIGKILL
    assert contents(old.path) == whole
    assert upgrade().document["reason"] == "present_version"
    old.kept.replace(old.path)
    assert old.digest() == before


def test_where_files_have_one_name_the_old_one_is_copied(old, upgrade, whole, monkeypatch):
    def no_link(*_):
        raise OSError("files have one name here")

    monkeypatch.setattr(os, "link", no_link)
    before = old.digest()
    assert upgrade().code == 0
    assert contents(old.path) == whole
    assert stat.S_IMODE(old.kept.stat().st_mode) == 0o600
    old.kept.replace(old.path)
    assert old.digest() == before
    assert sorted(each.name for each in old.path.parent.iterdir()) == ["agency.db", "keys.json"]


def test_a_system_that_lets_nothing_be_exchanged_is_a_typed_error(old, upgrade, monkeypatch):
    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "replace", refused)
    before = old.digest()
    said = upgrade()
    assert (said.code, said.error["code"]) == (4, "backend")
    assert "Operation not permitted" in said.error["message"]
    assert old.digest() == before
    assert not old.upgrading.exists()


def test_ctrl_c_takes_back_what_was_begun(old, dcss, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Converting, "_step", stopped)
    before = old.digest()
    said = dcss("db", "upgrade", old.url, "--keys", old.keys, "--json")
    assert (said.code, said.error["code"]) == (130, "interrupted")
    assert old.digest() == before
    assert sorted(each.name for each in old.path.parent.iterdir()) == ["agency.db", "keys.json"]


def test_a_disk_that_is_full_midway_is_a_typed_error_and_takes_everything_back(old):
    resource = pytest.importorskip("resource", reason="the size of files is limited by it")

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    before = old.digest()
    done = run(old, "1000", preexec_fn=limited)
    assert done.returncode == 4, done
    error = json.loads(done.stdout)["error"]
    assert (error["code"], error["retryable"]) == ("backend", False)
    assert "nothing was changed" in error["message"]
    assert old.digest() == before
    assert sorted(each.name for each in old.path.parent.iterdir()) == ["agency.db", "keys.json"]


def test_what_was_not_finished_opens_as_nobodys_agency(old, opened):
    run(old, "40")
    with pytest.raises(ConfigurationError, match="not finished"):
        opened(f"sqlite:///{old.upgrading}")
