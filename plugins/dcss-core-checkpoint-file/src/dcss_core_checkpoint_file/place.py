"""The file's place, read from a URL: `checkpoint-file:///mnt/worm/dcss.txt`.

Decides which URLs name a file. Invariants: a path is absolute, so that it does not depend on where a
process was started; every fault of a URL is reported at once.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from dcss_core import errors

_EXAMPLE: Final = "checkpoint-file:///mnt/worm/dcss.txt"


def path_in(url: str) -> Path:
    """The path that stands in a URL; raises ConfigurationError with every fault."""
    try:
        parts = urlsplit(url)
        path = unquote(parts.path, errors="strict")
    except ValueError:
        raise refused([errors.Fault("the URL", "text that can't be read", _EXAMPLE)]) from None
    faults = list(_faults(parts, path))
    if not unquote(url).isprintable():  # urlsplit would leave a line break out and name another file
        faults.append(errors.Fault("the URL", "a character that can't be printed", "none"))
    if faults:
        raise refused(faults)
    return Path(path)


def _faults(parts: SplitResult, path: str) -> Iterator[errors.Fault]:
    if parts.netloc:
        yield errors.Fault("the URL", "a host", f"none, so three strokes: {_EXAMPLE}")
    if not path.startswith("/"):
        yield errors.Fault("path", "no absolute path", f"one that begins with '/', as in {_EXAMPLE}")
    elif path.endswith("/"):
        yield errors.Fault("path", "a folder", "the file in it")
    if parts.query or parts.fragment:
        yield errors.Fault("the URL", "text after '?' or '#'", "none, or %3F and %23 for a sign in the path")


def refused(faults: list[errors.Fault]) -> errors.ConfigurationError:
    """The error for a URL that can't work."""
    return errors.ConfigurationError("checkpoints can't be kept at this URL", faults=faults)
