"""Location: the file a URL names and how it is used.

Decides which URLs open a file, which options they may have, and whose the file is. Invariants: every fault
of the options is told at once; no refusal of a URL repeats a part of it, for a password may stand in the
wrong place, and only what can be nothing but a path is named afterwards; a database is an ordinary file; one
made here can be read by its owner alone; one that everybody can read or write is refused, since a warning is
read by nobody and whoever writes to the file can take the agency's records away; a group may have access, for
the processes of one agency may run as several users.
"""

import os
import re
import stat
from collections.abc import Iterator
from typing import Final, Self, TypeAlias

import attrs

from dcss_core import errors
from dcss_core.plugins import UrlOptions

Identity: TypeAlias = tuple[int, int]
"""What tells one file from another, whatever they are called: its device and its number there."""

_EXPECTED: Final = (
    "'sqlite:///agency.db' (relative) or 'sqlite:////var/lib/agency.db' (absolute), perhaps with options "
    "as '?busy_seconds=5&synchronous=full'"
)
_OF_A_SERVER: Final = re.compile(r":.*@", re.DOTALL)
_OPTIONS: Final = ("busy_seconds", "synchronous")
_SYNCHRONOUS: Final = ("full", "normal", "off")
_DEFAULT_BUSY_SECONDS: Final = 5
_LONGEST_BUSY_SECONDS: Final = 3_600


@attrs.frozen
class Location:
    """A SQLite file, how long to wait for another writer, and when a commit is on disk."""

    path: str
    busy_seconds: int
    synchronous: str

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `sqlite:///agency.db?busy_seconds=5`; raises ConfigurationError."""
        place, _, query = url.partition("?")
        path = _path_in(place)
        options = UrlOptions.read(query, known=_OPTIONS)
        faults = [*options.faults, *_faults_of(options)]
        if faults:
            raise errors.ConfigurationError(
                f"a SQLite file can't be used with these options; write {_EXPECTED}", faults=faults
            )
        return cls(
            os.path.abspath(path),
            options.number("busy_seconds", default=_DEFAULT_BUSY_SECONDS),
            options.text("synchronous", "full"),
        )

    @property
    def url(self) -> str:
        """The URL of the file, without options."""
        return f"sqlite:///{self.path}"

    def create(self) -> None:
        """Make the file for its owner alone where there is none; raises ConfigurationError."""
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
        except OSError as error:
            raise errors.ConfigurationError(
                f"the database file '{self.path}' can't be created: {error.strerror}"
            ) from error

    def checked_identity(self) -> Identity:
        """Which file stands there; raises ConfigurationError for what is none, or can't be reached."""
        try:
            found = os.stat(self.path)
        except OSError as error:
            is_link = os.path.islink(self.path)
            raise errors.ConfigurationError(
                f"'{self.path}' is a link that leads to no file; remove it, or name the file itself"
                if is_link
                else f"the database file '{self.path}' can't be reached: {error.strerror}"
            ) from error
        if not stat.S_ISREG(found.st_mode):
            raise errors.ConfigurationError(
                f"'{self.path}' is no ordinary file, so it can't be a database; name a file, or a place "
                "where nothing is yet"
            )
        return found.st_dev, found.st_ino

    def identity(self) -> Identity | None:
        """Which file stands there now; None when there is none."""
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def check_closed_to_everybody(self) -> None:
        """Refuse a file that everybody can read or write; raises ConfigurationError.

        Only on POSIX, where the mode of a file says it.
        """
        try:
            mode = os.stat(self.path).st_mode
        except OSError:  # it is gone, which the next transaction says
            return
        if os.name == "posix" and mode & (stat.S_IROTH | stat.S_IWOTH):
            raise errors.ConfigurationError(
                f"everybody on this machine can read or write the database '{self.path}'; "
                f"say `chmod 600 {self.path}`"
            )


def _path_in(place: str) -> str:
    scheme, slashes, rest = place.partition("://")
    if scheme != "sqlite" or not slashes or not _is_readable(rest):
        raise errors.ConfigurationError(f"this is not the URL of a SQLite file; write {_EXPECTED}")
    host, _, path = rest.partition("/")
    if host and not path:
        raise errors.ConfigurationError(
            f"a SQLite file has three slashes after 'sqlite:', and here are two; write {_EXPECTED}"
        )
    if path in ("", ":memory:"):
        raise errors.ConfigurationError(
            "a SQLite database in memory is not shared by connections; open 'memory:' instead"
        )
    if host or path.startswith("file:") or _OF_A_SERVER.search(path):
        raise errors.ConfigurationError(
            f"the URL of a SQLite file holds its path alone, and no ':' before an '@'; write {_EXPECTED}"
        )
    return path


def _is_readable(path: str) -> bool:
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def _faults_of(options: UrlOptions) -> Iterator[errors.Fault]:
    yield from options.faults_of_number("busy_seconds", smallest=0, largest=_LONGEST_BUSY_SECONDS)
    if options.text("synchronous", "full") not in _SYNCHRONOUS:
        yield errors.Fault("synchronous", "other text", f"one of {', '.join(_SYNCHRONOUS)}")
