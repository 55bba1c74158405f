"""What this package declares to `dcss_core`: the storages behind `sqlite:` and `postgresql:` URLs."""

from collections.abc import Iterator

from dcss_core.plugins import Storage, StorageBackend, StoredSchema, hookimpl


def _open(url: str) -> Storage:
    from dcss_core_sql.opening import open_storage  # the driver is loaded only when it is chosen

    return open_storage(url)


def _schema(url: str) -> StoredSchema:
    from dcss_core_sql.opening import open_schema

    return open_schema(url)


@hookimpl
def dcss_storage_backends() -> Iterator[StorageBackend]:
    """Declare SQLite and PostgreSQL."""
    yield StorageBackend(
        key="sqlite",
        summary="One SQLite file, durable and shared by the processes of one machine: sqlite:///agency.db",
        factory=_open,
        schema=_schema,
    )
    yield StorageBackend(
        key="postgresql",
        summary="PostgreSQL, for an agency of several machines: postgresql://role@host/database",
        factory=_open,
        schema=_schema,
    )
