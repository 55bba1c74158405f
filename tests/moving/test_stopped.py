"""An export or an import that is stopped at any point leaves nothing that could be taken for a whole one."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from dcss_core import open_agency
from dcss_core.errors import BackendError, ConfigurationError, ConflictError, InvariantError
from dcss_core.memory import MemoryStorage
from dcss_core.moving import export_agency, import_agency

from .lived import KEYS

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed by a signal")

# Moves an agency, two rows at once, and kills its process after so many calls on the database.
PROGRAM = """
import os, resource, signal, sys
from dcss_core.errors import DcssError
from dcss_core.moving import export_agency, import_agency, importing, paging
from dcss_core_sql.block import Block
from dcss_core_sql.transaction import SqlTransaction

verb, calls, most_bytes, source, target = sys.argv[1:]
calls, paging.MOST_ROWS, importing.MOST_ROWS = int(calls), 2, 2

def full_disk(what, done, of):
    if int(most_bytes) and what.startswith("writing"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))

def dying(kind, name):
    called = getattr(kind, name)
    def counted(*arguments, **options):
        global calls
        calls -= 1
        if calls == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return called(*arguments, **options)
    setattr(kind, name, counted)

for name in ("insert", "append", "replace", "delete", "find"):
    dying(SqlTransaction, name)
dying(Block, "__exit__")
try:
    {"export": export_agency, "import": import_agency}[verb](source, target, progress=full_disk)
except DcssError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""
NEVER = 0


def run(verb, calls, source, target, most_bytes=0):
    words = [verb, str(calls), str(most_bytes), str(source), str(target)]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False
    )


def check_nobody_opens(url):
    with pytest.raises(ConfigurationError, match="import into this database was begun and is not finished"):
        open_agency(url, jurisdiction="US-GA", keys=KEYS)


# --- imports ------------------------------------------------------------------------------------------------


def test_an_import_that_is_killed_again_and_again_ends_right(whole, new_url, tmp_path, contents):
    kills, calls = 0, 80
    while run("import", calls, whole.folder, new_url).returncode == -signal.SIGKILL:
        kills += 1
        check_nobody_opens(new_url)
        calls += 20  # so that it dies at another point, and gets through in the end
    assert kills >= 3
    export_agency(new_url, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(Path(whole.folder))
    open_agency(new_url, jurisdiction="US-GA", keys=KEYS).close()


@pytest.mark.parametrize("calls", [36, 40, 41, 42, 43, 60])
def test_an_import_that_is_killed_once_goes_on(whole, new_url, tmp_path, contents, calls):
    assert run("import", calls, whole.folder, new_url).returncode == -signal.SIGKILL
    assert import_agency(whole.folder, new_url) == whole
    export_agency(new_url, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(Path(whole.folder))


@pytest.fixture
def half(whole):
    """A storage into which half of an export was imported."""
    storage = MemoryStorage()

    class Stopped(Exception):  # noqa: N818  # it is no error
        pass

    def stop(what, done, of):
        if what == "writing outbox":
            raise Stopped

    with pytest.raises(Stopped):
        import_agency(whole.folder, storage, progress=stop)
    return storage


def test_half_an_import_is_not_exported(half, tmp_path):
    with pytest.raises(ConfigurationError, match="is not finished; finish it first"):
        export_agency(half, tmp_path / "export")
    assert list(tmp_path.iterdir()) == []


def test_half_an_import_takes_no_other_export(half, lived, whole, new_url, tmp_path):
    import_agency(whole.folder, new_url)
    with lived.opened(new_url, checkpoint_sinks=()) as agency:
        agency.accounts.sign_out(lived.token)
    export_agency(new_url, tmp_path / "other")
    with pytest.raises(ConfigurationError, match="the import of another export"):
        import_agency(tmp_path / "other", half)


def test_two_imports_at_once_do_not_mix(whole):
    storage, told = MemoryStorage(), []

    def overtaken(what, done, of):
        if what == "writing outbox" and not told:
            told.append(what)
            assert import_agency(whole.folder, storage).is_new

    with pytest.raises(ConflictError, match="another import into this database is at work"):
        import_agency(whole.folder, storage, progress=overtaken)
    assert import_agency(whole.folder, storage).is_new is False


def test_the_same_export_twice_is_there_already(whole, new_url):
    assert import_agency(whole.folder, new_url).is_new
    assert import_agency(whole.folder, new_url).is_new is False


def test_an_import_for_which_the_disk_is_too_small_goes_on_when_there_is_room(whole, new_url):
    failed = run("import", NEVER, whole.folder, new_url, most_bytes=400_000)
    assert failed.returncode == 1
    assert "SQLite failed with SQLITE_IOERR" in failed.stderr
    check_nobody_opens(new_url)
    assert import_agency(whole.folder, new_url).is_new


# --- exports ------------------------------------------------------------------------------------------------


def test_an_export_for_which_the_disk_is_too_small_leaves_nothing(lived, tmp_path):
    failed = run("export", NEVER, lived.url, tmp_path / "export", most_bytes=5_000)
    assert failed.returncode == 1
    assert failed.stderr.startswith("BackendError: the export can't be written: File too large")
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_is_killed_has_no_name(lived, whole, tmp_path, contents):
    assert run("export", 50, lived.url, tmp_path / "export").returncode == -signal.SIGKILL
    [left] = tmp_path.iterdir()
    assert left.name == "export.unfinished"
    with pytest.raises(ConfigurationError, match="there is no export in"):
        import_agency(left, MemoryStorage())
    with pytest.raises(ConfigurationError, match="another export is at work, or one was killed"):
        export_agency(lived.url, tmp_path / "export")
    for each in left.iterdir():
        each.unlink()
    left.rmdir()
    export_agency(lived.url, tmp_path / "export")
    assert contents(tmp_path / "export") == contents(Path(whole.folder))


def test_an_export_that_somebody_interrupts_leaves_nothing(lived, tmp_path):
    def interrupted(what, done, of):
        if what == "writing people":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_agency(lived.url, tmp_path / "export", progress=interrupted)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "folder", "full folder", "link to nothing"])
def test_nothing_is_written_over(lived, tmp_path, kind):
    path = tmp_path / "export"
    if kind == "file":
        path.write_text("mine", encoding="utf-8")
    elif kind == "link to nothing":
        path.symlink_to(tmp_path / "nothing")
    else:
        path.mkdir()
        if kind == "full folder":
            (path / "mine").touch()
    with pytest.raises(ConfigurationError, match="is there already"):
        export_agency(lived.url, path)
    assert [each.name for each in tmp_path.iterdir()] == ["export"]


def test_a_folder_that_came_there_meanwhile_stays(lived, tmp_path):
    def made(what, done, of):
        (tmp_path / "export").mkdir(exist_ok=True)

    with pytest.raises(ConfigurationError, match="was made by somebody else meanwhile"):
        export_agency(lived.url, tmp_path / "export", progress=made)
    assert [each.name for each in tmp_path.iterdir()] == ["export"]


def test_there_has_to_be_a_folder_to_make_one_in(lived, tmp_path):
    with pytest.raises(ConfigurationError, match="no folder can be made at"):
        export_agency(lived.url, tmp_path / "nowhere" / "export")


def test_an_export_can_be_read_by_its_owner_alone(whole):
    modes = {stat.S_IMODE(each.stat().st_mode) for each in Path(whole.folder).iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(Path(whole.folder).stat().st_mode) == 0o700


def test_the_manifest_is_checked_by_a_tool_that_everybody_has(whole):
    done = subprocess.run(
        ["sha256sum", "--check", "manifest.json.sha256"], cwd=whole.folder, capture_output=True, check=False
    )
    assert done.stdout == b"manifest.json: OK\n"


def test_all_of_an_export_is_of_one_instant(lived, whole, tmp_path):
    """Somebody signs out while it is written."""
    copy = tmp_path / "copy.db"
    import_agency(whole.folder, f"sqlite:///{copy}")
    with lived.opened(f"sqlite:///{copy}", checkpoint_sinks=()) as agency:

        def sign_out(what, done, of):
            if what == "writing accounts":
                agency.accounts.sign_out(lived.token)

        report = export_agency(f"sqlite:///{copy}", tmp_path / "export", progress=sign_out)
    assert report.digest == whole.digest


# --- what is no agency's ------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["sqlite:///{}/none.db", "memory:"])
def test_where_no_agency_is_nothing_is_exported_and_nothing_made(tmp_path, url):
    with pytest.raises(ConfigurationError, match=r"there is no database|no agency was ever opened"):
        export_agency(url.format(tmp_path), tmp_path / "export")
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_the_version_before_is_to_be_upgraded_first(tmp_path):
    from dcss_core.command.upgrade.version_1 import EVERY_COLLECTION

    storage = MemoryStorage()
    storage.prepare([former.collection for former in EVERY_COLLECTION])
    with pytest.raises(ConfigurationError, match="dcss db upgrade"):
        export_agency(storage, tmp_path / "export")


@pytest.mark.parametrize("log", ["postings", "audit_log"])
def test_a_log_with_a_gap_is_not_exported_for_it_could_not_be_imported(copy_url, tmp_path, log):
    with closing(sqlite3.connect(copy_url.removeprefix("sqlite:///"))) as tool:
        tool.execute(f"DELETE FROM {log} WHERE seq = 3")
        tool.commit()
    with pytest.raises(InvariantError, match="an entry of a log was deleted by hand") as told:
        export_agency(copy_url, tmp_path / "export")
    assert [(each.where, each.found) for each in told.value.faults] == [
        (log, "number 4 where it does not belong")
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_storage_that_fails_leaves_no_export(whole, tmp_path, monkeypatch):
    storage = MemoryStorage()
    import_agency(whole.folder, storage)
    transaction = storage.transaction

    class Failing:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def find(self, collection, *arguments, **options):
            if collection.name == "postings":
                raise BackendError("the server is gone", retryable=True)
            return self.inner.find(collection, *arguments, **options)

    class Block:
        def __enter__(self):
            self.block = transaction(writes=False)
            return Failing(self.block.__enter__())

        def __exit__(self, *raised):
            return self.block.__exit__(*raised)

    monkeypatch.setattr(MemoryStorage, "transaction", lambda self, **options: Block())
    with pytest.raises(BackendError, match="the server is gone"):
        export_agency(storage, tmp_path / "export")
    assert list(tmp_path.iterdir()) == []
    assert os.path.lexists(whole.folder)
