"""Key files: what opens an agency's protected fields."""

import json
import os
import socket
import stat
import traceback

import pytest

from dcss_core import Secret, create_key_file, open_agency, read_key_file
from dcss_core.errors import ConfigurationError

KEY = "a1" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


def content(*keys, version=1):
    return json.dumps({"dcss_core_keys": version, "keys": [{"id": name, "key": key} for name, key in keys]})


def test_a_key_file_is_read_back_as_it_was_made(path):
    ring = create_key_file(path, key_id="k2026")
    assert read_key_file(path) == read_key_file(str(path)) == ring
    assert ring.current.key_id == "k2026"


def test_each_key_file_has_a_key_of_its_own(tmp_path):
    rings = [create_key_file(tmp_path / f"{number}.json") for number in range(3)]
    assert len({ring.current.key_hex.reveal() for ring in rings}) == 3


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_only_the_owner_can_read_a_key_file_whatever_the_umask(path, umask):
    before = os.umask(umask)
    try:
        create_key_file(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_a_key_file_is_never_written_over(path):
    create_key_file(path)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="already"):
        create_key_file(path)
    assert path.read_bytes() == before


def test_a_link_to_nowhere_is_not_followed(path, tmp_path):
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(ConfigurationError, match="already"):
        create_key_file(path)
    assert not (tmp_path / "elsewhere.json").exists()


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match="No such file or directory"):
        create_key_file(tmp_path / "nowhere" / "keys.json")


def test_the_first_key_of_a_file_is_current_and_the_others_still_open(path):
    path.write_text(content(("k2", KEY), ("k1", "b2" * 32)))
    path.chmod(0o600)
    ring = read_key_file(path)
    assert ring.current.key_id == "k2"
    assert ring.with_id("k1").key_hex == Secret("b2" * 32)


@pytest.mark.parametrize(
    ("written", "doubled"),
    [
        ('"keys"', '"keys": [], "keys"'),
        ('"id"', '"id": "k0", "id"'),
        ('"key":', '"key": "x", "key":'),
        ('"dcss_core_keys"', '"dcss_core_keys": 2, "dcss_core_keys"'),
    ],
)
def test_a_key_file_that_says_something_twice_is_none(path, written, doubled):
    assert written in content(("k1", KEY))
    path.write_text(content(("k1", KEY)).replace(written, doubled))
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="does not hold the text of a key file") as refusal:
        read_key_file(path)
    assert KEY not in str(refusal.value)


def test_a_missing_key_file_says_how_to_make_one(path):
    with pytest.raises(ConfigurationError, match=r"there is no key file at .*create_key_file"):
        open_agency("memory:", jurisdiction="US-GA", keys=path)


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
@pytest.mark.parametrize("mode", [0o666, 0o644, 0o622, 0o640, 0o620, 0o604, 0o602])
def test_a_key_file_that_others_can_read_or_write_is_refused(path, mode):
    create_key_file(path)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600") as caught:
        open_agency("memory:", jurisdiction="US-GA", keys=path)
    assert str(path) in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_key_file_for_its_owner_alone_is_read(path, mode):
    ring = create_key_file(path)
    path.chmod(mode)
    assert read_key_file(path) == ring


@pytest.mark.skipif(os.name == "nt", reason="a socket stands for a file that can't be read")
def test_what_can_not_be_read_is_no_key_file(path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        with pytest.raises(ConfigurationError, match="can't be read"):
            read_key_file(path)


def test_a_key_file_is_not_made_in_place_of_a_folder(tmp_path):
    with pytest.raises(ConfigurationError, match="is a folder"):
        create_key_file(tmp_path)


def test_a_folder_is_no_key_file(tmp_path):
    with pytest.raises(ConfigurationError, match="is a folder"):
        read_key_file(tmp_path)


BAD = {
    "empty": "",
    "not JSON": f"key={KEY}",
    "bytes": b"\xff\xfe" + KEY.encode(),
    "a list": f'["{KEY}"]',
    "a text": f'"{KEY}"',
    "another version": content(("k1", KEY), version=2),
    "no version": f'{{"keys": [{{"id": "k1", "key": "{KEY}"}}]}}',
    "no keys": '{"dcss_core_keys": 1}',
    "keys as a mapping": f'{{"dcss_core_keys": 1, "keys": {{"k1": "{KEY}"}}}}',
    "a key without id": f'{{"dcss_core_keys": 1, "keys": [{{"key": "{KEY}"}}]}}',
    "an id that is a number": f'{{"dcss_core_keys": 1, "keys": [{{"id": 1, "key": "{KEY}"}}]}}',
    "a key that is a number": '{"dcss_core_keys": 1, "keys": [{"id": "k1", "key": 5}]}',
    "nested brackets": "[" * 100_000 + KEY,
    "an empty ring": content(),
    "two keys of one id": content(("k1", KEY), ("k1", "b2" * 32)),
    "a bad id": content(("k1", KEY), ("K 2", KEY)),
    "a short key": content(("k1", KEY), ("k2", KEY[:-2])),
    "a key of other letters": content(("k1", KEY), ("k2", KEY.upper())),
}


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_key_file_is_one_clear_error_that_shows_no_key(path, name):
    bad = BAD[name]
    path.write_bytes(bad if isinstance(bad, bytes) else bad.encode())
    path.chmod(0o600)
    with pytest.raises(ConfigurationError) as caught:
        read_key_file(path)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    own = [frame for frame in shown.stack if "dcss_core" in frame.filename]
    text = f"{caught.value!r} {[frame.locals for frame in own]}"
    assert own
    for key in (KEY[:-2], KEY.upper()[:-2]):
        assert key not in text
