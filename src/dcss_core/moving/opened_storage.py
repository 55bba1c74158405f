"""Opening a storage to move what it holds, by its URL or at hand.

Decides which storage serves. Invariants: no database is made by exporting one; a storage that was given open
stays open; no message shows a URL.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Final

from dcss_core.opening.built_in import BUILT_IN
from dcss_core.plugins.declarations import StorageBackend
from dcss_core.plugins.loader import load_plugins
from dcss_core.plugins.registry import key_in
from dcss_core.ports.storage import Storage

_FILE: Final = "sqlite:///"


@contextmanager
def opened(storage: str | Storage, plugins: Iterable[object]) -> Iterator[Storage]:
    """The storage, closed afterwards if it was opened here.

    Raises ConfigurationError, PluginError or BackendError.
    """
    if not isinstance(storage, str):
        yield storage
        return
    registry = load_plugins(chosen=[(StorageBackend, key_in(storage))], builtin=BUILT_IN, extra=plugins)
    with closing(registry.storage(storage)) as store:
        yield store


def is_missing(storage: str | Storage) -> bool:
    """Whether a URL names a file that is not there, and opening it would make one."""
    if not isinstance(storage, str) or not storage.startswith(_FILE):
        return False
    path = storage.removeprefix(_FILE).partition("?")[0]
    return bool(path) and "\0" not in path and not os.path.lexists(path)
