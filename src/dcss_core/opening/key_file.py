"""Key files: where the master keys of an agency are kept between two openings.

Decides who may read such a file: its owner alone. Invariants: a key file is made for its owner alone and
never written over; one that others can read or write is refused, for whoever reads it and the database reads
everything that is sealed; no error shows a key.
"""

import json
import os
import secrets
import stat
from pathlib import Path
from typing import IO, Final

from dcss_core.base.expected_types import checked_as
from dcss_core.base.json.strict_json import strict_json
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvalidInputError
from dcss_core.ports.keys import KeyRing, MasterKey

_VERSION: Final = 1
_HOW_TO_MAKE_KEYS: Final = "make one with create_key_file(path) and keep it apart from the database"
_OTHERS: Final = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


@checked_as(ConfigurationError)
def create_key_file(path: str | Path, *, key_id: str = "k1") -> KeyRing:
    """Make a new key ring and save it, readable by this user only; never writes over a file.

    Whoever loses the file loses what was sealed with it; whoever gets it and the database reads all.
    Raises ConfigurationError.
    """
    ring = KeyRing((MasterKey(key_id, Secret(secrets.token_hex(32))),))
    keys = [{"id": key.key_id, "key": key.key_hex.reveal()} for key in ring.keys]
    try:
        with open(path, "x", encoding="utf-8", opener=_for_owner_only) as file:
            json.dump({"dcss_core_keys": _VERSION, "keys": keys}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())  # what is sealed from now on must not outlive its key
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


@checked_as(ConfigurationError)
def read_key_file(path: str | Path) -> KeyRing:
    """Read a key ring; the first key is current.

    Raises ConfigurationError, which shows no key; so it does, on POSIX, for a file that its group or others
    can read or write.
    """
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
    written = _keys_in(text)
    if written is None:
        raise ConfigurationError(f"{path} is not a key file of version {_VERSION}; {_HOW_TO_MAKE_KEYS}")
    return KeyRing(tuple(MasterKey(key_id, key) for key_id, key in written))


def _keys_in(text: Secret) -> list[tuple[str, Secret]] | None:
    # Nothing is raised from here, so that no traceback that shows variables shows the keys as they were read.
    try:
        content = strict_json(text.reveal())
        keys = [(key["id"], Secret(key["key"])) for key in content["keys"]]
        known = content["dcss_core_keys"] == _VERSION
    except (KeyError, TypeError, InvalidInputError):
        return None
    return keys if known and all(isinstance(key_id, str) for key_id, _ in keys) else None


def _check_for_owner_only(path: str | Path, file: IO[str]) -> None:
    # Elsewhere than on POSIX the mode says nothing of who may read. The file that was opened is asked, not
    # its path, which may name another one by now.
    if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
        raise ConfigurationError(
            f"the key file {path} can be read or written by others than its owner; say `chmod 600 {path}`, "
            "and if somebody may have read it, open the agency with a new key before the old one"
        )


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _a_folder(path: str | Path) -> ConfigurationError:
    return ConfigurationError(f"{path} is a folder; name the key file in it")


def _no_path() -> ConfigurationError:
    # Only a NUL in the text comes to this.
    return ConfigurationError("this is no path of a key file; name one as 'keys.json'")
