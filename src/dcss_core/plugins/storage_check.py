"""StorageCheck: whether what a storage says of itself can be worked with.

Decides it once, when the storage is opened, since every verb goes by it. Invariant: a storage that is refused
is closed.
"""

from collections.abc import Iterator

from dcss_core.errors import Fault, InvalidInputError
from dcss_core.plugins.guard import at_work, refusal
from dcss_core.ports.storage import Storage
from dcss_core.ports.wait import check_wait


def check_storage(distribution: str, storage: Storage) -> None:
    """Refuse a storage that does not say how long it waits, or whether writers queue; raises PluginError."""
    faults = list(at_work(distribution, "its storage", lambda: [*_faults_of(storage)]))
    if faults:
        at_work(distribution, "its storage's close()", storage.close)
        raise refusal(
            distribution, "its storage says of itself what no storage can; test it with the kit", faults
        )


def _faults_of(storage: Storage) -> Iterator[Fault]:
    waits: object = storage.busy_seconds
    queue: object = storage.writes_one_at_a_time
    try:
        check_wait(waits)
    except InvalidInputError:
        waits = None
    if waits is None:
        yield Fault("busy_seconds", "another value", "0 or more seconds that end")
    if type(queue) is not bool:
        yield Fault("writes_one_at_a_time", f"a {type(queue).__name__}", "True or False")
