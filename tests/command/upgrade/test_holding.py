"""Which version a storage holds is found out without making or changing anything in it."""

import pytest

from dcss_core.command.upgrade.former_version import FORMER_VERSIONS
from dcss_core.command.upgrade.holding import Version, holding_of
from dcss_core.memory import MemoryStorage
from dcss_core.moving.every_record import every_record
from dcss_core.ports.storage import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage

PRESENT = [records.collection for records in every_record()]
ONE, TWO = FORMER_VERSIONS
OF_1, OF_2 = ([former.collection for former in each.collections] for each in FORMER_VERSIONS)
OTHER = Collection("accounts", (Field("number", FieldKind.INTEGER),), key="number")


@pytest.fixture(params=["memory", "sqlite"])
def storage(request, tmp_path):
    made = MemoryStorage() if request.param == "memory" else open_storage(f"sqlite:///{tmp_path}/a.db")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("held", "version", "before"),
    [
        ([], Version.NONE, None),
        (OF_1, Version.BEFORE, ONE),
        (OF_2, Version.BEFORE, TWO),
        (PRESENT, Version.PRESENT, None),
        (PRESENT[:-1], Version.PRESENT, None),  # which opening an agency mends
        ([OTHER], Version.UNKNOWN, None),
        (OF_1[:-1], Version.UNKNOWN, None),
        (OF_2[:-1], Version.UNKNOWN, None),
    ],
    ids=[
        "nothing",
        "1",
        "2",
        "present",
        "all but one",
        "somebody else's",
        "1, but for one",
        "2, but for one",
    ],
)
def test_the_version_is_told_by_what_is_held(storage, held, version, before):
    storage.prepare(held)
    found = holding_of(storage)
    assert (found.version, found.before) == (version, before)


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
