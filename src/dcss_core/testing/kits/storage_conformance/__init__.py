"""StorageConformance: the tests every storage passes.

A backend's whole test file:

    import functools
    import pytest
    from dcss_core.testing import StorageConformance

    class TestMyStorage(StorageConformance):
        durable = True

        @pytest.fixture
        def storage(self, tmp_path):
            storage = MyStorage(tmp_path)
            yield storage
            storage.close()

        @pytest.fixture
        def reopen(self, tmp_path):
            return functools.partial(MyStorage, tmp_path)

Decides what a storage owes the core; every failure says which promise of the port was broken. Each
test makes collections of its own, with names nobody has used, so a shared database will do.
"""

from dcss_core.testing.kits.storage_conformance.beside.concurrency import Concurrency
from dcss_core.testing.kits.storage_conformance.beside.interrupts import Interrupts
from dcss_core.testing.kits.storage_conformance.beside.isolation import Isolation
from dcss_core.testing.kits.storage_conformance.beside.order import AppendOrder
from dcss_core.testing.kits.storage_conformance.beside.processes import Processes
from dcss_core.testing.kits.storage_conformance.beside.waiting import Preparing, Waiting
from dcss_core.testing.kits.storage_conformance.counting import Counting
from dcss_core.testing.kits.storage_conformance.deletion import Deletion
from dcss_core.testing.kits.storage_conformance.finding import Finding, LargeResults
from dcss_core.testing.kits.storage_conformance.finding_each import FindingEach
from dcss_core.testing.kits.storage_conformance.lifecycle import Forks, Lifecycle
from dcss_core.testing.kits.storage_conformance.logs import Logs, Redaction
from dcss_core.testing.kits.storage_conformance.records import KeysAtOnce, Records
from dcss_core.testing.kits.storage_conformance.streams import EntriesOfStreams, Streams
from dcss_core.testing.kits.storage_conformance.sums import AddingUp
from dcss_core.testing.kits.storage_conformance.transactions import Transactions
from dcss_core.testing.kits.storage_conformance.values import Values


class StorageConformance(
    Values,
    Records,
    KeysAtOnce,
    Transactions,
    Logs,
    Redaction,
    Streams,
    EntriesOfStreams,
    Finding,
    LargeResults,
    FindingEach,
    Counting,
    AddingUp,
    Deletion,
    Concurrency,
    Isolation,
    AppendOrder,
    Processes,
    Waiting,
    Preparing,
    Interrupts,
    Lifecycle,
    Forks,
):
    """Subclass it and give the fixture `storage`; a `durable` backend gives `reopen` as well.

    `storage` is an open storage, closed again after the test. `reopen` is a callable that opens
    another storage on the same place, while the first may still be open; where it can be pickled, eight
    processes do so at once. A backend that can lose the reply
    to a commit gives `losing_replies`: a callable whose context manager is a time in which `storage` does.
    """
