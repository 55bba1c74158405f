"""No secret stands in clear on a disk: in the database, in what SQLite is about to put there, in exports."""

from pathlib import Path

import pytest

from dcss_core.moving import export_agency

from .flows import FLOWS


@pytest.mark.parametrize("name", FLOWS)
def test_no_secret_is_stored_or_exported_in_clear(scene_of, sqlite_url, tmp_path, watch, name):
    scene = scene_of(FLOWS[name], sqlite_url)
    for flow in FLOWS[name].of(scene):
        watch.call(flow)
    database = Path(sqlite_url.removeprefix("sqlite:///"))
    parts = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    assert {"agency.db", "agency.db-wal"} <= parts.keys()
    # what may be read is found
    assert b"user_created" in parts["agency.db-wal"] + parts["agency.db"]
    scene.agency.close()
    parts["closed"] = database.read_bytes()
    watch.see(export_agency(sqlite_url, tmp_path / "export"))
    parts |= {each.name: each.read_bytes() for each in (tmp_path / "export").iterdir()}
    assert {name: found for name, content in parts.items() if (found := watch.stored(content))} == {}
