"""Version 2 is written down as its databases hold it, and none of its collections is left out."""

import json
from pathlib import Path

import attrs
import pytest

from dcss_core.command.upgrade.conversion import AsItWas
from dcss_core.command.upgrade.former_version import FORMER_VERSIONS
from dcss_core.moving.every_record import every_record

from ..conftest import MADE_BY_2, unpacked

VERSION = FORMER_VERSIONS[1]
FORMER = {former.name: former for former in VERSION.collections}


@pytest.fixture
def old(tmp_path: Path):
    return unpacked(tmp_path, MADE_BY_2)


def test_every_collection_is_written_down_as_it_was_stored(old):
    stored = {name: json.loads(shape) for name, shape in old.sql("SELECT collection, shape FROM dcss_schema")}
    written = {}
    for former in VERSION.collections:
        shape = attrs.asdict(former.collection)
        shape["fields"] = [
            {"name": field.name, "kind": field.kind.value, "optional": field.optional}
            for field in former.collection.fields
        ]
        if shape["stream"] is None:
            del shape["stream"]
        written[former.name] = json.loads(json.dumps(shape))
    assert written == {
        name: {key: value for key, value in shape.items() if (key, value) != ("stream", None)}
        for name, shape in stored.items()
    }


def test_a_field_that_was_sealed_holds_envelopes_and_no_other_does(old):
    sealed = {(former.name, field) for former in VERSION.collections for field in former.sealed}
    [key_id] = [each["id"].encode() for each in json.loads(old.keys.read_text())["keys"]]
    envelope = b"\x01" + bytes([len(key_id)]) + key_id
    found = set()
    for former in VERSION.collections:
        for field in former.collection.fields:
            cells = old.sql(
                f'SELECT DISTINCT "{field.name}" FROM "{former.name}" WHERE "{field.name}" NOT NULL'
            )
            if cells and all(isinstance(cell, bytes) and cell.startswith(envelope) for (cell,) in cells):
                found.add((former.name, field.name))
    never_used = {("second_factors", "begun"), ("second_factors", "in_force")}  # nobody had one
    assert found == sealed - never_used


def test_every_collection_is_converted_once():
    converted = [each.former for each in (*VERSION.of_log(None), *VERSION.conversions_but_of_log(None))] + [
        VERSION.identity
    ]
    assert sorted(former.name for former in converted) == sorted(FORMER)


def test_what_is_carried_over_as_it_was_has_the_same_shape_sealed_and_not():
    present = {records.collection.name: records for records in every_record()}
    carried = [each.former for each in VERSION.conversions_but_of_log(None) if isinstance(each, AsItWas)]
    assert present.keys() - {former.name for former in carried} == {
        "agency_identity",
        "audit_entries",
        "audit_log",
        "leases",
        "outbox",
    }
    for former in carried:
        records = present[former.name]
        assert records.collection == former.collection
        sealed = {each.field.name for each in records.columns.values() if each.sealed}
        assert sealed == set(former.sealed)
