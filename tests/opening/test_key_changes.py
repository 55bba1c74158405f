"""Changes of a key file: added, used, bound, retired; whole or not at all."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from dcss_core import create_key_file, read_key_file
from dcss_core.errors import ConfigurationError
from dcss_core.running import RetiredKey, add_key, bound_key, retire_key, use_key

RETIRED = RetiredKey("k1", bytes(range(32)), 12)


@pytest.fixture
def path(tmp_path):
    create_key_file(tmp_path / "keys.json")
    return tmp_path / "keys.json"


def ids(ring):
    return [key.key_id for key in ring.keys]


def test_a_new_key_is_ready_and_then_used(path):
    assert ids(add_key(path, "k2")) == ["k1", "k2"]
    assert ids(use_key(path, "k2")) == ["k2", "k1"]
    assert ids(read_key_file(path)) == ["k2", "k1"]


def test_the_keys_that_were_there_stay_as_they_were(path):
    before = read_key_file(path).current
    add_key(path, "k2")
    assert use_key(path, "k2").with_id("k1") == before


def test_a_bound_and_a_retired_key_are_read_back(path):
    add_key(path, "k2")
    use_key(path, "k2")
    assert bound_key(path, "k1", signs_nothing_after=9) == read_key_file(path)
    assert read_key_file(path).with_id("k1").signs_nothing_after == 9
    secret = read_key_file(path).with_id("k1").key_hex.reveal()
    assert retire_key(path, RETIRED) == read_key_file(path)
    assert read_key_file(path).retired == (RETIRED,)
    assert secret not in path.read_text()


def test_a_file_has_the_form_that_its_page_shows(path):
    add_key(path, "k2")
    use_key(path, "k2")
    retire_key(path, RETIRED)
    content = json.loads(path.read_text())
    [key] = content.pop("keys")
    assert content == {
        "dcss_core_keys": 1,
        "retired": [{"id": "k1", "public_key": bytes(range(32)).hex(), "signs_nothing_after": 12}],
    }
    assert (key["id"], len(key["key"]), len(key)) == ("k2", 64, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: add_key(path, "k1"), "same id"),
        (lambda path: add_key(path, "K 2"), "a key id is"),
        (lambda path: use_key(path, "k9"), "it holds 'k1'"),
        (lambda path: bound_key(path, "k1", signs_nothing_after=3), "current"),
        (lambda path: retire_key(path, RETIRED), "current"),
        (lambda path: add_key(path, 5), "key_id"),
        (lambda path: retire_key(path, "k1"), "retired"),
    ],
)
def test_a_change_that_can_not_be_made_leaves_the_file_as_it_was(path, change, words):
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=words):
        change(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
def test_a_changed_file_is_for_its_owner_alone_whatever_the_umask(path):
    before = os.umask(0)
    try:
        add_key(path, "k2")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root changes for another")
def test_a_file_that_root_changes_stays_its_owners(path):
    os.chown(path, 12345, 12346)
    add_key(path, "k2")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_goes_on_pointing_at_the_changed_file(path, tmp_path):
    link = tmp_path / "link.json"
    link.symlink_to(path)
    add_key(link, "k2")
    assert link.is_symlink()
    assert ids(read_key_file(path)) == ["k1", "k2"]


def test_a_change_that_was_cut_off_is_said_and_lost_nothing(path):
    before = path.read_bytes()
    (path.parent / "keys.json.new").write_text("half of it")
    with pytest.raises(ConfigurationError, match=r"delete .*keys\.json\.new"):
        add_key(path, "k2")
    assert path.read_bytes() == before


def test_of_many_changes_at_once_none_is_lost(path):
    def add(number):
        while True:
            try:
                return add_key(path, f"n{number}")
            except ConfigurationError:  # being changed by another
                continue

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    assert sorted(ids(read_key_file(path))) == ["k1", *(f"n{number}" for number in range(8))]


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ('"signs_nothing_after": 12', '"signs_nothing_after": "12"'),
        ('"signs_nothing_after": 12', '"signs_nothing_after": true'),
        ('"signs_nothing_after": 12', '"signs_nothing_later": 12'),
        ('"public_key": "00', '"public_key": "zz'),
        ('"public_key": "00', '"public_key": "'),
        ('"retired":', '"retried":'),
        ('"dcss_core_keys": 1', '"dcss_core_keys": 1, "note": "mine"'),
        ('"signs_nothing_after": 12', '"signs_nothing_after": 12, "key": "x"'),
    ],
)
def test_a_file_that_says_something_else_is_no_key_file(path, part, changed):
    add_key(path, "k2")
    use_key(path, "k2")
    retire_key(path, RETIRED)
    text = path.read_text()
    assert part in text
    path.write_text(text.replace(part, changed))
    with pytest.raises(ConfigurationError):
        read_key_file(path)


def test_a_folder_that_takes_nothing_is_said(path, monkeypatch):
    monkeypatch.setattr(
        os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="No space left"):
        add_key(path, "k2")
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]
