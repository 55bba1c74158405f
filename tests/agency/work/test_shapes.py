"""The shapes that are written down are those of the record classes, so no difference of one is hidden."""

import attrs
import pytest

from dcss_core.agency.work.records import keep
from dcss_core.agency.work.shapes import written_collections
from dcss_core.errors import InvariantError
from dcss_core.memory import MemoryStorage

from .kept import EVERY, SCRIPT


def test_the_file_is_that_of_the_record_classes_as_they_are():
    written = SCRIPT.SHAPES.read_text(encoding="utf-8")
    assert written == SCRIPT.shapes_text(), "run `python docs/shapes.py` and look at what it changed"


def test_what_is_read_from_the_file_is_what_the_classes_declare():
    assert list(written_collections().values()) == [each.collection for each in EVERY]
    assert {"accounts", "agency_identity", "audit_log", "outbox", "postings", "subscriber_positions"} <= set(
        written_collections()
    )


def test_a_storage_is_asked_with_the_very_collections_it_was_prepared_with():
    # Else it compares them field by field at each call.
    assert all(each.collection is written_collections()[each.collection.name] for each in EVERY)


def test_a_class_that_is_not_as_written_is_refused_by_the_storage():
    @attrs.frozen
    class Renamed:
        subscriber: str
        number: int

    declared = keep(Renamed, "subscriber_positions", key="subscriber").collection
    storage = MemoryStorage()
    storage.prepare(tuple(written_collections().values()))
    with (
        pytest.raises(InvariantError, match="in this shape"),
        storage.transaction(writes=True) as transaction,
    ):
        transaction.insert(declared, [{"subscriber": "one", "number": 1}])
