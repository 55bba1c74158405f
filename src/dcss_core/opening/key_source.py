"""Key source: where the master keys come from, a ring at hand, a key file or a provider that a URL names.

Decides which of the three somebody means. Invariants: a Path is a file; text that begins like a URL, with a
scheme of two letters or more, names a provider and never a file; a drive has one letter.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from dcss_core.errors import ConfigurationError
from dcss_core.opening.built_in import BUILT_IN
from dcss_core.opening.key_file import read_key_file
from dcss_core.plugins.declarations import KeyProvider
from dcss_core.plugins.loader import Choice, load_plugins
from dcss_core.plugins.registry import PluginRegistry, key_in
from dcss_core.ports.keys import KeyRing

Keys: TypeAlias = KeyRing | str | Path
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def names_provider(keys: object) -> bool:
    """Whether these keys are the URL of a provider."""
    return isinstance(keys, str) and _URL.match(keys) is not None


def provider_choice(keys: Keys) -> Iterator[Choice]:
    """The plugin that these keys need, if they come from one."""
    if names_provider(keys):
        yield KeyProvider, key_in(keys)


def ring_from(keys: Keys, registry: PluginRegistry) -> KeyRing:
    """Read the keys, with the plugins that were loaded.

    Raises ConfigurationError; BackendError or PluginError for a provider that can't be asked or is broken.
    """
    if isinstance(keys, KeyRing):
        return keys
    if isinstance(keys, str) and names_provider(keys):
        return registry.key_ring(keys)
    return read_key_file(keys)


def read_keys(keys: Keys, plugins: Iterable[object] = ()) -> KeyRing:
    """Read the keys, and load what plugin they need; raises as `ring_from` does."""
    if not names_provider(keys):
        return ring_from(keys, PluginRegistry(()))
    return ring_from(keys, load_plugins(chosen=provider_choice(keys), builtin=BUILT_IN, extra=plugins))


def check_is_file(path: str | Path) -> None:
    """Refuse to change keys that no file holds; raises ConfigurationError."""
    if names_provider(path):
        raise ConfigurationError(
            f"these keys come from a provider ('{key_in(path)}:'), which keeps them: change them there; "
            "for a file of such a name write ./ before it"
        )
