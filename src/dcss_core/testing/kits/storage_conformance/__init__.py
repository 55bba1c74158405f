"""StorageConformance: the tests every storage passes.

A backend's whole test file:

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
            return lambda: MyStorage(tmp_path)

Decides what a storage owes the core; every failure says which promise of the port was broken. Each
test makes collections of its own, with names nobody has used, so a shared database will do.
"""

from dcss_core.testing.kits.storage_conformance.concurrency import Concurrency
from dcss_core.testing.kits.storage_conformance.counting import Counting
from dcss_core.testing.kits.storage_conformance.finding import Finding
from dcss_core.testing.kits.storage_conformance.lifecycle import Lifecycle
from dcss_core.testing.kits.storage_conformance.logs import Logs, Redaction
from dcss_core.testing.kits.storage_conformance.records import Records
from dcss_core.testing.kits.storage_conformance.transactions import Transactions
from dcss_core.testing.kits.storage_conformance.values import Values


class StorageConformance(
    Values, Records, Transactions, Logs, Redaction, Finding, Counting, Concurrency, Lifecycle
):
    """Subclass it and give the fixture `storage`; a `durable` backend gives `reopen` as well.

    `storage` is an open storage, closed again after the test. `reopen` is a callable that opens
    another storage on the same place, while the first may still be open.
    """
