"""Opening the schema that a URL names; nothing is connected to yet."""

from dcss_core.errors import ConfigurationError
from dcss_core.opening.built_in import BUILT_IN
from dcss_core.plugins.declarations import StorageBackend
from dcss_core.plugins.loader import load_plugins
from dcss_core.plugins.registry import key_in
from dcss_core.ports.stored_schema import StoredSchema


def schema_of(url: str) -> StoredSchema | None:
    """The schema of a URL's database; None for a storage whose schema only its own tools know.

    Raises ConfigurationError, PluginError.
    """
    registry = load_plugins(chosen=[(StorageBackend, key_in(url))], builtin=BUILT_IN)
    return registry.schema(url)


def needed_schema_of(url: str) -> StoredSchema:
    """The schema of a URL's database; raises ConfigurationError for a storage that has none to look at."""
    schema = schema_of(url)
    if schema is None:
        raise ConfigurationError("this storage has no tables that can be looked at; name a database")
    return schema
