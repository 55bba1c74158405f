"""NewFolder: the folder of an export, by its name and while it is written.

Decides under which names files lie. Invariants: under its own name stands a whole export or nothing; all of
it is on disk before it has that name; only its owner can read it; what can't be finished is removed.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import attrs

from dcss_core.errors import BackendError, ConfigurationError

UNFINISHED: Final = ".unfinished"


def named_folder(given: str | Path) -> Path:
    """The folder of an export by its name; raises ConfigurationError for what can be none."""
    try:
        is_name = b"\0" not in os.fsencode(given)
    except UnicodeEncodeError:  # a lone surrogate
        is_name = False
    if not is_name:
        raise ConfigurationError("no folder can have this name; name the folder of an export by its path")
    return Path(given)


@attrs.frozen
class NewFolder:
    """Where files are written until all of them are there."""

    unfinished: Path

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """A new file, which is on disk when the block is left."""
        with open(self.unfinished / name, "xb", opener=_for_owner_only) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def new_folder(path: Path) -> Iterator[NewFolder]:
    """A folder that has its name once the block is left, and is gone after an error.

    Raises ConfigurationError where it can't be made, BackendError where it can't be finished.
    """
    unfinished = path.parent / f"{path.name}{UNFINISHED}"
    _make(path, unfinished)
    try:
        yield NewFolder(unfinished)
        on_disk(unfinished)
        _give_name(unfinished, path)
        on_disk(path.parent)
    except OSError as error:
        raise BackendError(
            f"the export can't be written: {error.strerror}; nothing is left of it", retryable=False
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def on_disk(folder: Path) -> None:
    """Have the names in a folder on disk."""
    if os.name != "posix":
        return  # elsewhere a folder can't be opened
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(path: Path, unfinished: Path) -> None:
    if os.path.lexists(path):
        raise ConfigurationError(f"{path} is there already; name a folder that is not there yet")
    try:
        os.mkdir(unfinished, 0o700)
    except FileExistsError:
        raise ConfigurationError(
            f"{unfinished} is there: another export is at work, or one was killed; if none is, remove it"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"no folder can be made at {unfinished}: {error.strerror}") from None


def _give_name(unfinished: Path, path: Path) -> None:
    # A rename puts an empty folder out of its place, so what came there meanwhile is looked for.
    if os.path.lexists(path):
        raise ConfigurationError(f"{path} was made by somebody else meanwhile; export under another name")
    os.rename(unfinished, path)


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
