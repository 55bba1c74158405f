"""DatabaseFile: the file behind a `sqlite:` URL, and how another one takes its place.

Decides when nobody has it open, and the order of names on disk. SQLite's last connection takes the
write-ahead log into the file and removes it; while one is there, somebody has the file open. Invariants: the
file is never written here; under its own name there is a whole database at every instant; the old one is
never removed; the new one can be read by those who could read the old one, and by nobody else. A file is
never opened here while a storage of this process has it open: closing it would let go of the storage's locks.
"""

import filecmp
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import attrs

from dcss_core.errors import BackendError, ConfigurationError

if sys.platform != "win32":
    import fcntl

_SCHEME: Final = "sqlite:///"
_HEADER: Final = 100  # bytes, in which SQLite counts the changes of the file
_BESIDE: Final = ("-wal", "-shm", "-journal")
_ROOM_PERCENT: Final = 150  # of its size, which the new one and its write-ahead log may take


@attrs.frozen
class Mark:
    """What a file was like; equal as long as nobody has written to it."""

    size: int
    written_at: int
    header: bytes = attrs.field(repr=False)


@attrs.frozen
class DatabaseFile:
    """A database in one file, and the names beside it."""

    path: Path
    options: str = ""

    @classmethod
    def of(cls, url: str) -> Self | None:
        """The file that a URL names; None for the URL of another storage."""
        if not url.startswith(_SCHEME):
            return None
        path, mark, options = url.removeprefix(_SCHEME).partition("?")
        return cls(Path(os.path.realpath(path)), mark + options) if path else None

    @property
    def upgrading(self) -> "DatabaseFile":
        """Where the new one is written."""
        return attrs.evolve(self, path=Path(f"{self.path}.upgrading"))

    @property
    def kept(self) -> Path:
        """Where the old one stands afterwards."""
        return Path(f"{self.path}.before-upgrade")

    @property
    def url(self) -> str:
        """Its URL."""
        return f"{_SCHEME}{self.path}{self.options}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other upgrades in this folder away, until the block is left or the process ends.

        Raises BackendError, retryable, when one is at work. Only where the system locks folders.
        """
        if sys.platform == "win32":
            yield
            return
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            self._lock(folder)
            yield
        finally:
            os.close(folder)

    def _lock(self, folder: int) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackendError(
                f"another upgrade is at work in {self.path.parent}; wait until it is done", retryable=True
            ) from None
        except OSError:  # a file system that locks no folders
            return

    def check_there(self) -> None:
        """Refuse a file that is not there; raises ConfigurationError, and makes none."""
        if not self.path.is_file():
            raise ConfigurationError(f"there is no database at {self.path}; name the one to convert")

    def check_replaceable(self) -> None:
        """Refuse what could not be finished.

        Raises ConfigurationError where an older one is kept already or the file is another user's,
        BackendError where there is no room for a second one.
        """
        if self.kept.exists() and not self._is_kept:
            raise ConfigurationError(
                f"{self.kept} is there already, from another upgrade; move it away, it is never written over"
            )
        found = self.path.stat()
        if hasattr(os, "geteuid") and os.geteuid() not in (0, found.st_uid):
            raise ConfigurationError(f"{self.path} belongs to another user; run this as that one")
        free, needed = shutil.disk_usage(self.path.parent).free, found.st_size * _ROOM_PERCENT // 100
        if free < needed:
            raise BackendError(
                f"there are {free // 1_000_000} MB left beside {self.path}, and {needed // 1_000_000} MB may "
                "be needed; make room, or convert with --to into a place that has it",
                retryable=False,
            )

    def mark(self) -> Mark:
        """What it is like now."""
        found = self.path.stat()
        with self.path.open("rb") as file:
            return Mark(found.st_size, found.st_mtime_ns, file.read(_HEADER))

    def check_closed(self, since: Mark | None = None) -> None:
        """Refuse a file that somebody else has open, or has written to; raises BackendError, retryable."""
        if Path(f"{self.path}-wal").exists() or (since is not None and since != self.mark()):
            raise BackendError(
                f"{self.path} is in use; stop the portal and every job that has it open, and run this again",
                retryable=True,
            )

    def remove(self) -> None:
        """Remove it, with all that SQLite keeps beside it."""
        for name in ("", *_BESIDE):
            with suppress(FileNotFoundError):
                os.unlink(f"{self.path}{name}")

    def take_its_place(self) -> None:
        """Give the new file the name of the old one, which is kept under another name.

        Raises BackendError when somebody has the new one open, or the system does not let it.
        """
        self.upgrading.check_closed()
        try:
            self._exchange()
        except OSError as error:
            raise BackendError(
                f"{self.path} can't be exchanged: {error.strerror}; it is as it was", retryable=False
            ) from error

    def _exchange(self) -> None:
        old, new = self.path, self.upgrading.path
        _as_private_as(new, old.stat())
        _saved(new)
        if not self._is_kept:
            self._keep()
        _saved(old.parent)
        os.replace(new, old)
        _saved(old.parent)

    @property
    def _is_kept(self) -> bool:
        """Whether the old one stands under its later name already, from an upgrade that was interrupted."""
        if not self.kept.exists():
            return False
        return os.path.samefile(self.kept, self.path) or filecmp.cmp(self.kept, self.path, shallow=False)

    def _keep(self) -> None:
        try:
            os.link(self.path, self.kept)
        except OSError:  # a file system where a file has one name
            copy = Path(f"{self.kept}.unfinished")
            copy.unlink(missing_ok=True)
            try:
                os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                shutil.copyfile(self.path, copy)
                _as_private_as(copy, self.path.stat())
                _saved(copy)
                os.replace(copy, self.kept)
            finally:
                copy.unlink(missing_ok=True)


def _as_private_as(new: Path, old: os.stat_result) -> None:
    os.chmod(new, stat.S_IMODE(old.st_mode))
    found = new.stat()
    if hasattr(os, "chown") and (found.st_uid, found.st_gid) != (old.st_uid, old.st_gid):
        os.chown(new, old.st_uid, old.st_gid)


def _saved(path: Path) -> None:
    """Have a file, or the names in a folder, on disk."""
    if path.is_dir() and os.name != "posix":
        return  # elsewhere a folder can't be opened
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
