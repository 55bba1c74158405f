"""CheckpointFile: appends each checkpoint and waits until it is on the disk.

Decides how a checkpoint is kept and what is still readable after a crash. Invariants: the file is only
appended to, never truncated, renamed or written over, so that it may bear the append-only attribute;
what `publish` returned from is on the disk; a checkpoint that a crash broke off counts as not kept, and
comes again; a file that vanished is an error and not made anew, for its checkpoints are gone.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from dcss_core import errors
from dcss_core_checkpoint_file.lines import checkpoint_in, is_broken_off, line_of
from dcss_core_checkpoint_file.place import refused

_APPEND: Final = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
_READABLE_BY_ALL: Final = 0o644  # it holds no secret, and whoever verifies is somebody else
_NEEDS_A_PERSON: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR}
)


class CheckpointFile:
    """One file of checkpoints. Safe to use from several threads and processes of one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __repr__(self) -> str:
        return f"CheckpointFile({self._path})"

    @classmethod
    def opened(cls, path: Path) -> Self:
        """Make the file where there is none; raises ConfigurationError where none can be appended to."""
        try:
            _make(path)
            with _open(path, _APPEND) as file:
                if stat.S_ISREG(os.fstat(file).st_mode):
                    return cls(path)
            found = "no regular file"
        except OSError as error:
            found = str(error.strerror)
        expected = "a file to append to, in a folder that is there"
        raise refused([errors.Fault(str(path), found, expected)])

    def publish(self, checkpoint: str) -> None:
        """Append one checkpoint, unless it is the last there; raises BackendError when it is not kept."""
        line = line_of(checkpoint)
        try:
            with _open(self._path, _APPEND) as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed
                _write(file, _missing(_end_of(file, len(line) + 1), line))
                os.fsync(file)  # also where nothing was missing: it may not have reached the disk before
        except OSError as error:
            raise self._failed("can't be appended to", error) from None

    def published(self) -> Sequence[str]:
        """Every checkpoint kept, oldest first; raises BackendError when something else wrote to the file."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except OSError as error:
            raise self._failed("can't be read", error) from None
        return list(self._checkpoints(lines))

    def close(self) -> None:
        """Nothing stays open between two calls."""

    def _checkpoints(self, lines: list[bytes]) -> Iterator[str]:
        for number, line in enumerate(lines, start=1):
            checkpoint = checkpoint_in(line)
            if checkpoint is not None:
                yield checkpoint
            elif not is_broken_off(line):
                raise errors.BackendError(
                    f"line {number} of {self._path} is nothing that this sink writes: the file was changed. "
                    "Keep it as it is, for what happened to it has to be found out",
                    retryable=False,
                )

    def _failed(self, how: str, error: OSError) -> errors.BackendError:
        message = f"the checkpoint file {self._path} {how}: {error.strerror}"
        return errors.BackendError(message, retryable=error.errno not in _NEEDS_A_PERSON)


@contextmanager
def _open(path: Path, flags: int) -> Iterator[int]:
    file = os.open(path, flags)
    try:
        yield file
    finally:
        os.close(file)


def _make(path: Path) -> None:
    try:
        os.close(os.open(path, _APPEND | os.O_CREAT | os.O_EXCL, _READABLE_BY_ALL))
    except FileExistsError:
        return
    with _open(path.parent, os.O_RDONLY | os.O_DIRECTORY) as folder:
        os.fsync(folder)  # or a crash could take the file's name with it


def _end_of(file: int, count: int) -> bytes:
    """The last bytes of the file, as if it began with a line end."""
    size = os.fstat(file).st_size
    end = os.pread(file, count, max(0, size - count))
    return end if size >= count else b"\n" + end


def _missing(end: bytes, line: bytes) -> bytes:
    """What has to be appended so that the file ends in the line."""
    if end.endswith(b"\n" + line):
        return b""
    if end.endswith(b"\n" + line[:-1]):
        return b"\n"
    return line if end.endswith(b"\n") else b"\n" + line


def _write(file: int, rest: bytes) -> None:
    while rest:
        rest = rest[os.write(file, rest) :]
