"""What was exported and imported is the same agency, in whatever storage it lies."""

import re
from pathlib import Path

import pytest

from dcss_core import open_agency
from dcss_core.memory import MemoryStorage
from dcss_core.moving import export_agency, import_agency, verify_agency
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.testing import FrozenClock

from .lived import KEYS, live, shown, sign_in


class Kept:
    """An in-process plugin: a storage in memory that is open already, as `kept:`."""

    def __init__(self, storage):
        self.storage = storage

    @hookimpl
    def dcss_storage_backends(self):
        return [StorageBackend("kept", "In memory, kept", factory=lambda url: self.storage)]


@pytest.mark.parametrize("place", ["new_url", "postgresql_url"])
@pytest.mark.parametrize("prunes", [False, True], ids=["whole", "pruned"])
def test_an_imported_agency_shows_what_the_exported_one_shows(tmp_path, request, place, prunes):
    new_url = request.getfixturevalue(place)
    lived = live(f"sqlite:///{tmp_path}/agency.db", tmp_path, prunes=prunes)
    export_agency(lived.url, tmp_path / "export")
    import_agency(tmp_path / "export", new_url)
    before = lived.checkpoints.read_bytes()
    with lived.opened(lived.url) as agency:
        expected = shown(agency, lived)
    lived.checkpoints.write_bytes(before)
    with lived.opened(new_url) as agency:
        assert shown(agency, lived) == expected
    assert expected["log"].is_sound
    assert expected["books"].is_sound
    assert expected["log"].pruned == prunes


def test_whoever_has_a_second_factor_signs_in_with_it_after_a_move(lived, whole, new_url):
    import_agency(whole.folder, new_url)
    clock = FrozenClock(lived.now)
    clock.move(seconds=30)
    with lived.opened(new_url, clock=clock, checkpoint_sinks=()) as agency:
        token = sign_in(agency, lived.factor_secret, clock)
        assert agency.sessions.check(token).account_id == agency.sessions.check(lived.token).account_id


@pytest.fixture(params=["memory", "postgresql"])
def between(request):
    """Another storage, to move through."""
    return MemoryStorage() if request.param == "memory" else request.getfixturevalue("postgresql_url")


def test_an_export_comes_out_byte_for_byte_after_a_move_through_another_storage(
    lived, whole, new_url, tmp_path, contents, between
):
    import_agency(whole.folder, between)
    export_agency(between, tmp_path / "from between")
    import_agency(tmp_path / "from between", new_url)
    export_agency(new_url, tmp_path / "again")
    assert contents(tmp_path / "from between") == contents(Path(whole.folder))
    assert contents(tmp_path / "again") == contents(Path(whole.folder))


def test_a_second_import_into_a_server_changes_nothing(whole, postgresql_url, tmp_path, contents):
    assert import_agency(whole.folder, postgresql_url).is_new
    assert not import_agency(whole.folder, postgresql_url).is_new
    export_agency(postgresql_url, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(Path(whole.folder))


def test_an_imported_agency_goes_on_in_another_storage(lived, whole):
    memory = MemoryStorage()
    import_agency(whole.folder, memory)
    with lived.opened("kept:", plugins=[lived.outside, Kept(memory)], checkpoint_sinks=()) as agency:
        assert agency.sessions.check(lived.token)


def test_a_report_says_what_was_moved(lived, whole, new_url):
    imported = import_agency(whole.folder, new_url)
    assert imported == whole
    assert imported.is_new
    assert imported.rows["people"] == 3
    assert imported.all_rows == sum(imported.rows.values())
    assert "people" in imported._repr_html_()
    assert str(imported).startswith(f"US-GA: {imported.all_rows:,} rows")


def test_progress_is_told_to_the_end(lived, tmp_path, new_url):
    told = []
    report = export_agency(lived.url, tmp_path / "export", progress=lambda *step: told.append(step))
    assert told[-1][1:] == (report.all_rows, report.all_rows)
    told.clear()
    import_agency(tmp_path / "export", new_url, progress=lambda *step: told.append(step))
    assert [step[0].split()[0] for step in told if step[1] == report.all_rows][-1] == "reading"
    assert all(done <= of for _, done, of in told)


def test_what_is_sealed_stays_as_it_is(lived, whole):
    envelope = b'"sealed":"AQJrM'  # version 1, an id of two bytes that begins with k
    assert envelope in (Path(whole.folder) / "agency_identity.jsonl").read_bytes()
    plain = [b"jane.roe@example.com", b"900014321", b"worker-1@dcss", lived.token.reveal().encode()]
    for file in Path(whole.folder).iterdir():
        assert [each for each in plain if each in file.read_bytes()] == []


def test_an_export_says_nothing_of_where_it_was_made(lived, whole):
    manifest = (Path(whole.folder) / "manifest.json").read_text(encoding="utf-8")
    assert "sqlite" not in manifest
    assert "agency.db" not in manifest
    assert not re.search(r"\d\d\d\d-\d\d-\d\d", manifest)


def test_verifying_finds_nothing_in_what_was_imported(lived, whole, new_url):
    import_agency(whole.folder, new_url)
    found = verify_agency(
        new_url, keys=KEYS, against=whole.folder, plugins=[lived.outside], clock=FrozenClock(lived.now)
    )
    assert found.is_sound
    assert found.differences == ()
    assert found.log.size == found.books.entries


def test_verifying_names_where_a_database_went_on_after_its_export(lived, whole, new_url):
    import_agency(whole.folder, new_url)
    with lived.opened(new_url, checkpoint_sinks=()) as agency:
        agency.accounts.sign_out(lived.token)
    found = verify_agency(new_url, keys=KEYS, against=whole.folder, clock=FrozenClock(lived.now))
    assert not found.is_sound
    assert found.log.is_sound
    assert "audit_entries" in {each.where for each in found.differences}


def test_a_database_into_which_nothing_was_imported_is_still_anybodys(tmp_path, new_url):
    with open_agency(new_url, jurisdiction="US-GA", keys=KEYS) as agency:
        assert agency.jurisdiction.key == "US-GA"
