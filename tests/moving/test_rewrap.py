"""Sealed values are sealed anew under a named key, and nothing else changes."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from dcss_core import KeyRing, MasterKey, Secret
from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.memory import MemoryStorage
from dcss_core.moving import export_agency, import_agency, verify_agency
from dcss_core.testing import JANE_ROE, FrozenClock

from .lived import KEYS, sign_in

NEW_KEY = MasterKey("k2", Secret("2" * 64))
BOTH = KeyRing((*KEYS.keys, NEW_KEY))
NEW_FIRST = KeyRing((NEW_KEY, *KEYS.keys))


@pytest.fixture
def rewrapped(lived, tmp_path):
    return Path(export_agency(lived.url, tmp_path / "rewrapped", keys=BOTH, rewrap="k2").folder)


def rows_of(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {
        each["name"]: (
            each["sealed"],
            [json.loads(line) for line in (folder / f"{each['name']}.jsonl").read_text("utf-8").splitlines()],
        )
        for each in manifest["collections"]
    }


def test_every_sealed_value_is_under_the_new_key_and_the_rest_is_as_it_was(whole, rewrapped):
    before, after = rows_of(Path(whole.folder)), rows_of(rewrapped)
    sealed_anew = 0
    for name, (sealed, rows) in after.items():
        for was, now in zip(before[name][1], rows, strict=True):
            for field in sealed:
                value = now.pop(field)
                assert (was.pop(field) is None) == (value is None)
                if value is not None:
                    assert b64decode(value)[:4] == b"\x01\x02k2"
                    sealed_anew += 1
            was.pop("version", None)
            assert now == was
    assert sealed_anew > 8


def test_the_agency_goes_on_with_the_new_key_first(lived, rewrapped, new_url, copy_url):
    import_agency(rewrapped, new_url)
    clock = FrozenClock(lived.now)
    clock.move(seconds=30)
    with lived.opened(copy_url, keys=KEYS, checkpoint_sinks=()) as agency:
        questions = agency.recovery.questions(JANE_ROE.ssn)
    with lived.opened(new_url, keys=NEW_FIRST, checkpoint_sinks=(), clock=clock) as agency:
        assert agency.recovery.questions(JANE_ROE.ssn) == questions  # found by the index of the old key
        assert agency.sessions.check(lived.token)
        sign_in(agency, lived.factor_secret, clock)  # the password has the old key's pepper
    assert verify_agency(new_url, keys=NEW_FIRST, clock=clock).is_sound


def test_without_the_old_key_nobody_is_found_by_a_social_security_number(lived, rewrapped, new_url, copy_url):
    import_agency(rewrapped, new_url)
    with lived.opened(copy_url, keys=KEYS, checkpoint_sinks=()) as agency:
        questions = agency.recovery.questions(JANE_ROE.ssn)
    with lived.opened(new_url, keys=KeyRing((NEW_KEY,)), checkpoint_sinks=()) as agency:
        assert agency.recovery.questions(JANE_ROE.ssn) != questions  # those of somebody who is not there


def test_what_is_sealed_anew_needs_no_version(rewrapped):
    assert not any("version" in row for _, rows in rows_of(rewrapped).values() for row in rows)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (None, "name them"),
        (KEYS, "holds no key 'k2'"),
        (KeyRing((NEW_KEY,)), "which this key ring does not hold"),
        (KeyRing((MasterKey("k1", Secret("3" * 64)), NEW_KEY)), "has the right id but not the right key"),
    ],
    ids=["none", "not the named one", "not the old one", "another old one"],
)
def test_a_ring_that_can_not_do_it_is_refused(lived, tmp_path, keys, message):
    with pytest.raises(ConfigurationError, match=message):
        export_agency(lived.url, tmp_path / "export", keys=keys, rewrap="k2")
    assert list(tmp_path.iterdir()) == []


def test_a_value_that_was_moved_is_not_sealed_anew(whole, tmp_path):
    storage = MemoryStorage()
    import_agency(whole.folder, storage)
    from dcss_core.agency.work.shapes import written_collections

    people = written_collections()["people"]
    with storage.transaction(writes=True) as transaction:
        one, other, _ = transaction.find(people, ("person_id",))
        moved = {name: value for name, value in one.items() if name != "version"} | {"ssn": other["ssn"]}
        transaction.replace(people, moved, expected_version=one["version"])
    with pytest.raises(BackendError, match=r"people/\w+/.* was changed or moved"):
        export_agency(storage, tmp_path / "export", keys=BOTH, rewrap="k2")
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_was_replaced_too_often_is_moved_by_sealing_it_anew(lived, tmp_path, monkeypatch):
    from dcss_core.moving import exporting

    monkeypatch.setattr(exporting, "MOST_VERSION", 2)
    with pytest.raises(ConfigurationError, match="have them sealed anew"):
        export_agency(lived.url, tmp_path / "export")
    export_agency(lived.url, tmp_path / "export", keys=BOTH, rewrap="k1")
