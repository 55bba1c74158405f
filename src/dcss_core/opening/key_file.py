"""Key files: where the master keys of an agency are kept between two openings.

Decides who may read such a file: its owner alone. Invariants: a key file is made for its owner alone, and
never written over by a new one; a change of it is in the file whole or not at all, and two changes never mix;
a file that others can read or write is refused, for whoever reads it and the database reads everything that
is sealed; no error shows a key.
"""

import os
import re
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from dcss_core.base.expected_types import checked_as
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError
from dcss_core.plugins.key_text import read_key_text, write_key_text
from dcss_core.ports.keys import KeyRing, MasterKey

_HOW_TO_MAKE_KEYS: Final = "make one with create_key_file(path) and keep it apart from the database"
_KEY: Final = re.compile(r"[0-9A-Fa-f]{64}")
_OTHERS: Final = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


@checked_as(ConfigurationError)
def create_key_file(path: str | Path, *, key_id: str = "k1") -> KeyRing:
    """Make a new key ring and save it, readable by this user only; never writes over a file.

    Whoever loses the file loses what was sealed with it; whoever gets it and the database reads all.
    Raises ConfigurationError.
    """
    check_is_path(path)
    ring = KeyRing((new_key(key_id),))
    try:
        with open(path, "x", encoding="utf-8", opener=_for_owner_only) as file:
            _write(file, ring)
    except FileExistsError:
        if Path(path).is_dir():
            raise _a_folder(path) from None
        raise ConfigurationError(
            f"there is a key file at {path} already; open the agency with it, or choose another path"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"no key file can be made at {path}: {error.strerror}") from None
    except ValueError:
        raise _no_path() from None
    return ring


def new_key(key_id: str) -> MasterKey:
    """A key that nobody has; raises ConfigurationError for an id that can be none."""
    return MasterKey(key_id, Secret(secrets.token_hex(32)))


@checked_as(ConfigurationError)
def read_key_file(path: str | Path) -> KeyRing:
    """Read a key ring; the first key is current.

    Raises ConfigurationError, which shows no key; so it does, on POSIX, for a file that its group or others
    can read or write.
    """
    check_is_path(path)
    try:
        with open(path, encoding="utf-8") as file:
            _check_for_owner_only(path, file)
            text = Secret(file.read())
    except FileNotFoundError:
        raise ConfigurationError(
            f"there is no key file at {path}; name the one that this agency was opened with before, or, for "
            f"a new agency, {_HOW_TO_MAKE_KEYS}"
        ) from None
    except OSError as error:
        if os.path.isdir(path):
            raise _a_folder(path) from None
        raise ConfigurationError(f"the key file {path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        text = Secret("")
    except ValueError:
        raise _no_path() from None
    return read_key_text(text, where=f"the file {path}")


def check_is_path(path: str | Path) -> None:
    """Refuse what looks like keys in the place of their path, without repeating it; ConfigurationError."""
    text = str(path).strip().strip("'\"")
    if text.startswith("{") or _KEY.fullmatch(text) is not None:
        raise ConfigurationError(
            "this is the text of keys and no path; give a path, or put the text into a variable of the "
            "environment and name that, as env:DCSS_MASTER_KEYS"
        )


def change_key_file(path: str | Path, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    """Read a key ring, change it and save it in the place of the old one, for the same owner.

    Whatever interrupts this, the file holds one of the two rings whole. Raises ConfigurationError as
    `read_key_file` and as `change` do, and while another change is under way.
    """
    check_is_path(path)
    place = Path(os.path.realpath(path))  # what the link points at is replaced, not the link
    beside = place.with_name(f"{place.name}.new")
    read_key_file(place)  # what is wrong with it is told before anything stands beside it
    try:
        with open(beside, "x", encoding="utf-8", opener=_for_owner_only) as file:
            return _changed(place, beside, file, change)
    except FileExistsError:
        raise ConfigurationError(
            f"{path} is being changed, or a change of it was cut off; when nobody is at it, delete {beside}, "
            "which holds no key that was used"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"the key file {path} can't be changed: {error.strerror}") from None


def _changed(place: Path, beside: Path, file: IO[str], change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    try:
        ring = change(read_key_file(place))
        _write(file, ring)
        _give_to_owner_of(place, beside)
        os.replace(beside, place)
    except BaseException:
        beside.unlink()
        raise
    _keep(place.parent)
    return ring


def _write(file: IO[str], ring: KeyRing) -> None:
    file.write(write_key_text(ring).reveal())
    file.flush()
    os.fsync(file.fileno())  # what is sealed from now on must not outlive its key


def _check_for_owner_only(path: str | Path, file: IO[str]) -> None:
    # Elsewhere than on POSIX the mode says nothing of who may read. The file that was opened is asked, not
    # its path, which may name another one by now.
    if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
        raise ConfigurationError(
            f"the key file {path} can be read or written by others than its owner; say `chmod 600 {path}`, "
            "and if somebody may have read it, retire its keys: docs/how-to/rotate-and-retire-a-key"
        )


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _give_to_owner_of(place: Path, beside: Path) -> None:
    """Let whoever reads the old file read the new one, when somebody else changes it, as root does."""
    owner, mine = place.stat(), beside.stat()
    if os.name == "posix" and (owner.st_uid, owner.st_gid) != (mine.st_uid, mine.st_gid):
        os.chown(beside, owner.st_uid, owner.st_gid)


def _keep(folder: Path) -> None:
    """Have the file's new place outlive a power cut, where folders can be kept."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _a_folder(path: str | Path) -> ConfigurationError:
    return ConfigurationError(f"{path} is a folder; name the key file in it")


def _no_path() -> ConfigurationError:
    # Only a NUL in the text comes to this.
    return ConfigurationError("this is no path of a key file; name one as 'keys.json'")
