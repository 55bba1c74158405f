"""Version 1 is written down as its databases hold it, and none of its collections is left out."""

import json

import attrs
import pytest

from dcss_core.command.upgrade.conversion import AsItWas
from dcss_core.command.upgrade.converting import conversions
from dcss_core.command.upgrade.version_1 import AGENCY_IDENTITY, AUDIT_LOG, EVERY_COLLECTION
from dcss_core.moving.every_record import every_record

# Collections that the present version has besides, and what of an old database belongs there.
NEW = {
    "audit_entries": "written from the audit log",
    "audit_queue": "every old entry has its number",
    "book_totals": "written from the postings",
    "charging_runs": "which months a run charged through was not kept",
    "receipt_likenesses": "written from the receipts",
    "remittance_parts": "written from the payment files",
    "import_under_way": "nothing was imported",
    "leases": "nobody is at work on an old database",
    "approvals": "one person did it",
    "contact_points": "nobody could change how they are reached",
    "invitations": "nobody was invited",
    "used_assertions": "nobody outside vouched for anybody",
    "identity_links": "nobody outside vouched for anybody",
    "due_links": "nobody outside vouched for anybody",
    "remitters": "remitters had no accounts",
    "remitter_identifications": "remitters had no accounts",
    "remitter_members": "remitters had no accounts",
    "owed_letters": "letters were written at once",
}


@pytest.fixture
def stored(old):
    """The shapes as the library of version 1 wrote them into its database."""
    return {name: json.loads(shape) for name, shape in old.sql("SELECT collection, shape FROM dcss_schema")}


def test_every_collection_is_written_down_as_it_was_stored(stored):
    written = {}
    for former in EVERY_COLLECTION:
        shape = attrs.asdict(former.collection)
        shape["fields"] = [
            {"name": field.name, "kind": field.kind.value, "optional": field.optional}
            for field in former.collection.fields
        ]
        assert shape.pop("stream") is None
        written[former.name] = json.loads(json.dumps(shape))
    assert written == stored


def test_a_field_that_was_sealed_holds_envelopes_and_no_other_does(old):
    sealed = {(former.name, field) for former in EVERY_COLLECTION for field in former.sealed}
    found = set()
    for former in EVERY_COLLECTION:
        for field in former.collection.fields:
            cells = old.sql(
                f'SELECT DISTINCT "{field.name}" FROM "{former.name}" WHERE "{field.name}" NOT NULL'
            )
            if cells and all(
                isinstance(cell, bytes) and cell[:4] in (b"\x01\x02k1", b"\x01\x05k2") for (cell,) in cells
            ):
                found.add((former.name, field.name))
    never_used = {("second_factors", "begun")}  # nobody was in the middle of setting one up
    assert found == sealed - never_used


def test_every_present_collection_was_one_of_version_1_or_is_known_to_be_new():
    before = {former.name for former in EVERY_COLLECTION}
    assert {records.collection.name for records in every_record()} == before | NEW.keys()


def test_what_is_carried_over_as_it_was_has_the_same_fields_sealed_and_not():
    present = {records.collection.name: records for records in every_record()}
    carried_over = [each for each in conversions(None) if isinstance(each, AsItWas)]
    carried = [each.former for each in carried_over]
    assert len(carried) == 20
    for former in (*carried, AGENCY_IDENTITY):
        records = present[former.name]
        begun = {name for each in carried_over if each.former is former for name in each.begun}
        if former is AGENCY_IDENTITY:
            begun = {"decoys"}  # filled in when the agency is opened
        kept = {field for field in records.collection.fields if field.name not in begun}
        assert kept == set(former.collection.fields)
        sealed = {each.field.name for each in records.columns.values() if each.sealed}
        assert sealed - begun == set(former.sealed)


def test_every_collection_of_version_1_is_converted_once():
    converted = [each.former for each in conversions(None)]
    assert sorted(former.name for former in (*converted, AUDIT_LOG, AGENCY_IDENTITY)) == sorted(
        former.name for former in EVERY_COLLECTION
    )


def test_the_present_version_is_what_an_opened_agency_stores(old, opened, tmp_path):
    path = tmp_path / "new.db"
    opened(f"sqlite:///{path}")
    stored = attrs.evolve(old, path=path).sql("SELECT collection FROM dcss_schema ORDER BY collection")
    assert [name for (name,) in stored] == [records.collection.name for records in every_record()]
