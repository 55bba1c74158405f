"""A forked process can't harm the file: what it inherited is refused, what it opens itself is sound.

Run as a program, this file is a process that forks and then ends as any program does.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dcss_core.errors import BackendError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]
PEOPLE = Collection("people", (Field("person_id", FieldKind.TEXT),), key="person_id")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agency.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = opened(file)
    yield storage
    storage.close()


def opened(file: Path) -> SqlStorage:
    storage = open_storage(f"sqlite:///{file}")
    storage.prepare([PEOPLE])
    return storage


def insert(storage: SqlStorage, *names: str) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": name} for name in names])


def names_in(file: Path) -> list[str]:
    """What a process that was never forked reads."""
    sql = "SELECT person_id FROM people ORDER BY 1"
    program = f"import sqlite3; print(*[name for name, in sqlite3.connect({str(file)!r}).execute({sql!r})])"
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return run.stdout.split()


def expect_sound(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


class Child:
    """A forked process: does its work when told, and says what came of it."""

    def __init__(self, work: Callable[[], str]) -> None:
        told, self._tell = os.pipe()
        self._say, said = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.read(told, 1)
                answer = work()
            except BaseException as error:
                answer = f"{type(error).__name__}: {error}"
            os.write(said, answer.encode())
            os._exit(0)

    def answer(self) -> str:
        os.write(self._tell, b"!")
        said = os.read(self._say, 10_000).decode()
        os.waitpid(self._pid, 0)
        return said


def refusals(*calls: Callable[[], object]) -> str:
    said = []
    for call in calls:
        try:
            call()
        except BackendError as error:
            said.append(f"{error.retryable} {error}")
        else:
            said.append("done")
    return "\n".join(said)


REFUSED = "False this storage was opened before the process was forked; open another in this process"


def test_a_child_is_refused_everything_and_the_parent_goes_on(storage: SqlStorage, file: Path) -> None:
    insert(storage, "before")
    early = storage.transaction(writes=True)
    calls = (
        lambda: insert(storage, "child"),
        lambda: storage.transaction(writes=False).__enter__(),
        lambda: storage.prepare([PEOPLE]),
        early.__enter__,
        storage.close,
        storage.close,
    )
    child = Child(lambda: refusals(*calls))
    insert(storage, "meanwhile")
    assert child.answer() == "\n".join([REFUSED] * len(calls))
    insert(storage, "after")
    storage.close()
    assert names_in(file) == ["after", "before", "meanwhile"]
    expect_sound(file)


def test_what_a_child_commits_in_a_storage_of_its_own_outlives_the_parents_close(
    storage: SqlStorage, file: Path
) -> None:
    insert(storage, "before")

    def write() -> str:
        try:
            own = opened(file)
            insert(own, "first")
        finally:
            os.write(ready_for, b"!")
        os.read(parent_closed, 1)
        insert(own, "second")
        own.close()
        return "written"

    parent_closed, parent_closes = os.pipe()
    ready, ready_for = os.pipe()
    child = Child(write)
    os.write(child._tell, b"!")
    os.read(ready, 1)
    storage.close()
    os.write(parent_closes, b"!")
    assert child.answer() == "written"
    assert names_in(file) == ["before", "first", "second"]
    expect_sound(file)


def test_a_transaction_that_was_open_at_the_fork_is_the_parents_alone(
    storage: SqlStorage, file: Path
) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": "parent"}])
        child = Child(lambda: refusals(lambda: transaction.insert(PEOPLE, [{"person_id": "child"}])))
        assert child.answer() == REFUSED
        transaction.insert(PEOPLE, [{"person_id": "parent too"}])
    assert names_in(file) == ["parent", "parent", "too"]


@pytest.mark.parametrize("raising", [False, True])
def test_a_child_that_leaves_an_inherited_block_saves_nothing(
    storage: SqlStorage, file: Path, raising: bool
) -> None:
    block = storage.transaction(writes=True)
    transaction = block.__enter__()
    transaction.insert(PEOPLE, [{"person_id": "parent"}])

    def leave() -> str:
        asked: list[str] = []
        transaction.cursor.connection.set_trace_callback(asked.append)
        raised = ZeroDivisionError() if raising else None
        said = refusals(lambda: block.__exit__(raised and ZeroDivisionError, raised, None))
        return "\n".join([said, *asked])

    said = Child(leave).answer()
    block.__exit__(None, None, None)
    assert said == ("done" if raising else REFUSED)  # an exception goes on as it is
    assert names_in(file) == ["parent"]
    expect_sound(file)


def test_a_child_can_not_open_a_file_whose_connection_was_in_use_at_the_fork(
    storage: SqlStorage, file: Path
) -> None:
    with storage.transaction(writes=False):
        child = Child(lambda: refusals(lambda: opened(file)))
    said = child.answer()
    assert said.startswith("False this process was forked while a transaction on")
    assert "start the process anew" in said
    insert(storage, "after")
    assert names_in(file) == ["after"]


def test_a_child_can_not_open_a_file_to_which_a_connection_was_just_being_made(
    storage: SqlStorage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[Child] = []
    connect = sqlite3.connect

    def fork_meanwhile(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        children.append(Child(lambda: refusals(lambda: opened(file))))
        return connection

    storage._database.before_fork()
    monkeypatch.setattr(sqlite3, "connect", fork_meanwhile)
    insert(storage, "after")
    monkeypatch.undo()
    assert "start the process anew" in children[0].answer()


def fork_and_end_last(file: str) -> None:
    """The child inherits a connection in use, and ends when parent and others are long gone."""
    storage = opened(Path(file))
    insert(storage, "parent")
    block = storage.transaction(writes=False)
    block.__enter__()
    if os.fork():
        block.__exit__(None, None, None)
        storage.close()
        os._exit(0)
    sys.stdin.readline()
    sys.exit()


def kill_after_writing(file: str) -> None:
    insert(opened(Path(file)), "committed")
    os.kill(os.getpid(), 9)


def test_a_child_that_ends_does_not_take_away_what_others_left_in_the_log(file: Path) -> None:
    """A Python that ends frees what it holds; SQLite would then clear away a log that isn't its own."""
    ending = subprocess.Popen(
        [sys.executable, __file__, "fork_and_end_last", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,  # whose end comes when the child ends too
    )
    assert ending.stdin is not None
    ending.wait(timeout=60)
    assert not (file.parent / "agency.db-wal").exists()
    run = [sys.executable, __file__, "kill_after_writing", str(file)]
    assert subprocess.run(run, check=False).returncode == -9
    assert (file.parent / "agency.db-wal").stat().st_size > 0
    ending.communicate(b"\n", timeout=60)
    assert names_in(file) == ["committed", "parent"]
    expect_sound(file)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
