"""DatabaseFile: the file behind a `sqlite:` URL, and how another one takes its place.

Decides when nobody has it open, and the order of names on disk. SQLite's last connection takes the
write-ahead log into the file and removes it; while one is there, somebody has the file open. Invariants: the
file is never written here; under its own name there is a whole database at every instant; the old one is
never removed; the new one can be read by those who could read the old one, and by nobody else; what stands
under a name this command writes is an ordinary file with that name alone, or nothing, for behind a link or a
second name the old one would be lost, or another file with it. A file is never opened here while a storage of
this process has it open: closing it would let go of the storage's locks.
"""

import errno
import filecmp
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import attrs

from dcss_core.errors import BackendError, ConfigurationError, Fault

if sys.platform != "win32":
    import fcntl

_SCHEME: Final = "sqlite:///"
_HEADER: Final = 100  # bytes, in which SQLite counts the changes of the file
_BESIDE: Final = ("-wal", "-shm", "-journal")
_OF_A_SERVER: Final = re.compile(r":.*@", re.DOTALL)
_OWN: Final = "an ordinary file with this name alone, or nothing"
_KINDS: Final = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)
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
        """The file that a URL names; None for the URL of another storage.

        Raises ConfigurationError, which does not show it, for one that names no file.
        """
        if not url.startswith(_SCHEME):
            return None
        path, mark, options = url.removeprefix(_SCHEME).partition("?")
        if not _is_path(path):
            raise ConfigurationError("this is not the URL of a SQLite file; write it as sqlite:///georgia.db")
        if _OF_A_SERVER.search(path):
            raise ConfigurationError(
                "the URL of a SQLite file holds its path alone, and no ':' before an '@': sqlite:///georgia.db"
            )
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
    def unfinished(self) -> Path:
        """Where it is copied to until the copy is whole, on a file system where a file has one name."""
        return Path(f"{self.kept}.unfinished")

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
        try:
            folder = os.open(self.path.parent, os.O_RDONLY)
        except OSError as error:
            raise ConfigurationError(f"{self.path.parent} can't be opened: {error.strerror}") from error
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
        """Refuse a file that is not there, or not alone; raises ConfigurationError, and makes none."""
        found = _found(self.path)
        if found is None or not stat.S_ISREG(found.st_mode):
            raise ConfigurationError(f"there is no database at {self.path}; name the one to convert")
        folder = self.path.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ConfigurationError(
                f"this user can't write into {folder}, where SQLite needs files beside the database"
            )
        names = [self._beside(name) for name in _BESIDE]
        _refuse([*self._faults_of_second_name(found), *_faults_of(names, None)])

    def check_new(self, old: "DatabaseFile | None") -> None:
        """Refuse a place for a new one, beside the old one or elsewhere; raises ConfigurationError."""
        if old is not None and self.path in (old.upgrading.path, old.kept, old.unfinished):
            raise ConfigurationError(
                f"{self.path} is a name that converting in place uses; name another new database with --to"
            )
        there = [name for name in map(self._beside, _BESIDE) if _found(name) is not None]
        found = _found(self.path)
        if found is None:
            _refuse([Fault(str(name), "a file of a database that is gone", "nothing") for name in there])
        _refuse(_faults_of([self.path, *there], None))

    def check_replaceable(self) -> None:
        """Refuse what could not be finished.

        Raises ConfigurationError where an older one is kept already, the file is another user's or a name is
        taken by something else, BackendError where there is no room for a second one.
        """
        self._check_names()
        if _found(self.kept) is not None and not self._is_kept:
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

    def _check_names(self) -> None:
        """Refuse what stands under a name that is going to be written and is no leftover of an upgrade."""
        new = self.upgrading
        names = [self.unfinished, new.path, *map(new._beside, _BESIDE)]
        if not self._is_same(self.kept):  # its second name, of an upgrade that was interrupted
            names.insert(0, self.kept)
        _refuse(_faults_of(names, _owners(self.path.stat())))

    def _faults_of_second_name(self, found: os.stat_result) -> Iterator[Fault]:
        if found.st_nlink > (2 if self._is_same(self.kept) else 1):
            yield Fault(
                str(self.path),
                "a file with another name besides, under which somebody may have it open unseen",
                "a file with this name alone; convert a copy",
            )

    def _beside(self, name: str) -> Path:
        return Path(f"{self.path}{name}")

    def mark(self) -> Mark:
        """What it is like now."""
        found = self.path.stat()
        with self.path.open("rb") as file:
            return Mark(found.st_size, found.st_mtime_ns, file.read(_HEADER))

    def check_closed(self, since: Mark | None = None) -> None:
        """Refuse a file that somebody else has open, or has written to; raises BackendError, retryable."""
        if self._beside("-wal").exists() or (since is not None and since != self.mark()):
            raise BackendError(
                f"{self.path} is in use; stop the portal and every job that has it open, and run this again",
                retryable=True,
            )

    def remove(self) -> None:
        """Remove it, with all that SQLite keeps beside it."""
        for name in ("", *_BESIDE):
            with suppress(FileNotFoundError):
                os.unlink(self._beside(name))

    def take_its_place(self) -> None:
        """Give the new file the name of the old one, which is kept under another name.

        Raises BackendError when somebody has the new one open, or the system does not let it;
        ConfigurationError for names that somebody took meanwhile.
        """
        self.upgrading.check_closed()
        self._check_names()
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
        if not self._is_kept:
            raise FileExistsError(errno.EEXIST, f"{self.kept} is not the old one")
        _saved(old.parent)
        os.replace(new, old)
        _saved(old.parent)

    @property
    def _is_kept(self) -> bool:
        """Whether the old one stands under its later name already, from an upgrade that was interrupted."""
        found = _found(self.kept)
        if found is None or not stat.S_ISREG(found.st_mode):
            return False
        return self._is_same(self.kept) or filecmp.cmp(self.kept, self.path, shallow=False)

    def _is_same(self, name: Path) -> bool:
        """Whether a name is one of this file, and no link to a name of it."""
        found, own = _found(name), _found(self.path)
        return found is not None and own is not None and os.path.samestat(found, own)

    def _keep(self) -> None:
        try:
            os.link(self.path, self.kept)
        except FileExistsError:  # made this moment, and not by this command
            raise
        except OSError:  # a file system where a file has one name
            self._keep_copy()

    def _keep_copy(self) -> None:
        copy = self.unfinished
        copy.unlink(missing_ok=True)
        try:
            descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as whole, self.path.open("rb") as old:
                shutil.copyfileobj(old, whole)
            _as_private_as(copy, self.path.stat())
            _saved(copy)
            if _found(self.kept) is not None:
                raise FileExistsError(errno.EEXIST, f"{self.kept} was made meanwhile")
            os.replace(copy, self.kept)
        finally:
            copy.unlink(missing_ok=True)


def _is_path(text: str) -> bool:
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _found(path: Path) -> os.stat_result | None:
    """What stands under a name, a link as a link; None for nothing. Raises ConfigurationError."""
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} can't be looked at: {error.strerror}") from error


def _owners(old: os.stat_result) -> frozenset[int] | None:
    """Whose the files beside may be: this user's, or the old one's owner's; None where files have none."""
    return frozenset({old.st_uid, os.geteuid()}) if hasattr(os, "geteuid") else None


def _faults_of(names: Iterable[Path], owners: frozenset[int] | None) -> Iterator[Fault]:
    for name in names:
        found = _found(name)
        what = None if found is None else _what_else(found, owners)
        if what is not None:
            yield Fault(str(name), what, _OWN)


def _what_else(found: os.stat_result, owners: frozenset[int] | None) -> str | None:
    """What something is, where it is no ordinary file of one name and of one of these users."""
    if not stat.S_ISREG(found.st_mode):
        return next((kind for is_kind, kind in _KINDS if is_kind(found.st_mode)), "a device")
    if found.st_nlink > 1:
        return "a file with another name besides"
    if owners is not None and found.st_uid not in owners:
        return "a file of another user"
    return None


def _refuse(faults: Iterable[Fault]) -> None:
    found = tuple(faults)
    if found:
        raise ConfigurationError(
            "files under names that this command needs are not its own; nothing was changed, move them away",
            faults=found,
        )


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
