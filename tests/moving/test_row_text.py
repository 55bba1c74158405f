"""A row has one line, and a line one row, whatever stands in them."""

import json
from datetime import UTC

from hypothesis import given, strategies as st

from dcss_core.errors import InvalidInputError
from dcss_core.moving.row_text import RowText
from dcss_core.ports.collection import Collection
from dcss_core.ports.field import Field, FieldKind

VALUES = {
    FieldKind.TEXT: st.text(st.characters(exclude_categories=["Cs"])),
    FieldKind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    FieldKind.BOOLEAN: st.booleans(),
    FieldKind.DATE: st.dates(),
    FieldKind.INSTANT: st.datetimes(timezones=st.just(UTC)),
    FieldKind.BYTES: st.binary(),
}
FIELDS = (
    *(Field(kind.value, kind) for kind in FieldKind),
    *(Field(f"no_{kind.value}", kind, optional=True) for kind in FieldKind),
    Field("sealed", FieldKind.BYTES, optional=True),
)
RECORDS = RowText(Collection("records", FIELDS, key="text"), ("sealed",))
LOG = RowText(Collection("log", FIELDS, log=True, stream="text"))


def rows(text):
    given_values = {
        field.name: st.none() | VALUES[field.kind] if field.optional else VALUES[field.kind]
        for field in text.collection.fields
    }
    number = st.integers(1, 1_000_000)
    return st.fixed_dictionaries(given_values | {"seq" if text.collection.log else "version": number})


def read_if_it_is_a_row(line):
    try:
        return RECORDS.read(line)
    except InvalidInputError:
        return None


@given(rows(RECORDS))
def test_a_record_comes_back_with_the_version_that_its_seal_needs(row):
    line = RECORDS.line(row)
    read, version = RECORDS.read(line.encode())
    assert {**read, "version": row["version"]} == row
    assert version == (1 if row["sealed"] is None else row["version"])
    assert [*json.loads(line)] == sorted(json.loads(line))


@given(rows(LOG))
def test_an_entry_comes_back_with_its_number(row):
    assert LOG.read(LOG.line(row).encode()) == (row, 1)


@given(rows(RECORDS), st.data())
def test_a_line_that_was_changed_is_refused_or_is_the_line_of_another_row(row, data):
    line = bytearray(RECORDS.line(row).encode())
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    read = read_if_it_is_a_row(bytes(line))
    assert read is None or RECORDS.line({**read[0], "version": read[1]}).encode() == line


@given(st.binary())
def test_no_bytes_end_in_anything_but_a_row_or_a_refusal(line):
    assert read_if_it_is_a_row(line) is None
