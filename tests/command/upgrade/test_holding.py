"""Which version a storage holds is found out without making or changing anything in it."""

import pytest

from dcss_core.command.upgrade.holding import Version, holding_of
from dcss_core.command.upgrade.version_1 import EVERY_COLLECTION
from dcss_core.memory import MemoryStorage
from dcss_core.moving.every_record import every_record
from dcss_core.ports.storage import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage

PRESENT = [records.collection for records in every_record()]
BEFORE = [former.collection for former in EVERY_COLLECTION]
OTHER = Collection("accounts", (Field("number", FieldKind.INTEGER),), key="number")


@pytest.fixture(params=["memory", "sqlite"])
def storage(request, tmp_path):
    made = MemoryStorage() if request.param == "memory" else open_storage(f"sqlite:///{tmp_path}/a.db")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("held", "version"),
    [
        ([], Version.NONE),
        (BEFORE, Version.BEFORE),
        (PRESENT, Version.PRESENT),
        (PRESENT[:-1], Version.PRESENT),  # which opening an agency mends
        ([OTHER], Version.UNKNOWN),
        (BEFORE[:-1], Version.UNKNOWN),
    ],
    ids=["nothing", "before", "present", "all but one", "somebody else's", "before, but for one"],
)
def test_the_version_is_told_by_what_is_held(storage, held, version):
    storage.prepare(held)
    assert holding_of(storage).version is version


def test_nothing_is_made_by_asking(storage):
    holding_of(storage)
    assert holding_of(storage).version is Version.NONE
    storage.prepare([OTHER])  # which would be refused, had another `accounts` been made


def test_in_what_an_unknown_one_differs_is_told(storage):
    storage.prepare([OTHER])
    differences = [fault.where for fault in holding_of(storage).differences]
    assert "accounts.number" in differences
    assert "accounts.user_id" in differences
    assert not any("no_version" in where for where in differences)
